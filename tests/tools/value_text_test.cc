#include "tools/value_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "format/coding/value_bits.h"
#include "tests/random_source.h"

namespace varve::tools {
namespace {

std::string Print(double value) {
  std::string text;
  AppendValue(value, &text);
  return text;
}

std::string PrintJson(double value) {
  std::string text;
  AppendJsonValue(value, &text);
  return text;
}

// The bits that `text` reads as; 0x1234 when it does not.
uint64_t Read(const std::string& text) {
  double value;
  return ParseValue(text, &value) ? BitsOf(value) : 0x1234;
}

TEST(ValueText, PrintsTheShortestDigits) {
  EXPECT_EQ(Print(0), "0");
  EXPECT_EQ(Print(-0.0), "-0");
  EXPECT_EQ(Print(0.1), "0.1");
  EXPECT_EQ(Print(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(Print(5e-324), "5e-324");
  EXPECT_EQ(Print(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(Print(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(Print(ValueOf(0x7ff0000000000002)), "nan:0x7ff0000000000002");
}

TEST(ValueText, PrintsJsonThatOtherReadersKeep) {
  EXPECT_EQ(PrintJson(1.5), "1.5");
  EXPECT_EQ(PrintJson(-0.0), "-0.0");
  EXPECT_EQ(PrintJson(std::numeric_limits<double>::infinity()), "\"Infinity\"");
  EXPECT_EQ(PrintJson(ValueOf(kPlainNanBits)), "null");
  EXPECT_EQ(PrintJson(ValueOf(0xfff8000000000000)),
            "\"nan:0xfff8000000000000\"");
}

TEST(ValueText, PrintsBareWhatJsonHasNoNumberFor) {
  const auto print = [](double value) {
    std::string text;
    AppendBareValue(value, &text);
    return text;
  };
  EXPECT_EQ(print(1.5), "1.5");
  EXPECT_EQ(print(-0.0), "-0.0");
  EXPECT_EQ(print(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(print(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(print(ValueOf(kPlainNanBits)), "NaN");
  EXPECT_EQ(print(ValueOf(0x7ff0000000000002)), "NaN");
}

TEST(ValueText, ReadsBackEveryKindOfFloatBitForBit) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  for (int i = 0; i < 100000; ++i) {
    const uint64_t bits = i % 2 == 0 ? random.ValueBits() : random.Bits();
    ASSERT_EQ(Read(Print(ValueOf(bits))), bits) << std::hex << bits;
  }
}

TEST(ValueText, ReadsWhatOthersPrint) {
  EXPECT_EQ(Read("+1.5"), BitsOf(1.5));
  EXPECT_EQ(Read("1E3"), BitsOf(1000));
  EXPECT_EQ(Read("NaN"), kPlainNanBits);
  EXPECT_EQ(Read("-nan"), kPlainNanBits);
  EXPECT_EQ(Read("+Inf"), BitsOf(std::numeric_limits<double>::infinity()));
  EXPECT_EQ(Read("-Infinity"),
            BitsOf(-std::numeric_limits<double>::infinity()));
}

// A number below the smallest float64 was refused as none, while Go, Python,
// VictoriaMetrics and Prometheus round it to 0, as they round any other.
TEST(ValueText, WhatRoundsToZeroIsTheZeroOfItsSign) {
  const std::string zeros(400, '0');
  for (const std::string& tiny : std::vector<std::string>{
           "1e-400", "1e-999", "2e-324", "2.47e-324", "123.456e-400",
           "0.000001e-320", "." + zeros + "1", "0." + zeros + "1",
           "1" + zeros + "e-800", "1e-9223372036854775807",
           "1e-99999999999999999999999"}) {
    EXPECT_EQ(Read(tiny), BitsOf(0.0)) << tiny;
    EXPECT_EQ(Read("+" + tiny), BitsOf(0.0)) << tiny;
    EXPECT_EQ(Read("-" + tiny), BitsOf(-0.0)) << tiny;
  }
  EXPECT_EQ(Read("2.5e-324"), BitsOf(5e-324));
  EXPECT_EQ(Read("-4.9e-324"), BitsOf(-5e-324));
  EXPECT_EQ(Read("0e999"), BitsOf(0.0));
  EXPECT_EQ(Read("-0e-99999999999999999999999"), BitsOf(-0.0));
}

// Infinity is not what was written.
TEST(ValueText, WhatIsBeyondFloat64IsRefusedAndTheMessageSaysSo) {
  const std::string zeros(400, '0');
  for (const std::string& huge : std::vector<std::string>{
           "1e999", "1e+999", "1.7976931348623159e308", "1" + zeros,
           "." + zeros + "1e800", "0.001e400", "1e9223372036854775807",
           "1e99999999999999999999999"}) {
    EXPECT_EQ(Read(huge), 0x1234u) << huge;
    EXPECT_EQ(Read("-" + huge), 0x1234u) << huge;
    EXPECT_NE(ValueFault("-" + huge).find(" is beyond what float64 holds"),
              std::string::npos)
        << ValueFault("-" + huge);
  }
  EXPECT_EQ(Read("1.7976931348623157e308"),
            BitsOf(std::numeric_limits<double>::max()));
}

// Random decimals around both ends, told by their exponent alone.
TEST(ValueText, EveryDecimalIsANumberUnlessItIsBeyondFloat64) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  size_t zeros = 0, numbers = 0, beyond = 0;
  for (int i = 0; i < 20000; ++i) {
    // d.ddd scaled by 10^shift, written with the point somewhere else.
    std::string digits(1, static_cast<char>('1' + random.Below(9)));
    for (uint64_t n = random.Below(30); n > 0; --n) {
      digits += static_cast<char>('0' + random.Below(10));
    }
    const int64_t power = random.Between(-700, 700);
    const int64_t zeros_before = random.Between(0, 500);
    const bool below_one = random.OneIn(2);
    const std::string pad(static_cast<size_t>(zeros_before), '0');
    // 0.00ddd is d.dd / 10^(zeros + 1); ddd000 is d.dd * 10^(n - 1 + zeros).
    const int64_t shift =
        below_one ? zeros_before + 1
                  : -(static_cast<int64_t>(digits.size()) - 1 + zeros_before);
    const std::string text =
        (below_one ? "0." + pad + digits : digits + pad + ".") +
        (random.OneIn(2) ? "e" : "E") + std::to_string(power + shift);
    double value;
    const bool read = ParseValue(text, &value);
    if (power > 308) {
      ASSERT_FALSE(read) << text;
      ++beyond;
    } else if (power < 308) {
      ASSERT_TRUE(read) << text;
      ASSERT_FALSE(std::signbit(value)) << text;
      if (power < -324) {
        ASSERT_EQ(value, 0) << text;
      }
      if (power > -323) {
        ASSERT_GT(value, 0) << text;
      }
      ++(value == 0 ? zeros : numbers);
    }
  }
  printf("%zu zeros, %zu numbers, %zu beyond float64\n", zeros, numbers,
         beyond);
  EXPECT_GT(zeros, 1000u);
  EXPECT_GT(numbers, 1000u);
  EXPECT_GT(beyond, 1000u);
}

TEST(ValueText, RefusesAllElse) {
  const std::vector<std::string> bad = {
      "",      " 1",        "1 ",       "1,5",     "0x10",
      "1e999", "+-1",       "++1",      "e5",      ".",
      "nan:",  "nan:0x1",   "nan(1)",   "1.5abc",  "nan:0x3ff0000000000000",
      "in",    "infinityx", "true",     "0x1p-3",  "1_000",
      "1e",    "--1",       "1.5D3",    "1.#INF",  "-",
      "+",     "inf ",      "nan(ind)", "\xd9\xa1"};
  for (const std::string& text : bad) EXPECT_EQ(Read(text), 0x1234u) << text;
}

// A value of a hostile file writes neither to a terminal nor a message of its
// own length.
TEST(ValueText, SaysWhatIsWrong) {
  EXPECT_EQ(ValueFault("one"), "value 'one' is not a number");
  EXPECT_EQ(ValueFault(""), "a value is missing");
  EXPECT_EQ(ValueFault(" 1"), "value ' 1' has blanks around it");
  EXPECT_EQ(ValueFault("nan:0x1"),
            "value 'nan:0x1' is not a NaN's 16 hexadecimal digits");
  EXPECT_EQ(ValueFault("\x1b[2J\xff"), "value '\\x1b[2J\\xff' is not a number");
  EXPECT_EQ(ValueFault(std::string(1000, 'x')),
            "value '" + std::string(40, 'x') + "...' is not a number");
  EXPECT_EQ(IntegerTimeFault("1e3"),
            "timestamp '1e3' is not an integer (milliseconds)");
  EXPECT_EQ(IntegerTimeFault(""), "a timestamp is missing");
}

TEST(ValueText, IntegersAreWhole) {
  int64_t value;
  EXPECT_TRUE(ParseInteger("-9223372036854775808", &value));
  EXPECT_EQ(value, std::numeric_limits<int64_t>::min());
  for (const char* const text :
       {"", "1.0", "1e3", " 1", "9223372036854775808", "+1", "0x1"}) {
    EXPECT_FALSE(ParseInteger(text, &value)) << text;
  }
}

}  // namespace
}  // namespace varve::tools
