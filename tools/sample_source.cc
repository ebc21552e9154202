#include "tools/sample_source.h"

#include <utility>

#include "tools/value_text.h"

namespace varve::tools {
namespace {

constexpr size_t kLineBytesMax = 256 << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string Quoted(const std::string& text) {
  constexpr size_t kShownBytes = 40;
  return "'" + text.substr(0, kShownBytes) +
         (text.size() > kShownBytes ? "...'" : "'");
}

}  // namespace

SampleSource::SampleSource(std::unique_ptr<InputText> text)
    : text_(std::move(text)), csv_(text_.get()) {}

Status SampleSource::Open(const std::string& path,
                          std::unique_ptr<SampleSource>* source) {
  std::unique_ptr<InputText> text;
  const Status status = InputText::Open(path, &text);
  if (!status.ok()) return status;
  source->reset(new SampleSource(std::move(text)));
  return (*source)->FindFormat();
}

Status SampleSource::FindFormat() {
  while (text_->window().size() < kByteOrderMark.size() && text_->More()) {
  }
  if (text_->window().substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text_->Consume(kByteOrderMark.size());
  }
  for (;;) {
    if (text_->window().empty() && !text_->More()) return text_->status();
    const char c = text_->window()[0];
    is_json_ = c == '{';
    if (c != '\n' && c != '\r' && c != ' ') break;
    text_->Consume(1);
  }
  if (is_json_) return Status::OK();
  const std::vector<std::string> header = {"series", "timestamp_ms", "value"};
  const CsvReader::Result result = csv_.Next();
  if (!text_->status().ok()) return text_->status();
  if (result == CsvReader::Result::kRecord && csv_.fields() == header) {
    return Status::OK();
  }
  return Status::InvalidArgument(
      text_->name() + ":" + std::to_string(csv_.line()),
      std::string("neither CSV with the header ") + kCsvHeader +
          " nor lines of JSON");
}

std::string SampleSource::Where() const {
  return text_->name() + ":" + std::to_string(line_);
}

const Status& SampleSource::status() const {
  return status_.ok() ? text_->status() : status_;
}

SampleSource::Result SampleSource::Bad(const std::string& error) {
  error_ = error;
  return Result::kBadLine;
}

SampleSource::Result SampleSource::Next() {
  samples_.clear();
  return is_json_ ? NextLine() : NextRecord();
}

SampleSource::Result SampleSource::NextRecord() {
  const CsvReader::Result result = csv_.Next();
  if (result == CsvReader::Result::kEnd) return Result::kEnd;
  line_ = csv_.line();
  if (result == CsvReader::Result::kBad) return Bad(csv_.error());
  const std::vector<std::string>& fields = csv_.fields();
  if (fields.size() != 3) {
    return Bad(std::to_string(fields.size()) + " fields, not 3 (" + kCsvHeader +
               ")");
  }
  Sample sample;
  if (!ParseInteger(fields[1], &sample.timestamp_ms)) {
    return Bad("timestamp " + Quoted(fields[1]) +
               " is no integer (milliseconds)");
  }
  if (!ParseValue(fields[2], &sample.value)) {
    return Bad("value " + Quoted(fields[2]) + " is no float64");
  }
  series_ = fields[0];
  samples_.push_back(sample);
  return Result::kSamples;
}

// The line at the window's start, and how many bytes it takes up.
bool SampleSource::TakeLine(std::string_view* line, size_t* bytes) {
  size_t searched = 0;
  for (;;) {
    const std::string_view window = text_->window();
    const size_t end = window.find('\n', searched);
    if (end != std::string_view::npos) {
      *line = window.substr(0, end);
      *bytes = end + 1;
      return true;
    }
    searched = window.size();
    if (searched > kLineBytesMax) {
      status_ = Status::InvalidArgument(
          text_->name() + ":" + std::to_string(text_->line()),
          "a line of more than 256 MiB");
      return false;
    }
    if (text_->More()) continue;
    *line = text_->window();
    *bytes = line->size();
    return text_->status().ok() && !line->empty();
  }
}

SampleSource::Result SampleSource::NextLine() {
  std::string_view line;
  size_t bytes = 0;
  for (;;) {
    if (!TakeLine(&line, &bytes)) return Result::kEnd;
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) break;
    text_->Consume(bytes);
  }
  line_ = text_->line();
  const bool parsed = json_.Parse(line, &series_, &samples_, &error_);
  text_->Consume(bytes);
  return parsed ? Result::kSamples : Result::kBadLine;
}

}  // namespace varve::tools
