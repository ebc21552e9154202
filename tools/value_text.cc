#include "tools/value_text.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace varve::tools {
namespace {

constexpr std::string_view kNanBitsPrefix = "nan:0x";

uint64_t BitsOf(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

double FromBits(uint64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

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
  *value = FromBits(bits);
  return std::isnan(*value);
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

void AppendExpositionValue(double value, std::string* text) {
  if (std::isinf(value)) {
    text->append(value < 0 ? "-Inf" : "+Inf");
  } else if (std::isnan(value) && BitsOf(value) == kPlainNanBits) {
    text->append("NaN");
  } else {
    AppendValue(value, text);
  }
}

double PlainNan() { return FromBits(kPlainNanBits); }

bool ParseValue(std::string_view text, double* value) {
  if (text.substr(0, kNanBitsPrefix.size()) == kNanBitsPrefix) {
    return ParseNanBits(text.substr(kNanBitsPrefix.size()), value);
  }
  if (!text.empty() && text[0] == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text[0] == '-') return false;
  }
  // from_chars knows "nan(...)" as well.
  if (text.find('(') != std::string_view::npos) return false;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, *value);
  if (read.ec != std::errc() || read.ptr != end) return false;
  if (std::isnan(*value)) *value = FromBits(kPlainNanBits);
  return true;
}

bool ParseInteger(std::string_view text, int64_t* value) {
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, *value);
  return read.ec == std::errc() && read.ptr == end;
}

}  // namespace varve::tools
