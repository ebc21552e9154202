// varve export: what a reader sees at --now, as text.
#include <gflags/gflags.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "tools/command.h"
#include "tools/csv_reader.h"
#include "tools/database.h"
#include "tools/json_line.h"
#include "tools/progress.h"
#include "tools/sample_source.h"
#include "tools/value_text.h"

DEFINE_string(format, "csv",
              "csv, or jsonl: lines as VictoriaMetrics exports them");
DEFINE_string(series, "", "Only series whose name starts with this");
DEFINE_int64(start, 0, "The first timestamp, in milliseconds since 1970 UTC");
DEFINE_int64(end, varve::kTimestampMax, "The last timestamp");

namespace varve::tools {
namespace {

constexpr size_t kOutputBytes = 1 << 20;
constexpr size_t kSamplesPerLine = 8192;

// Standard output, buffered; remembers that writing failed.
class Output {
 public:
  std::string* text() { return &text_; }

  Status WriteWhenLong() {
    return text_.size() < kOutputBytes ? Status::OK() : Write();
  }

  Status Write() {
    const size_t written = std::fwrite(text_.data(), 1, text_.size(), stdout);
    const bool failed = written < text_.size() || std::fflush(stdout) != 0;
    text_.clear();
    if (!failed) return Status::OK();
    return Status::IOError("standard output", std::strerror(errno));
  }

 private:
  std::string text_;
};

class Exporter {
 public:
  Exporter(SampleReader* reader, const SampleReadOptions& options, bool json)
      : reader_(reader), options_(options), json_(json) {}

  Status ExportAll(Progress* progress);

  // Series that were left unfinished because of what their rows hold.
  uint64_t failed_series() const { return failed_series_; }

 private:
  uint64_t CountSeries();
  Status ExportSeries(const std::string& series);
  Status ExportCsv(const std::string& series, SampleCursor* cursor);
  Status ExportJson(const std::string& series, SampleCursor* cursor);

  SampleReader* const reader_;
  const SampleReadOptions options_;
  const bool json_;
  Output output_;
  uint64_t samples_ = 0;
  uint64_t failed_series_ = 0;
};

uint64_t Exporter::CountSeries() {
  uint64_t count = 0;
  const auto series = reader_->ListSeries(options_, FLAGS_series);
  while (series->Next()) ++count;
  return count;
}

Status Exporter::ExportAll(Progress* progress) {
  const uint64_t series_count = progress->is_shown() ? CountSeries() : 0;
  if (!json_) output_.text()->append(kCsvHeader).append("\n");
  uint64_t done = 0;
  const auto series = reader_->ListSeries(options_, FLAGS_series);
  while (series->Next()) {
    const Status status = ExportSeries(series->series());
    if (status.IsCorruption() || status.IsNotSupported()) {
      Fail(kFailed, "the rest of series " + series->series() +
                        " is left out: " + status.ToString());
      ++failed_series_;
    } else if (!status.ok()) {
      return status;
    }
    progress->Update(++done, series_count, samples_);
  }
  const Status written = output_.Write();
  return series->status().ok() ? written : series->status();
}

Status Exporter::ExportSeries(const std::string& series) {
  const auto cursor = reader_->Read(options_, series, FLAGS_start, FLAGS_end);
  const Status status = json_ ? ExportJson(series, cursor.get())
                              : ExportCsv(series, cursor.get());
  return status.ok() ? cursor->status() : status;
}

Status Exporter::ExportCsv(const std::string& series, SampleCursor* cursor) {
  std::string name;
  AppendCsvField(series, &name);
  name.push_back(',');
  Status status;
  while (status.ok() && cursor->Next()) {
    samples_ += cursor->size();
    for (size_t i = 0; i < cursor->size(); ++i) {
      std::string* const text = output_.text();
      text->append(name);
      text->append(std::to_string(cursor->timestamps_ms()[i]));
      text->push_back(',');
      AppendValue(cursor->values()[i], text);
      text->push_back('\n');
    }
    status = output_.WriteWhenLong();
  }
  return status;
}

// Runs are gathered into lines of bounded length.
Status Exporter::ExportJson(const std::string& series, SampleCursor* cursor) {
  std::vector<int64_t> timestamps_ms;
  std::vector<double> values;
  Status status;
  auto append_line = [&] {
    status = AppendJsonLine(series, timestamps_ms.data(), values.data(),
                            values.size(), output_.text());
    timestamps_ms.clear();
    values.clear();
    if (status.ok()) status = output_.WriteWhenLong();
  };
  while (status.ok() && cursor->Next()) {
    samples_ += cursor->size();
    for (size_t i = 0; i < cursor->size() && status.ok(); ++i) {
      timestamps_ms.push_back(cursor->timestamps_ms()[i]);
      values.push_back(cursor->values()[i]);
      if (values.size() == kSamplesPerLine) append_line();
    }
  }
  if (status.ok() && !values.empty()) append_line();
  return status;
}

Status Export(const DatabaseFlags& flags, uint64_t* failed_series) {
  std::unique_ptr<Database> database;
  Status status = Database::OpenForReading(flags, &database);
  if (!status.ok()) return status;
  if (database->cf() == nullptr) {
    return Status::NotFound(flags.dir + " has no column family " +
                            flags.column_family);
  }
  std::unique_ptr<SampleReader> reader;
  status = SampleReader::Open(database->db(), database->cf(), &reader);
  if (!status.ok()) return status;
  SampleReadOptions options;
  options.now_ms = NowMs(flags);
  options.rocksdb.fill_cache = false;
  Progress progress("export");
  Exporter exporter(reader.get(), options, FLAGS_format == "jsonl");
  status = exporter.ExportAll(&progress);
  *failed_series = exporter.failed_series();
  return status;
}

ExitCode RunExport(const std::vector<std::string>&) {
  DatabaseFlags flags;
  Status status = DatabaseFlags::Read(&flags);
  if (!status.ok()) return FailUsage(kExportCommand, status.getState());
  if (FLAGS_format != "csv" && FLAGS_format != "jsonl") {
    return FailUsage(kExportCommand,
                     "--format is csv or jsonl, not " + FLAGS_format);
  }
  if (FLAGS_start > FLAGS_end) {
    return FailUsage(kExportCommand, "--start is later than --end");
  }
  uint64_t failed_series = 0;
  status = Export(flags, &failed_series);
  if (!status.ok()) return Fail(status);
  return failed_series == 0 ? kOk : kFailed;
}

}  // namespace

const Command kExportCommand = {
    "export",
    "--db=DIR [--format=csv|jsonl] [--series=PREFIX] [--start --end]",
    "print samples as CSV or JSON lines",
    "Prints what a reader sees at --now, sorted by series and time: late and\n"
    "repeated writes settled, thinned and expired by the policy, whatever has\n"
    "been compacted. Values read back bit for bit. Opens the database "
    "read-only\nand beside a process that writes to it.\n\n"
    "csv has the header series,timestamp_ms,value and quotes as RFC 4180 "
    "does;\n'varve import' reads both formats.",
    "  varve export --db=/data/metrics --series='node_cpu_seconds_total{' "
    "\\\n      --format=jsonl | zstd > cpu.jsonl.zst\n",
    {"db", "format", "series", "start", "end", "column_family", "now"},
    /*takes_files=*/false,
    RunExport,
};

}  // namespace varve::tools
