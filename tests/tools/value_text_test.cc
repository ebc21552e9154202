#include "tools/value_text.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "tests/random_source.h"

namespace varve::tools {
namespace {

double FromBits(uint64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

uint64_t BitsOf(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

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
  EXPECT_EQ(Print(FromBits(0x7ff0000000000002)), "nan:0x7ff0000000000002");
}

TEST(ValueText, PrintsJsonThatOtherReadersKeep) {
  EXPECT_EQ(PrintJson(1.5), "1.5");
  EXPECT_EQ(PrintJson(-0.0), "-0.0");
  EXPECT_EQ(PrintJson(std::numeric_limits<double>::infinity()), "\"Infinity\"");
  EXPECT_EQ(PrintJson(FromBits(kPlainNanBits)), "null");
  EXPECT_EQ(PrintJson(FromBits(0xfff8000000000000)),
            "\"nan:0xfff8000000000000\"");
}

TEST(ValueText, ReadsBackEveryKindOfFloatBitForBit) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  for (int i = 0; i < 100000; ++i) {
    const uint64_t bits = i % 2 == 0 ? random.ValueBits() : random.Bits();
    ASSERT_EQ(Read(Print(FromBits(bits))), bits) << std::hex << bits;
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

TEST(ValueText, RefusesAllElse) {
  const std::vector<std::string> bad = {
      "",      " 1",        "1 ",     "1,5",    "0x10",
      "1e999", "+-1",       "++1",    "e5",     ".",
      "nan:",  "nan:0x1",   "nan(1)", "1.5abc", "nan:0x3ff0000000000000",
      "in",    "infinityx", "true",   "1e-999"};
  for (const std::string& text : bad) EXPECT_EQ(Read(text), 0x1234u) << text;
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
