// Samples out of CSV, VictoriaMetrics' export lines, or the text of Prometheus
// and OpenMetrics: a sample, or the samples of one series, a line.
#pragma once

#include <memory>
#include <string>

#include "tools/csv_reader.h"
#include "tools/exposition_line.h"
#include "tools/sample_source.h"

namespace varve::tools {

class TextSource : public SampleSource {
 public:
  // `options.format` kAuto: `format` is what the first line looks like, at
  // which the text stands. InvalidArgument for CSV without its header.
  static Status Open(std::unique_ptr<InputText> text,
                     const SourceOptions& options, InputFormat format,
                     std::unique_ptr<SampleSource>* source);

  Result Next() override;
  std::string Where() const override;
  const Status& status() const override;
  const std::string& name() const override { return text_->name(); }
  uint64_t done_bytes() const override { return text_->file_offset(); }
  uint64_t total_bytes() const override { return text_->file_bytes(); }

 private:
  TextSource(std::unique_ptr<InputText> text, InputFormat format,
             JsonNull null_value);
  Status ReadCsvHeader(InputFormat asked);
  Result NextRecord();
  Result NextLine();

  const std::unique_ptr<InputText> text_;
  CsvReader csv_;
  JsonLineParser json_;
  const InputFormat format_;
  TimeUnit unit_ = TimeUnit::kUnknown;
  Status status_;
  uint64_t line_ = 0;
};

}  // namespace varve::tools
