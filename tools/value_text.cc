#include "tools/value_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "format/coding/value_bits.h"
#include "tools/quoted_input.h"

namespace varve::tools {
namespace {

constexpr std::string_view kNanBitsPrefix = "nan:0x";

void AppendFinite(double value, std::string* text) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  text->append(digits, end);
}

void AppendNanBits(double value, std::string* text) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx",
                static_cast<unsigned long long>(BitsOf(value)));
  text->append(kNanBitsPrefix).append(digits);
}

// What follows "nan:0x".
bool ParseNanBits(std::string_view digits, double* value) {
  uint64_t bits = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, bits, 16);
  if (digits.size() != 16 || read.ec != std::errc() || read.ptr != end) {
    return false;
  }
  *value = ValueOf(bits);
  return std::isnan(*value);
}

enum class Read { kNumber, kBeyond, kNone };

// Of a decimal number other than zero that is farther from 1 than float64
// reaches, to either side: whether it is the small one. Its first digit that
// is not 0 stands for 10 to the power of `place`.
bool IsTiny(std::string_view digits) {
  const size_t mark = std::min(digits.find_first_of("eE"), digits.size());
  const std::string_view mantissa = digits.substr(0, mark);
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  const size_t first =
      std::min(mantissa.find_first_of("123456789"), mantissa.size());
  auto place = static_cast<int64_t>(point) - static_cast<int64_t>(first);
  std::string_view exponent = digits.substr(std::min(mark + 1, digits.size()));
  if (!exponent.empty() && exponent[0] == '+') exponent.remove_prefix(1);
  int64_t power = 0;
  const auto read = std::from_chars(exponent.data(),
                                    exponent.data() + exponent.size(), power);
  // An exponent of more digits than that outweighs any mantissa.
  if (read.ec == std::errc::result_out_of_range) return exponent[0] == '-';
  constexpr int64_t kPowerMax = int64_t{1} << 60;
  place += std::clamp(power, -kPowerMax, kPowerMax);
  return place < 0;
}

// A sign, then a decimal number, inf, infinity or nan.
Read ReadNumber(std::string_view text, double* value) {
  const bool signed_text = !text.empty() && (text[0] == '+' || text[0] == '-');
  const bool negative = signed_text && text[0] == '-';
  if (signed_text) text.remove_prefix(1);
  // from_chars takes a minus sign of its own, and "nan(...)" as well.
  if (!text.empty() && text[0] == '-') return Read::kNone;
  if (text.find('(') != std::string_view::npos) return Read::kNone;
  const char* const end = text.data() + text.size();
  double number = 0;
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ptr != end) return Read::kNone;
  if (read.ec == std::errc::result_out_of_range) {
    if (!IsTiny(text)) return Read::kBeyond;
    number = 0;
  } else if (read.ec != std::errc()) {
    return Read::kNone;
  }
  *value = std::isnan(number) ? ValueOf(kPlainNanBits)
           : negative         ? -number
                              : number;
  return Read::kNumber;
}

bool HasBlanksAround(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  return !text.empty() && (kBlanks.find(text.front()) != kBlanks.npos ||
                           kBlanks.find(text.back()) != kBlanks.npos);
}

}  // namespace

void AppendValue(double value, std::string* text) {
  if (std::isnan(value)) {
    AppendNanBits(value, text);
  } else if (std::isinf(value)) {
    text->append(value < 0 ? "-inf" : "inf");
  } else {
    AppendFinite(value, text);
  }
}

void AppendJsonValue(double value, std::string* text) {
  if (std::isnan(value)) {
    if (BitsOf(value) == kPlainNanBits) {
      text->append("null");
      return;
    }
    text->push_back('"');
    AppendNanBits(value, text);
    text->push_back('"');
  } else if (std::isinf(value)) {
    text->append(value < 0 ? "\"-Infinity\"" : "\"Infinity\"");
  } else if (value == 0 && std::signbit(value)) {
    text->append("-0.0");  // many readers take -0 for an integer
  } else {
    AppendFinite(value, text);
  }
}

void AppendBareValue(double value, std::string* text) {
  if (std::isnan(value)) {
    text->append("NaN");
  } else if (std::isinf(value)) {
    text->append(value < 0 ? "-Inf" : "+Inf");
  } else {
    AppendJsonValue(value, text);
  }
}

void AppendExpositionValue(double value, std::string* text) {
  if (std::isinf(value)) {
    text->append(value < 0 ? "-Inf" : "+Inf");
  } else if (std::isnan(value) && BitsOf(value) == kPlainNanBits) {
    text->append("NaN");
  } else {
    AppendValue(value, text);
  }
}

double PlainNan() { return ValueOf(kPlainNanBits); }

bool ParseValue(std::string_view text, double* value) {
  if (text.substr(0, kNanBitsPrefix.size()) == kNanBitsPrefix) {
    return ParseNanBits(text.substr(kNanBitsPrefix.size()), value);
  }
  return ReadNumber(text, value) == Read::kNumber;
}

std::string ValueFault(std::string_view text) {
  if (text.empty()) return "a value is missing";
  const std::string subject = "value " + Quoted(text);
  double value;
  if (text.substr(0, kNanBitsPrefix.size()) == kNanBitsPrefix) {
    return subject + " is not a NaN's 16 hexadecimal digits";
  }
  if (ReadNumber(text, &value) == Read::kBeyond) {
    return subject + " is beyond what float64 holds (about 1.8e308)";
  }
  return subject +
         (HasBlanksAround(text) ? " has blanks around it" : " is not a number");
}

bool ParseInteger(std::string_view text, int64_t* value) {
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, *value);
  return read.ec == std::errc() && read.ptr == end;
}

std::string IntegerTimeFault(std::string_view text) {
  if (text.empty()) return "a timestamp is missing";
  return "timestamp " + Quoted(text) + " is not an integer (milliseconds)";
}

}  // namespace varve::tools
