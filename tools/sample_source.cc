#include "tools/sample_source.h"

#include <map>
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

bool ParseInputFormat(const std::string& name, InputFormat* format) {
  static const std::map<std::string, InputFormat> kFormats = {
      {"auto", InputFormat::kAuto},
      {"csv", InputFormat::kCsv},
      {"jsonl", InputFormat::kJson},
      {"prometheus", InputFormat::kPrometheus},
      {"openmetrics", InputFormat::kOpenMetrics}};
  const auto found = kFormats.find(name);
  if (found == kFormats.end()) return false;
  *format = found->second;
  return true;
}

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
    if (c != '\n' && c != '\r' && c != ' ') break;
    text_->Consume(1);
  }
  if (format_ == InputFormat::kAuto) {
    std::string_view line;
    size_t bytes;
    if (TakeLine(&line, &bytes)) format_ = FormatOf(line);
    if (!status().ok()) return status();
  }
  return format_ == InputFormat::kCsv ? ReadCsvHeader() : Status::OK();
}

// By the first line; CSV where it is nothing else.
InputFormat SampleSource::FormatOf(std::string_view line) {
  TimeUnit unit = TimeUnit::kUnknown;
  std::string series, error;
  Sample sample;
  // {"name",... or {"label"=... against {"member":...
  const bool exposition =
      line[0] == '#' ||
      ParseExpositionLine(line, &unit, &series, &sample, &error) ||
      error == kNoTimestampError;
  if (exposition) return InputFormat::kOpenMetrics;
  return line[0] == '{' ? InputFormat::kJson : InputFormat::kCsv;
}

Status SampleSource::ReadCsvHeader() {
  const std::vector<std::string> header = {"series", "timestamp_ms", "value"};
  const CsvReader::Result result = csv_.Next();
  if (!text_->status().ok()) return text_->status();
  if (result == CsvReader::Result::kRecord && csv_.fields() == header) {
    return Status::OK();
  }
  return Status::InvalidArgument(
      text_->name() + ":" + std::to_string(csv_.line()),
      std::string("neither CSV with the header ") + kCsvHeader +
          " nor lines of JSON nor Prometheus' text");
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
