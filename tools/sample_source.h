// Samples out of one input file: CSV, VictoriaMetrics' export lines, or the
// text of Prometheus and OpenMetrics, told apart by the first line where the
// caller does not say (input_format.h). Runs over the file once.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/csv_reader.h"
#include "tools/exposition_line.h"
#include "tools/input_format.h"
#include "tools/input_text.h"
#include "tools/json_line.h"
#include "varve/varve.h"

namespace varve::tools {

class SampleSource {
 public:
  enum class Result { kSamples, kBadLine, kEnd };

  static Status Open(const std::string& path, InputFormat format,
                     std::unique_ptr<SampleSource>* source,
                     size_t read_bytes = InputText::kReadBytes);

  // Reads the next line (CSV: record). A bad line is left behind. kEnd is also
  // the answer to an error of the file: see status().
  Result Next();

  // After kSamples: all of the line, perhaps none.
  const std::string& series() const { return series_; }
  const std::vector<Sample>& samples() const { return samples_; }

  // After kBadLine: what is wrong.
  const std::string& error() const { return error_; }

  // "file:17", the line of the last result.
  std::string Where() const;

  // IOError, Corruption of compressed data, or a file in no known format.
  const Status& status() const;

  const InputText& text() const { return *text_; }

 private:
  SampleSource(std::unique_ptr<InputText> text, InputFormat format);
  Status Begin();
  Status ReadCsvHeader(InputFormat asked);
  // InvalidArgument at the line that `text` stands at.
  Status NoFormat(uint64_t line, const std::string& why) const;
  Result NextRecord();
  Result NextLine();
  bool TakeLine(std::string_view* line, size_t* bytes);
  Result Bad(const std::string& error);

  const std::unique_ptr<InputText> text_;
  CsvReader csv_;
  JsonLineParser json_;
  InputFormat format_;
  TimeUnit unit_ = TimeUnit::kUnknown;
  Status status_;
  uint64_t line_ = 0;
  std::string series_;
  std::vector<Sample> samples_;
  std::string error_;
};

}  // namespace varve::tools
