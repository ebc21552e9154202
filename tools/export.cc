// varve export: what a reader sees at --now, as text.
#include <gflags/gflags.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "format/coding/value_bits.h"
#include "plugin/samples/row_reader.h"
#include "tools/command.h"
#include "tools/csv_reader.h"
#include "tools/database.h"
#include "tools/exposition_line.h"
#include "tools/influx_line.h"
#include "tools/json_line.h"
#include "tools/progress.h"
#include "tools/sample_source.h"
#include "tools/series_pattern.h"
#include "tools/value_text.h"

DEFINE_string(format, "csv",
              "csv; jsonl: lines as VictoriaMetrics exports them; "
              "openmetrics: a line a sample, with its timestamp in seconds; or "
              "influx: InfluxDB's line protocol, in nanoseconds");
DEFINE_bool(leave_out_stale, false,
            "Leave out stale markers, for programs that would take them for "
            "numbers that are NaN");
DEFINE_bool(plain_nan, false,
            "Write every NaN as readers of the format know it (NaN, in jsonl "
            "null), instead of nan:0x<16 hex digits> where it has other bits "
            "than the common one");
DEFINE_bool(bare_values, false,
            "With --format=jsonl, for VictoriaMetrics 1.79: write infinities "
            "and every NaN without quotation marks (+Inf, -Inf, NaN), which is "
            "no JSON. It drops whole lines that hold what JSON has for them, "
            "and of these the NaN alone");
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

enum class ExportFormat { kCsv, kJson, kOpenMetrics, kInflux };

bool ParseFormat(const std::string& name, ExportFormat* format) {
  if (name == "csv") *format = ExportFormat::kCsv;
  if (name == "jsonl") *format = ExportFormat::kJson;
  if (name == "openmetrics") *format = ExportFormat::kOpenMetrics;
  if (name == "influx") *format = ExportFormat::kInflux;
  return name == "csv" || name == "jsonl" || name == "openmetrics" ||
         name == "influx";
}

double Shown(double value) {
  return FLAGS_plain_nan && std::isnan(value) ? PlainNan() : value;
}

class Exporter {
 public:
  Exporter(SampleReader* reader, const SampleReadOptions& options,
           ExportFormat format)
      : reader_(reader),
        options_(options),
        format_(format),
        pattern_(FLAGS_series) {
    scan_.prefix = pattern_.prefix();
    scan_.matches = [this](const Slice& series) {
      return pattern_.Matches(series.ToStringView());
    };
    scan_.start_ms = FLAGS_start;
    scan_.end_ms = FLAGS_end;
  }

  Status ExportAll(Progress* progress);

  // Series that were left unfinished because of what their rows hold.
  uint64_t failed_series() const { return failed_series_; }

  // What the format could not take as it is, on standard error.
  void SayWhatChanged() const;

 private:
  uint64_t CountSeries();
  // The rest of the cursor's series.
  Status ExportSeries(ScanCursor* cursor);
  Status ExportLines(ScanCursor* cursor);
  Status ExportJson(ScanCursor* cursor);
  Status LineFront(const std::string& series, std::string* front);
  void AppendLine(const std::string& front, int64_t timestamp_ms, double value);
  bool LeavesOut(double value);

  SampleReader* const reader_;
  const SampleReadOptions options_;
  const ExportFormat format_;
  const SeriesPattern pattern_;
  ScanOptions scan_;
  Output output_;
  uint64_t samples_ = 0;
  uint64_t failed_series_ = 0;
  uint64_t stale_markers_ = 0;
  uint64_t left_out_ = 0;
};

uint64_t Exporter::CountSeries() {
  uint64_t count = 0;
  const auto series = reader_->ListSeries(options_, scan_);
  while (series->Next()) ++count;
  return count;
}

Status Exporter::ExportAll(Progress* progress) {
  const uint64_t series_count = progress->is_shown() ? CountSeries() : 0;
  if (format_ == ExportFormat::kCsv) {
    output_.text()->append(kCsvHeader).append("\n");
  }
  uint64_t done = 0;
  const auto cursor = reader_->Scan(options_, scan_);
  while (cursor->NextSeries()) {
    const Status status = ExportSeries(cursor.get());
    if (status.IsCorruption() || status.IsNotSupported() ||
        status.IsInvalidArgument()) {
      Fail(kFailed, "the rest of series " + PrintableSeries(cursor->series()) +
                        " is left out: " + status.ToString());
      ++failed_series_;
    } else if (!status.ok()) {
      return status;
    }
    progress->Update(++done, series_count, samples_);
  }
  if (format_ == ExportFormat::kOpenMetrics) {
    output_.text()->append("# EOF\n");
  }
  const Status written = output_.Write();
  return cursor->status().ok() ? written : cursor->status();
}

Status Exporter::ExportSeries(ScanCursor* cursor) {
  const Status status =
      format_ == ExportFormat::kJson ? ExportJson(cursor) : ExportLines(cursor);
  return status.ok() ? cursor->status() : status;
}

// What stands before each sample of the series in a line of its own.
Status Exporter::LineFront(const std::string& series, std::string* front) {
  front->clear();
  Status status;
  switch (format_) {
    case ExportFormat::kInflux:
      return InfluxLineFront(series, front);
    case ExportFormat::kOpenMetrics:
      status = ExpositionName(series, front);
      front->push_back(' ');
      return status;
    case ExportFormat::kCsv:
    case ExportFormat::kJson:
      break;
  }
  AppendCsvField(series, front);
  front->push_back(',');
  return status;
}

// A line a sample: "series,timestamp_ms,value", "series value seconds", or
// "series value=value nanoseconds".
void Exporter::AppendLine(const std::string& front, int64_t timestamp_ms,
                          double value) {
  std::string* const text = output_.text();
  switch (format_) {
    case ExportFormat::kInflux:
      if (!std::isfinite(value) || timestamp_ms > kInfluxTimeMaxMillis) {
        ++left_out_;
        return;
      }
      AppendValue(value, &text->append(front));
      text->append(" ").append(std::to_string(timestamp_ms)).append("000000");
      break;
    case ExportFormat::kOpenMetrics:
      AppendExpositionValue(value, &text->append(front));
      text->push_back(' ');
      AppendSeconds(timestamp_ms, text);
      break;
    case ExportFormat::kCsv:
    case ExportFormat::kJson:
      text->append(front).append(std::to_string(timestamp_ms)).push_back(',');
      AppendValue(value, text);
      break;
  }
  text->push_back('\n');
}

Status Exporter::ExportLines(ScanCursor* cursor) {
  std::string front;
  Status status = LineFront(cursor->series(), &front);
  while (status.ok() && cursor->Next()) {
    samples_ += cursor->size();
    for (size_t i = 0; i < cursor->size(); ++i) {
      const double value = cursor->values()[i];
      if (LeavesOut(value)) continue;
      AppendLine(front, cursor->timestamps_ms()[i], Shown(value));
    }
    status = output_.WriteWhenLong();
  }
  return status;
}

// Counts stale markers. True: the sample is not to be printed.
bool Exporter::LeavesOut(double value) {
  if (BitsOf(value) != kStaleMarkerBits) return false;
  ++stale_markers_;
  return FLAGS_leave_out_stale;
}

void Exporter::SayWhatChanged() const {
  if (left_out_ > 0) {
    Fail(kFailed, WithCommas(left_out_) +
                      " samples are left out: the line protocol has no NaN, no "
                      "infinity and no time behind 2262");
  }
  if (format_ == ExportFormat::kOpenMetrics && FLAGS_plain_nan &&
      !FLAGS_leave_out_stale && stale_markers_ > 0) {
    Fail(kFailed, WithCommas(stale_markers_) +
                      " stale markers are written as NaN: promtool makes "
                      "ordinary samples of them, over which every sum() is "
                      "NaN; --leave_out_stale leaves them out");
  }
}

// Runs are gathered into lines of bounded length.
Status Exporter::ExportJson(ScanCursor* cursor) {
  const std::string& series = cursor->series();
  const JsonValues form =
      FLAGS_bare_values ? JsonValues::kBare : JsonValues::kJson;
  std::vector<int64_t> timestamps_ms;
  std::vector<double> values;
  Status status;
  auto append_line = [&] {
    status = AppendJsonLine(series, timestamps_ms.data(), values.data(),
                            values.size(), form, output_.text());
    timestamps_ms.clear();
    values.clear();
    if (status.ok()) status = output_.WriteWhenLong();
  };
  while (status.ok() && cursor->Next()) {
    samples_ += cursor->size();
    for (size_t i = 0; i < cursor->size() && status.ok(); ++i) {
      if (LeavesOut(cursor->values()[i])) continue;
      timestamps_ms.push_back(cursor->timestamps_ms()[i]);
      values.push_back(Shown(cursor->values()[i]));
      if (values.size() == kSamplesPerLine) append_line();
    }
  }
  if (status.ok() && !values.empty()) append_line();
  return status;
}

Status Export(const DatabaseFlags& flags, ExportFormat format,
              uint64_t* failed_series) {
  std::unique_ptr<Database> database;
  Status status = Database::OpenForReading(flags, &database);
  if (!status.ok()) return status;
  rocksdb::ColumnFamilyHandle* cf;
  status = database->FindVarveFamily(&cf);
  if (!status.ok()) return status;
  std::unique_ptr<SampleReader> reader;
  status = SampleReader::Open(database->db(), cf, &reader);
  if (!status.ok()) return status;
  SampleReadOptions options;
  options.now_ms = NowMs(flags);
  options.rocksdb.fill_cache = false;
  Progress progress("export", Progress::Prints::kAllAlong);
  Exporter exporter(reader.get(), options, format);
  status = exporter.ExportAll(&progress);
  exporter.SayWhatChanged();
  *failed_series = exporter.failed_series();
  return status;
}

int RunExport(const std::vector<std::string>&) {
  DatabaseFlags flags;
  Status status = DatabaseFlags::Read(&flags);
  if (!status.ok()) return FailUsage(kExportCommand, status.getState());
  ExportFormat format;
  if (!ParseFormat(FLAGS_format, &format)) {
    return FailUsage(
        kExportCommand,
        "--format is csv, jsonl, openmetrics or influx, not " + FLAGS_format);
  }
  if (FLAGS_bare_values && format != ExportFormat::kJson) {
    return FailUsage(kExportCommand, "--bare_values goes with --format=jsonl");
  }
  if (FLAGS_start > FLAGS_end) {
    return FailUsage(kExportCommand, "--start is later than --end");
  }
  uint64_t failed_series = 0;
  status = Export(flags, format, &failed_series);
  if (!status.ok()) return Fail(status);
  return failed_series == 0 ? kOk : kFailed;
}

}  // namespace

const Command kExportCommand = {
    "export",
    "--db=DIR [--series=PREFIX|GLOB] [--start --end] [--format=FORMAT]",
    "print samples as CSV, JSON lines and other formats",
    "Prints what a reader sees at --now, sorted by series and time: late and\n"
    "repeated writes settled, thinned and expired by the policy, whatever has\n"
    "been compacted. Values read back bit for bit. Opens the database "
    "read-only\nand beside a process that writes to it.\n\n"
    "csv has the header series,timestamp_ms,value and quotes as RFC 4180 "
    "does;\n'varve import' reads all formats. A NaN with other bits than the "
    "common one\n(a stale marker) is nan:0x<16 hex digits>, which other "
    "readers refuse:\n--plain_nan writes all alike. VictoriaMetrics 1.79 drops "
    "whole lines of jsonl\nwith a NaN or an infinity as JSON has them: "
    "--bare_values writes\nthem as it does.",
    "  varve export --db=/data/metrics --series='node_cpu_seconds_total{*' "
    "\\\n      --format=jsonl | zstd > cpu.jsonl.zst\n",
    {"db", "series", "start", "end", "format", "plain_nan", "leave_out_stale",
     "bare_values", "column_family", "now"},
    Arguments::kNone,
    RunExport,
};

}  // namespace varve::tools
