#include "tools/text_source.h"

#include <utility>

#include "tools/input_line.h"
#include "tools/value_text.h"

namespace varve::tools {

TextSource::TextSource(std::unique_ptr<InputText> text, InputFormat format,
                       JsonNull null_value)
    : text_(std::move(text)),
      csv_(text_.get()),
      json_(null_value),
      format_(format) {
  if (format_ == InputFormat::kPrometheus) unit_ = TimeUnit::kMillis;
  if (format_ == InputFormat::kOpenMetrics) unit_ = TimeUnit::kSeconds;
}

Status TextSource::Open(std::unique_ptr<InputText> text,
                        const SourceOptions& options, InputFormat format,
                        std::unique_ptr<SampleSource>* source) {
  const InputFormat asked = options.format;
  if (asked != InputFormat::kAuto) format = asked;
  const bool is_empty = text->window().empty();
  std::unique_ptr<TextSource> opened(
      new TextSource(std::move(text), format, options.null_value));
  if (asked == InputFormat::kAuto) opened->unit_ = TimeUnit::kUnknown;
  const Status status = format == InputFormat::kCsv && !is_empty
                            ? opened->ReadCsvHeader(asked)
                            : Status::OK();
  *source = std::move(opened);
  return status;
}

Status TextSource::ReadCsvHeader(InputFormat asked) {
  const std::vector<std::string> header = {"series", "timestamp_ms", "value"};
  const CsvReader::Result result = csv_.Next();
  if (!text_->status().ok()) return text_->status();
  if (result == CsvReader::Result::kRecord && csv_.fields() == header) {
    return Status::OK();
  }
  const bool bad = result == CsvReader::Result::kBad;
  return Status::InvalidArgument(
      text_->name() + ":" + std::to_string(csv_.line()),
      CsvHeaderFault(asked, csv_.fields(), bad ? csv_.error() : ""));
}

std::string TextSource::Where() const {
  return text_->name() + ":" + std::to_string(line_);
}

const Status& TextSource::status() const {
  return status_.ok() ? text_->status() : status_;
}

SampleSource::Result TextSource::Next() {
  samples_.clear();
  return format_ == InputFormat::kCsv ? NextRecord() : NextLine();
}

SampleSource::Result TextSource::NextRecord() {
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

SampleSource::Result TextSource::NextLine() {
  std::string_view line;
  size_t bytes = 0;
  for (;;) {
    if (!TakeLine(text_.get(), &line, &bytes, &status_)) return Result::kEnd;
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
