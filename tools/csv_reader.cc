#include "tools/csv_reader.h"

namespace varve::tools {
namespace {

constexpr int kNoByte = -1;

// Far above any series and value; below it a forgotten quotation mark is
// found out soon.
constexpr size_t kRecordBytesMax = 1 << 20;

bool MayEndField(char c) {
  return c == ',' || c == '\n' || c == '\r' || c == '"';
}

}  // namespace

int CsvReader::Peek(size_t i) {
  while (i >= text_->window().size()) {
    if (!text_->More()) return kNoByte;
  }
  return static_cast<unsigned char>(text_->window()[i]);
}

// At the end of a line or of the text; how many bytes the line end has.
bool CsvReader::AtLineEnd(size_t i, size_t* line_end_bytes) {
  const int c = Peek(i);
  if (c == kNoByte || c == '\n') {
    *line_end_bytes = c == '\n' ? 1 : 0;
    return true;
  }
  *line_end_bytes = 2;
  return c == '\r' && Peek(i + 1) == '\n';
}

// `*i` is behind the opening quotation mark, and then behind the closing one.
bool CsvReader::ScanQuoted(size_t* i, std::string* field) {
  for (;; ++*i) {
    const int c = Peek(*i);
    if (c == kNoByte || *i > kRecordBytesMax) {
      error_ = "a field in quotation marks is not closed";
      return false;
    }
    if (c == '"') {
      ++*i;
      if (Peek(*i) != '"') return true;
    }
    field->push_back(static_cast<char>(c));
  }
}

bool CsvReader::ScanField(size_t* i) {
  if (field_count_ == fields_.size()) fields_.emplace_back();
  std::string* const field = &fields_[field_count_++];
  field->clear();
  size_t line_end_bytes;
  if (Peek(*i) == '"') {
    ++*i;
    if (!ScanQuoted(i, field)) return false;
    if (Peek(*i) == ',' || AtLineEnd(*i, &line_end_bytes)) return true;
    error_ = "text behind a closing quotation mark";
    return false;
  }
  for (;;) {
    const std::string_view window = text_->window();
    size_t end = *i;
    while (end < window.size() && !MayEndField(window[end])) ++end;
    field->append(window.substr(*i, end - *i));
    *i = end;
    if (*i > kRecordBytesMax) {
      error_ = "longer than 1 MiB";
      return false;
    }
    const int c = Peek(*i);
    if (c == ',' || AtLineEnd(*i, &line_end_bytes)) return true;
    if (c == '"') {
      error_ = "a quotation mark within a field that is not quoted";
      return false;
    }
    if (c == '\r') {  // not before a line feed
      field->push_back('\r');
      ++*i;
    }
  }
}

CsvReader::Result CsvReader::SkipLine() {
  size_t i = 0;
  while (Peek(i) != kNoByte && Peek(i) != '\n') {
    if (++i < kRecordBytesMax) continue;
    text_->Consume(i);
    i = 0;
  }
  text_->Consume(Peek(i) == '\n' ? i + 1 : i);
  fields_.clear();
  return Result::kBad;
}

CsvReader::Result CsvReader::Next() {
  size_t line_end_bytes = 0;
  while (AtLineEnd(0, &line_end_bytes)) {
    if (line_end_bytes == 0) return Result::kEnd;
    text_->Consume(line_end_bytes);
  }
  line_ = text_->line();
  field_count_ = 0;
  for (size_t i = 0;; ++i) {
    if (!ScanField(&i)) {
      return text_->status().ok() ? SkipLine() : Result::kEnd;
    }
    if (Peek(i) == ',') continue;
    if (!AtLineEnd(i, &line_end_bytes) || !text_->status().ok()) {
      return Result::kEnd;
    }
    fields_.resize(field_count_);
    text_->Consume(i + line_end_bytes);
    return Result::kRecord;
  }
}

void AppendCsvField(const std::string& field, std::string* text) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) {
    text->append(field);
    return;
  }
  text->push_back('"');
  for (const char c : field) {
    if (c == '"') text->push_back('"');
    text->push_back(c);
  }
  text->push_back('"');
}

}  // namespace varve::tools
