#include "tools/json_text.h"

#include <gflags/gflags.h>
#include <simdjson.h>

#include <charconv>
#include <cmath>

DEFINE_bool(json, false, "Print JSON for scripts: one document on one line");

namespace varve::tools {
namespace {

std::string Utf8(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) {
    return std::string(text);
  }
  std::string result;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) {
      result += c;
    } else {
      result += "\xEF\xBF\xBD";
    }
  }
  return result;
}

}  // namespace

void AppendJsonText(std::string_view text, std::string* out) {
  static const char kHex[] = "0123456789abcdef";
  out->push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      out->append("\\u00");
      out->push_back(kHex[byte >> 4]);
      out->push_back(kHex[byte & 15]);
      continue;
    }
    if (c == '"' || c == '\\') out->push_back('\\');
    out->push_back(c);
  }
  out->push_back('"');
}

void JsonText::Key(const char* key) {
  if (!text_.empty() && text_.back() != '{' && text_.back() != '[') {
    text_ += ',';
  }
  if (key == nullptr) return;
  AppendJsonText(key, &text_);
  text_ += ':';
}

void JsonText::Begin(const char* key, char open) {
  Key(key);
  text_ += open;
}

void JsonText::End(char close) { text_ += close; }

void JsonText::Text(const char* key, std::string_view value) {
  Key(key);
  AppendJsonText(Utf8(value), &text_);
}

void JsonText::Number(const char* key, uint64_t value) {
  Key(key);
  text_ += std::to_string(value);
}

void JsonText::Signed(const char* key, int64_t value) {
  Key(key);
  text_ += std::to_string(value);
}

void JsonText::Real(const char* key, double value) {
  Key(key);
  if (!std::isfinite(value)) {
    text_ += "null";
    return;
  }
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  text_.append(digits, end);
}

void JsonText::Bool(const char* key, bool value) {
  Key(key);
  text_ += value ? "true" : "false";
}

}  // namespace varve::tools
