// Records of a CSV text (RFC 4180): fields split by commas; a field in
// quotation marks may hold commas, line ends and doubled quotation marks;
// lines end with LF or CRLF. Empty lines are skipped.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/input_text.h"

namespace varve::tools {

class CsvReader {
 public:
  enum class Result { kRecord, kBad, kEnd };

  // `text` must outlive the reader.
  explicit CsvReader(InputText* text) : text_(text) {}

  // Reads the next record. After kBad the next call goes on with the line
  // after the one that the record started in. kEnd is also the answer to an
  // error of the text: see its status().
  Result Next();

  // Of the last record.
  const std::vector<std::string>& fields() const { return fields_; }

  // What is wrong with it, after kBad.
  const std::string& error() const { return error_; }

  // The line that it starts in.
  uint64_t line() const { return line_; }

 private:
  // The byte at `i` of the window, reading on as needed; kNoByte at the end.
  int Peek(size_t i);
  bool ScanField(size_t* i);
  bool ScanQuoted(size_t* i, std::string* field);
  bool AtLineEnd(size_t i, size_t* line_end_bytes);
  Result SkipLine();

  InputText* const text_;
  std::vector<std::string> fields_;
  size_t field_count_ = 0;
  std::string error_;
  uint64_t line_ = 0;
};

// Appends `field` as RFC 4180 wants it: quoted when it has to be.
void AppendCsvField(const std::string& field, std::string* text);

}  // namespace varve::tools
