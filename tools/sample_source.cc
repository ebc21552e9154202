#include "tools/sample_source.h"

#include <filesystem>
#include <utility>

#include "tools/influx_source.h"
#include "tools/input_line.h"
#include "tools/rrd_source.h"
#include "tools/text_source.h"
#include "tools/tsdb_source.h"
#include "tools/whisper_source.h"

namespace varve::tools {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Up to the first line with something in it.
void SkipBlanks(InputText* text) {
  while (text->window().size() < kByteOrderMark.size() && text->More()) {
  }
  if (text->window().substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text->Consume(kByteOrderMark.size());
  }
  while (!text->window().empty() || text->More()) {
    const char c = text->window()[0];
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') break;
    text->Consume(1);
  }
}

// *format stays kAuto where the text has no line at all.
Status FindFormat(InputText* text, InputFormat* format) {
  std::string_view line;
  size_t bytes;
  Status status;
  std::string why;
  if (TakeLine(text, &line, &bytes, &status)) {
    *format = FormatOfFirstLine(line, &why);
  }
  if (!status.ok()) return status;
  if (!text->status().ok()) return text->status();
  if (why.empty()) return Status::OK();
  return Status::InvalidArgument(
      text->name() + ":" + std::to_string(text->line()), why);
}

Status OpenText(const std::string& path, const SourceOptions& options,
                ImportRemarks* remarks, std::unique_ptr<SampleSource>* source) {
  std::unique_ptr<InputText> text;
  Status status = InputText::Open(path, &text, options.read_bytes);
  if (!status.ok()) return status;
  SkipBlanks(text.get());
  if (!text->status().ok()) return text->status();
  InputFormat format = options.format;
  if (format == InputFormat::kAuto) {
    status = FindFormat(text.get(), &format);
    if (!status.ok()) return status;
  }
  if (format == InputFormat::kInflux) {
    *source = std::make_unique<InfluxSource>(std::move(text), options.influx,
                                             remarks);
    return Status::OK();
  }
  if (format == InputFormat::kRrd) {
    *source = std::make_unique<RrdSource>(std::move(text), options.metric_name,
                                          remarks);
    return Status::OK();
  }
  return TextSource::Open(std::move(text), options, format, source);
}

Status OpenDirectory(const std::string& path, const SourceOptions& options,
                     ImportRemarks* remarks,
                     std::unique_ptr<SampleSource>* source) {
  InputFormat format = options.format;
  if (format == InputFormat::kAuto) {
    if (IsTsdbDirectory(path)) {
      format = InputFormat::kTsdb;
    } else if (HasWhisperFiles(path)) {
      format = InputFormat::kWhisper;
    }
  }
  if (format == InputFormat::kTsdb) {
    return TsdbSource::Open(path, remarks, source);
  }
  if (format == InputFormat::kWhisper) {
    return WhisperSource::Open(path, options.metric_name, remarks, source);
  }
  return Status::IOError(path,
                         format == InputFormat::kAuto
                             ? "is a directory, and neither one of Prometheus "
                               "nor of whisper files"
                             : "is a directory");
}

bool IsWhisperName(const std::string& path) {
  return std::filesystem::path(path).extension() == kWhisperEnding;
}

}  // namespace

Status SampleSource::Open(const std::string& path, const SourceOptions& options,
                          ImportRemarks* remarks,
                          std::unique_ptr<SampleSource>* source) {
  std::error_code error;
  if (path != "-" && std::filesystem::is_directory(path, error)) {
    return OpenDirectory(path, options, remarks, source);
  }
  if (options.format == InputFormat::kTsdb) {
    return Status::InvalidArgument(path, "is no directory of Prometheus");
  }
  if (options.format == InputFormat::kWhisper ||
      (options.format == InputFormat::kAuto && IsWhisperName(path))) {
    return WhisperSource::Open(path, options.metric_name, remarks, source);
  }
  return OpenText(path, options, remarks, source);
}

}  // namespace varve::tools
