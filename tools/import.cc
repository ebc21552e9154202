// varve import: samples from files into a database.
#include <gflags/gflags.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "format/row/row_key.h"
#include "tools/bulk_load.h"
#include "tools/command.h"
#include "tools/command_line.h"
#include "tools/database.h"
#include "tools/json_text.h"
#include "tools/options_text.h"
#include "tools/progress.h"
#include "tools/sample_batch.h"
#include "tools/sample_source.h"

DECLARE_string(db);
DEFINE_string(policy, "",
              "A policy, as "
              "'downsampling_period=30d:5m,180d:1h;retention_period=1y'; all "
              "else has its default: see 'varve policy --help'");
DEFINE_string(options, "",
              "Instead of --policy: a file with the options that a new "
              "database is created with, a RocksDB OPTIONS file or what "
              "'varve options' prints");
DEFINE_string(input_format, "auto",
              "auto, csv, jsonl, prometheus (timestamps in milliseconds), "
              "openmetrics (in seconds), influx (line protocol), tsdb (a "
              "directory of Prometheus), whisper (a file or a directory of "
              "Graphite's) or rrd (what rrdtool dump prints). auto goes by "
              "each file's first line, "
              "and takes a first timestamp of 11 or more digits without a "
              "point for milliseconds");
DEFINE_bool(null_is_stale, false,
            "Of jsonl: take null and a bare NaN for stale markers, which is "
            "what VictoriaMetrics means by them");
DEFINE_string(influx_precision, "",
              "The unit of the line protocol's timestamps: ns, us, ms, s, m or "
              "h. Unless it is said, ns, and times before 1990 are bad lines");
DEFINE_string(influx_separator, "_",
              "What stands between measurement and field in the name of a "
              "metric of the line protocol");
DEFINE_bool(influx_context, true,
            "Database and retention policy of an export of InfluxDB become the "
            "labels db and rp");
DEFINE_string(metric_name, "",
              "The metric of a whisper file or a dump of rrdtool, instead of "
              "the file's name");
DEFINE_bool(bulk, false,
            "Build sorted SST files and ingest them, instead of writing "
            "through the log and the memtable");
DEFINE_int32(bulk_mb, 512,
             "With --bulk: megabytes of samples (16 bytes each) held before "
             "they become files");
DEFINE_bool(skip_bad_lines, false,
            "Report bad lines and go on, instead of stopping at the first");

namespace varve::tools {
namespace {

// Bad lines reported of each file; the rest is counted.
constexpr uint64_t kReportsMax = 10;

class Importer {
 public:
  Importer(const DatabaseFlags& flags, const Policy& policy)
      : flags_(flags), policy_(policy) {}

  Status Open(Database* database, const SourceOptions& options);

  // Not OK: the import is over.
  Status ImportFile(const std::string& path, uint64_t total_bytes,
                    Progress* progress);
  Status Finish() { return sink_->Finish(); }

  uint64_t samples() const { return samples_; }
  // How many of each kind: "line", "chunk".
  const std::map<std::string, uint64_t>& records() const { return records_; }
  const ImportRemarks& remarks() const { return remarks_; }
  uint64_t bad_lines() const { return bad_lines_; }
  uint64_t expired() const { return expired_; }

 private:
  std::string FindFault(const SampleSource& source) const;
  void Count(const SampleSource& source);
  Status ReportBadLine(const std::string& where, const std::string& error);

  const DatabaseFlags flags_;
  const Policy policy_;
  SourceOptions options_;
  std::unique_ptr<SampleSink> sink_;
  uint64_t samples_ = 0;
  uint64_t expired_ = 0;  // of these, past the retention already
  std::map<std::string, uint64_t> records_;
  ImportRemarks remarks_;
  uint64_t bad_lines_ = 0;
  uint64_t file_bad_lines_ = 0;
  uint64_t done_bytes_ = 0;  // of files before the present one
};

Status Importer::Open(Database* database, const SourceOptions& options) {
  options_ = options;
  if (FLAGS_bulk) {
    std::unique_ptr<BulkLoad> load;
    const Status status =
        BulkLoad::Open(database->db(), database->cf(),
                       static_cast<size_t>(FLAGS_bulk_mb) << 20, &load);
    sink_ = std::move(load);
    return status;
  }
  std::unique_ptr<SampleBatch> batch;
  const Status status =
      SampleBatch::Open(database->db(), database->cf(), &batch);
  sink_ = std::move(batch);
  return status;
}

void Importer::Count(const SampleSource& source) {
  const std::vector<Sample>& samples = source.samples();
  records_[source.record_name()] += source.records_begun();
  samples_ += samples.size();
  if (policy_.retention_ms == 0) return;
  const int64_t first_ms = NowMs(flags_) - policy_.retention_ms;
  for (const Sample& sample : samples) {
    expired_ += sample.timestamp_ms < first_ms ? 1 : 0;
  }
}

// What SampleWriter would refuse, found line by line so that the line can be
// named. Empty: nothing.
std::string Importer::FindFault(const SampleSource& source) const {
  const Status status = CheckSeries(source.series());
  if (!status.ok()) return status.getState();
  int64_t last_ms = kTimestampMax;
  if (policy_.future_limit_ms > 0) {
    last_ms = std::min(last_ms, NowMs(flags_) + policy_.future_limit_ms);
  }
  for (const Sample& sample : source.samples()) {
    const std::string text = "timestamp " + std::to_string(sample.timestamp_ms);
    if (sample.timestamp_ms < kTimestampMin ||
        sample.timestamp_ms > kTimestampMax) {
      return text + " is outside 1970 to 9999: is it in milliseconds?";
    }
    if (sample.timestamp_ms > last_ms) {
      return text + " lies more than the policy's future_limit of " +
             FormatDuration(policy_.future_limit_ms) +
             " ahead: is it in milliseconds?";
    }
  }
  return "";
}

Status Importer::ReportBadLine(const std::string& where,
                               const std::string& error) {
  ++bad_lines_;
  if (!FLAGS_skip_bad_lines) {
    return Status::InvalidArgument(
        where + ": " + error,
        "the lines before it are imported; --skip_bad_lines goes on");
  }
  if (++file_bad_lines_ <= kReportsMax) {
    Fail(kFailed, where + ": " + error + " (skipped)");
  }
  return Status::OK();
}

Status Importer::ImportFile(const std::string& path, uint64_t total_bytes,
                            Progress* progress) {
  std::unique_ptr<SampleSource> source;
  Status status = SampleSource::Open(path, options_, &remarks_, &source);
  file_bad_lines_ = 0;
  if (status.ok() && !source->warning().empty()) {
    Fail(kFailed, source->warning());
  }
  while (status.ok()) {
    const SampleSource::Result result = source->Next();
    if (result == SampleSource::Result::kEnd) break;
    const std::string fault = result == SampleSource::Result::kBadLine
                                  ? source->error()
                                  : FindFault(*source);
    if (!fault.empty()) {
      status = ReportBadLine(source->Where(), fault);
      source->SkipRecord();
      continue;
    }
    Count(*source);
    status = sink_->Add(source->series(), source->samples().data(),
                        source->samples().size());
    progress->Update(done_bytes_ + source->done_bytes(), total_bytes, samples_);
  }
  if (source != nullptr) done_bytes_ += source->done_bytes();
  if (file_bad_lines_ > kReportsMax) {
    Fail(kFailed, source->name() + ": " +
                      WithCommas(file_bad_lines_ - kReportsMax) +
                      " more bad lines (skipped)");
  }
  return status.ok() ? source->status() : status;
}

// The options of a new database, where the command line has any.
Status NewOptions(const DatabaseFlags& flags, FamilyOptions* options) {
  if (IsGiven("options")) {
    return ReadOptionsFile(FLAGS_options, flags.column_family, options);
  }
  Policy policy;
  const Status status = Policy::Parse(FLAGS_policy, &policy);
  return status.ok() ? OptionsOfPolicy(policy, options) : status;
}

// Refuses to import under another policy than the database's own.
Status CheckPolicy(const Database& database) {
  Policy asked, present;
  Status status = GetPolicy(database.db(), database.cf(), &present);
  if (status.ok() && IsGiven("policy")) {
    status = Policy::Parse(FLAGS_policy, &asked);
    if (status.ok() && asked != present) {
      status = Status::InvalidArgument(
          "the database has another policy: " +
              asked.Difference(present, "in --policy", "there"),
          "leave --policy away to import under the database's own");
    }
  }
  if (status.ok() && IsGiven("options")) {
    status =
        Status::InvalidArgument("the database has options of its own",
                                "leave --options away to import under them");
  }
  return status;
}

// Opens or creates what --db, --column_family, --policy and --options say.
Status OpenDatabase(const DatabaseFlags& flags,
                    std::unique_ptr<Database>* database) {
  const bool creates = IsGiven("policy") || IsGiven("options");
  FamilyOptions options;
  Status status;
  if (creates) status = NewOptions(flags, &options);
  if (!status.ok()) return status;
  const Status found = Database::Find(flags.dir);
  if (!found.ok() && !found.IsNotFound()) return found;
  const bool exists = found.ok();
  if (exists) {
    status =
        Database::OpenForWriting(flags, database, creates ? &options : nullptr);
    if (!status.ok()) return status;
    if ((*database)->cf() != nullptr) {
      rocksdb::ColumnFamilyHandle* family;
      status = (*database)->FindVarveFamily(&family);
      return status.ok() ? CheckPolicy(**database) : status;
    }
  }
  if (!creates) {
    return Status::NotFound(
        exists ? flags.dir + " has no column family " + flags.column_family
               : "no database in " + flags.dir,
        "--policy='...' creates it");
  }
  database->reset();
  return Database::Create(flags, options, database);
}

void PrintSummaryJson(const Importer& importer, double seconds) {
  uint64_t records = 0;
  for (const auto& [name, count] : importer.records()) records += count;
  JsonText json;
  json.BeginObject();
  json.Number("samples", importer.samples());
  json.Number("lines", records);
  json.Number("expired_samples", importer.expired());
  json.Number("bad_lines", importer.bad_lines());
  json.Real("seconds", seconds);
  json.BeginList("remarks");
  for (const auto& [reason, remark] : importer.remarks().all()) {
    json.BeginObject();
    json.Text("reason", reason);
    json.Number("count", remark.count);
    json.Text("first", remark.first);
    json.EndObject();
  }
  json.EndList();
  json.EndObject();
  std::fputs(json.Finish().c_str(), stdout);
}

// A path of the user's own machine, on one line.
std::string Printable(const std::string& path) {
  std::string text = path;
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  }
  return text;
}

void PrintSummary(const Importer& importer, double seconds) {
  std::string records;
  for (const auto& [name, count] : importer.records()) {
    records += (records.empty() ? "" : " and ") + Counted(count, name.c_str());
  }
  std::printf("imported %s from %s in %s\n",
              Counted(importer.samples(), "sample").c_str(),
              records.empty() ? "0 lines" : records.c_str(),
              Seconds(seconds).c_str());
  if (importer.expired() > 0) {
    std::printf("%s of them are past the retention already\n",
                WithCommas(importer.expired()).c_str());
  }
  if (importer.bad_lines() > 0) {
    std::printf("skipped %s\n",
                Counted(importer.bad_lines(), "bad line").c_str());
  }
  for (const auto& [reason, remark] : importer.remarks().all()) {
    std::printf("%s: %s, the first at %s\n", reason.c_str(),
                WithCommas(remark.count).c_str(),
                Printable(remark.first).c_str());
  }
}

// A name that is mistyped, and a file that is none of the formats, create no
// database. *total_bytes: of all files; 0 where one's size is unknown. (A pipe
// can be read once.)
Status CheckFiles(const std::vector<std::string>& files,
                  const SourceOptions& options, uint64_t* total_bytes) {
  bool known = true;
  ImportRemarks remarks;
  *total_bytes = 0;
  for (const std::string& file : files) {
    std::error_code error;
    Status status;
    const bool is_directory = std::filesystem::is_directory(file, error);
    if (file != "-" && !is_directory) status = CheckReadable(file);
    if (!status.ok()) return status;
    if (file == "-" ||
        (!is_directory && !std::filesystem::is_regular_file(file, error))) {
      known = false;
      continue;
    }
    std::unique_ptr<SampleSource> source;
    status = SampleSource::Open(file, options, &remarks, &source);
    if (!status.ok()) return status;
    *total_bytes += source->total_bytes();
  }
  if (!known) *total_bytes = 0;
  return Status::OK();
}

// What came before an error is kept.
Status ImportAll(const std::vector<std::string>& files, uint64_t total_bytes,
                 Importer* importer, double* seconds) {
  Progress progress("import");
  Status status;
  for (const std::string& file : files) {
    status = importer->ImportFile(file, total_bytes, &progress);
    if (!status.ok()) break;
  }
  const Status finished = importer->Finish();
  *seconds = progress.seconds();
  return status.ok() ? finished : status;
}

// What is wrong with the flags; empty: nothing.
std::string ReadSourceOptions(SourceOptions* options) {
  if (!ParseInputFormat(FLAGS_input_format, &options->format)) {
    return "--input_format is one of " + InputFormatNames() + ", not " +
           FLAGS_input_format;
  }
  if (!ParseInfluxPrecision(FLAGS_influx_precision,
                            &options->influx.precision)) {
    return "--influx_precision is ns, us, ms, s, m or h, not " +
           FLAGS_influx_precision;
  }
  if (FLAGS_null_is_stale) options->null_value = JsonNull::kStaleMarker;
  options->influx.separator = FLAGS_influx_separator;
  options->influx.context_labels = FLAGS_influx_context;
  options->metric_name = FLAGS_metric_name;
  return FLAGS_bulk_mb < 1 ? "--bulk_mb is at least 1" : "";
}

int RunImport(const std::vector<std::string>& files) {
  DatabaseFlags flags;
  Status status = DatabaseFlags::Read(&flags);
  if (!status.ok()) return FailUsage(kImportCommand, status.getState());
  if (files.empty()) {
    return FailUsage(kImportCommand, "names no FILE ('-': standard input)");
  }
  if (IsGiven("policy") && IsGiven("options")) {
    return FailUsage(kImportCommand, "takes --policy or --options, not both");
  }
  SourceOptions options;
  const std::string fault = ReadSourceOptions(&options);
  if (!fault.empty()) return FailUsage(kImportCommand, fault);
  Policy policy;
  if (IsGiven("policy")) status = Policy::Parse(FLAGS_policy, &policy);
  if (!status.ok()) return FailPolicy(status);
  uint64_t total_bytes = 0;
  status = CheckFiles(files, options, &total_bytes);
  if (!status.ok()) return Fail(status);
  std::unique_ptr<Database> database;
  status = OpenDatabase(flags, &database);
  if (status.ok()) status = GetPolicy(database->db(), database->cf(), &policy);
  if (!status.ok()) return Fail(status);

  double seconds = 0;
  auto importer = std::make_unique<Importer>(flags, policy);
  status = importer->Open(database.get(), options);
  if (status.ok()) {
    status = ImportAll(files, total_bytes, importer.get(), &seconds);
  }
  const Status closed = database->Close();
  if (status.ok()) status = closed;
  if (!status.ok()) return Fail(status);
  if (FLAGS_json) {
    PrintSummaryJson(*importer, seconds);
  } else {
    PrintSummary(*importer, seconds);
  }
  return kOk;
}

}  // namespace

const Command kImportCommand = {
    "import",
    "--db=DIR [--policy=POLICY|--options=FILE] FILE...",
    "add samples from files to a database, or create it",
    "Reads CSV (RFC 4180) with the header series,timestamp_ms,value;\n"
    "VictoriaMetrics' export lines; Prometheus' text format and OpenMetrics\n"
    "with timestamps; InfluxDB's line protocol and what 'influx_inspect "
    "export'\nwrites. Plain, .zst or .gz, told apart by content; '-' is "
    "standard\ninput. The series of a labelled line is "
    "name{label=\"value\",...} with\nsorted labels. A value is a number, "
    "inf, -inf, nan, or nan:0x<16 hex digits>\nfor the NaN with those bits.\n\n"
    "A directory is one of Prometheus (its data directory, a snapshot or a\n"
    "block) or a tree of Graphite's whisper files, each a metric by its path.\n"
    "Of RRDtool's databases 'rrdtool dump' makes the text that is read: a\n"
    "series for each source and archive. What cannot be stored, as strings\n"
    "and native histograms, is left out and counted, by reason.\n\n"
    "A new database needs --policy or --options; an existing one has its own "
    "in\nits OPTIONS. Samples written again overwrite: the last write "
    "wins.\n\n"
    "A bad line is reported with its number and ends the import, or is "
    "skipped by\n--skip_bad_lines, which then exits with 0; what came before "
    "it is imported.",
    "  varve import --db=/data/metrics "
    "--policy='downsampling_period=30d:5m' \\\n      export.jsonl.zst\n"
    "  curl http://localhost:8428/api/v1/export -d 'match[]={job=\"node\"}' "
    "\\\n      | varve import --db=/data/metrics -\n",
    {"db", "policy", "options", "input_format", "null_is_stale",
     "influx_precision", "influx_separator", "influx_context", "metric_name",
     "bulk", "bulk_mb", "skip_bad_lines", "column_family", "now", "json"},
    Arguments::kFiles,
    RunImport,
    "  An object: samples, lines (of text; chunks of Prometheus count as\n"
    "  such), expired_samples (past the retention already), bad_lines,\n"
    "  seconds, remarks (what was left out or changed: reason, count, and\n"
    "  where the first is).\n",
};

}  // namespace varve::tools
