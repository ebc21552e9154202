#include "tools/sample_source.h"

#include <utility>

#include "tools/value_text.h"

namespace varve::tools {
namespace {

constexpr size_t kLineBytesMax = 256 << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

SampleSource::SampleSource(std::unique_ptr<InputText> text, InputFormat format)
    : text_(std::move(text)), csv_(text_.get()), format_(format) {
  if (format_ == InputFormat::kPrometheus) unit_ = TimeUnit::kMillis;
  if (format_ == InputFormat::kOpenMetrics) unit_ = TimeUnit::kSeconds;
}

Status SampleSource::Open(const std::string& path, InputFormat format,
                          std::unique_ptr<SampleSource>* source,
                          size_t read_bytes) {
  std::unique_ptr<InputText> text;
  const Status status = InputText::Open(path, &text, read_bytes);
  if (!status.ok()) return status;
  source->reset(new SampleSource(std::move(text), format));
  return (*source)->Begin();
}

// Up to the first line with something in it.
Status SampleSource::Begin() {
  while (text_->window().size() < kByteOrderMark.size() && text_->More()) {
  }
  if (text_->window().substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text_->Consume(kByteOrderMark.size());
  }
  for (;;) {
    if (text_->window().empty() && !text_->More()) return text_->status();
    const char c = text_->window()[0];
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') break;
    text_->Consume(1);
  }
  const InputFormat asked = format_;
  if (format_ == InputFormat::kAuto) {
    std::string_view line;
    size_t bytes;
    std::string why;
    if (TakeLine(&line, &bytes)) format_ = FormatOfFirstLine(line, &why);
    if (!status().ok()) return status();
    if (!why.empty()) return NoFormat(text_->line(), why);
  }
  return format_ == InputFormat::kCsv ? ReadCsvHeader(asked) : Status::OK();
}

Status SampleSource::NoFormat(uint64_t line, const std::string& why) const {
  return Status::InvalidArgument(text_->name() + ":" + std::to_string(line),
                                 why);
}

Status SampleSource::ReadCsvHeader(InputFormat asked) {
  const std::vector<std::string> header = {"series", "timestamp_ms", "value"};
  const CsvReader::Result result = csv_.Next();
  if (!text_->status().ok()) return text_->status();
  if (result == CsvReader::Result::kRecord && csv_.fields() == header) {
    return Status::OK();
  }
  const bool bad = result == CsvReader::Result::kBad;
  return NoFormat(csv_.line(), CsvHeaderFault(asked, csv_.fields(),
                                              bad ? csv_.error() : ""));
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
  return format_ == InputFormat::kCsv ? NextRecord() : NextLine();
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
    return Bad(IntegerTimeFault(fields[1]));
  }
  if (!ParseValue(fields[2], &sample.value)) {
    return Bad(ValueFault(fields[2]));
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
    const bool blank =
        format_ == InputFormat::kJson
            ? line.find_first_not_of(" \t\r") == std::string_view::npos
            : IsExpositionComment(line);
    if (!blank) break;
    text_->Consume(bytes);
  }
  line_ = text_->line();
  bool parsed;
  if (format_ == InputFormat::kJson) {
    parsed = json_.Parse(line, &series_, &samples_, &error_);
  } else {
    samples_.resize(1);
    parsed = ParseExpositionLine(line, &unit_, &series_, &samples_[0], &error_);
  }
  text_->Consume(bytes);
  return parsed ? Result::kSamples : Result::kBadLine;
}

}  // namespace varve::tools
