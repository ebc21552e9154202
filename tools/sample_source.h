// Samples out of one input: a file in one of the text formats (told apart by
// the first line where the caller does not say: input_format.h), or files or a
// directory of another database. Runs over it once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tools/import_remarks.h"
#include "tools/influx_line.h"
#include "tools/input_format.h"
#include "tools/input_text.h"
#include "tools/json_line.h"
#include "varve/varve.h"

namespace varve::tools {

struct SourceOptions {
  InputFormat format = InputFormat::kAuto;
  JsonNull null_value = JsonNull::kPlainNan;
  InfluxOptions influx;
  // The metric of what has no name of its own; empty: the file's name.
  std::string metric_name;
  size_t read_bytes = InputText::kReadBytes;
};

class SampleSource {
 public:
  enum class Result { kSamples, kBadLine, kEnd };

  // `path` "-": standard input. *remarks must outlive the source.
  static Status Open(const std::string& path, const SourceOptions& options,
                     ImportRemarks* remarks,
                     std::unique_ptr<SampleSource>* source);

  virtual ~SampleSource() = default;

  // Reads on: samples of one series, perhaps none. A bad line is left behind.
  // kEnd is also the answer to an error of the file: see status().
  virtual Result Next() = 0;

  // After kSamples.
  const std::string& series() const { return series_; }
  const std::vector<Sample>& samples() const { return samples_; }

  // After kSamples: how many records begin with these; 0 where one goes on.
  uint64_t records_begun() const { return records_begun_; }

  // Passes over what is left of the record: it is bad.
  virtual void SkipRecord() {}

  // After kBadLine: what is wrong.
  const std::string& error() const { return error_; }

  // What a record is: "line", "chunk", ...
  virtual const char* record_name() const { return "line"; }

  // "file:17", the place of the last result.
  virtual std::string Where() const = 0;

  // IOError, Corruption, or a file in no known format.
  virtual const Status& status() const = 0;

  // The input's name, for messages.
  virtual const std::string& name() const = 0;

  // A sentence about the whole input, before any of it is read; or empty.
  const std::string& warning() const { return warning_; }

  // How much has been read, and how much there is (0: unknown).
  virtual uint64_t done_bytes() const = 0;
  virtual uint64_t total_bytes() const = 0;

 protected:
  Result Bad(const std::string& error) {
    error_ = error;
    return Result::kBadLine;
  }

  std::string series_;
  std::vector<Sample> samples_;
  uint64_t records_begun_ = 1;
  std::string error_;
  std::string warning_;
};

}  // namespace varve::tools
