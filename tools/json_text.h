// JSON for scripts, written piece by piece: commas and quoting by themselves,
// one document on one line. A text that is not UTF-8 goes out with its other
// bytes as \ufffd.
#pragma once

#include <gflags/gflags_declare.h>

#include <cstdint>
#include <string>
#include <string_view>

// Of every command that a script would read.
DECLARE_bool(json);

namespace varve::tools {

// Appends `text`, which is UTF-8, as a JSON string.
void AppendJsonText(std::string_view text, std::string* out);

class JsonText {
 public:
  // `key` is for a member of an object; without one, an element of a list or
  // the document itself.
  void BeginObject(const char* key = nullptr) { Begin(key, '{'); }
  void EndObject() { End('}'); }
  void BeginList(const char* key = nullptr) { Begin(key, '['); }
  void EndList() { End(']'); }

  void Text(const char* key, std::string_view value);
  void Number(const char* key, uint64_t value);
  void Signed(const char* key, int64_t value);
  void Real(const char* key, double value);  // null when it is not finite
  void Bool(const char* key, bool value);

  // The document and a line end.
  std::string Finish() { return text_ + "\n"; }

 private:
  void Begin(const char* key, char open);
  void End(char close);
  void Key(const char* key);

  std::string text_;
};

}  // namespace varve::tools
