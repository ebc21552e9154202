// varve import: samples from files into a database.
#include <gflags/gflags.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "format/row_key.h"
#include "tools/command.h"
#include "tools/command_line.h"
#include "tools/database.h"
#include "tools/progress.h"
#include "tools/sample_batch.h"
#include "tools/sample_source.h"

DECLARE_string(db);
DEFINE_string(policy, "",
              "The policy that a new database is created with, as "
              "'downsampling_period=30d:5m,180d:1h;retention_period=1y'; "
              "'' has all defaults");
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

  Status Open(Database* database) {
    return SampleBatch::Open(database->db(), database->cf(), &batch_);
  }

  // Not OK: the import is over.
  Status ImportFile(const std::string& path, Progress* progress);
  Status Finish() { return batch_->Finish(); }

  uint64_t samples() const { return samples_; }
  uint64_t lines() const { return lines_; }
  uint64_t bad_lines() const { return bad_lines_; }

 private:
  std::string FindFault(const SampleSource& source) const;
  Status ReportBadLine(const std::string& where, const std::string& error);

  const DatabaseFlags flags_;
  const Policy policy_;
  std::unique_ptr<SampleBatch> batch_;
  uint64_t samples_ = 0;
  uint64_t lines_ = 0;
  uint64_t bad_lines_ = 0;
  uint64_t file_bad_lines_ = 0;
};

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

Status Importer::ImportFile(const std::string& path, Progress* progress) {
  std::unique_ptr<SampleSource> source;
  Status status = SampleSource::Open(path, &source);
  file_bad_lines_ = 0;
  while (status.ok()) {
    const SampleSource::Result result = source->Next();
    if (result == SampleSource::Result::kEnd) break;
    const std::string fault = result == SampleSource::Result::kBadLine
                                  ? source->error()
                                  : FindFault(*source);
    if (!fault.empty()) {
      status = ReportBadLine(source->Where(), fault);
      continue;
    }
    ++lines_;
    samples_ += source->samples().size();
    status = batch_->Add(source->series(), source->samples().data(),
                         source->samples().size());
    progress->Update(source->text().file_offset(), source->text().file_bytes(),
                     samples_);
  }
  if (file_bad_lines_ > kReportsMax) {
    Fail(kFailed, path + ": " + WithCommas(file_bad_lines_ - kReportsMax) +
                      " more bad lines (skipped)");
  }
  return status.ok() ? source->status() : status;
}

// Opens or creates what --db, --column_family and --policy say.
Status OpenDatabase(const DatabaseFlags& flags,
                    std::unique_ptr<Database>* database) {
  Policy policy;
  Status status;
  if (IsGiven("policy")) {
    status = Policy::Parse(FLAGS_policy, &policy);
    if (!status.ok()) return status;
  }
  const bool exists = Database::Exists(flags.dir);
  if (exists) {
    status = Database::OpenForWriting(flags, database);
    if (!status.ok()) return status;
  }
  if (!exists || (*database)->cf() == nullptr) {
    if (!IsGiven("policy")) {
      return Status::NotFound(
          exists ? flags.dir + " has no column family " + flags.column_family
                 : "no database in " + flags.dir,
          "--policy='...' creates it");
    }
    database->reset();
    return Database::Create(flags, policy, database);
  }
  Policy present;
  status = GetPolicy((*database)->db(), (*database)->cf(), &present);
  if (status.ok() && IsGiven("policy") && policy != present) {
    return Status::InvalidArgument(
        "the database has another policy: " +
            policy.Difference(present, "in --policy", "there"),
        "leave --policy away to import under the database's own");
  }
  return status;
}

void PrintSummary(const Importer& importer, const Counters& counters,
                  double seconds) {
  std::printf("imported %s samples from %s lines in %s\n",
              WithCommas(importer.samples()).c_str(),
              WithCommas(importer.lines()).c_str(), Seconds(seconds).c_str());
  if (counters.written_expired > 0) {
    std::printf("%s of them are past the retention already\n",
                WithCommas(counters.written_expired).c_str());
  }
  if (importer.bad_lines() > 0) {
    std::printf("skipped %s bad lines\n",
                WithCommas(importer.bad_lines()).c_str());
  }
}

ExitCode RunImport(const std::vector<std::string>& files) {
  DatabaseFlags flags;
  Status status = DatabaseFlags::Read(&flags);
  if (!status.ok()) return FailUsage(kImportCommand, status.getState());
  if (files.empty()) {
    return FailUsage(kImportCommand, "names no FILE ('-': standard input)");
  }
  std::unique_ptr<Database> database;
  status = OpenDatabase(flags, &database);
  Policy policy;
  if (status.ok()) status = GetPolicy(database->db(), database->cf(), &policy);
  if (!status.ok()) return Fail(status);

  Importer importer(flags, policy);
  status = importer.Open(database.get());
  double seconds = 0;
  if (status.ok()) {
    Progress progress("import");
    for (const std::string& file : files) {
      status = importer.ImportFile(file, &progress);
      if (!status.ok()) break;
    }
    // What came before an error is kept.
    const Status finished = importer.Finish();
    if (status.ok()) status = finished;
    seconds = progress.seconds();
  }
  Counters counters;
  if (status.ok()) {
    status = GetCounters(database->db(), database->cf(), &counters);
  }
  const Status closed = database->Close();
  if (status.ok()) status = closed;
  if (!status.ok()) return Fail(status);
  PrintSummary(importer, counters, seconds);
  return kOk;
}

}  // namespace

const Command kImportCommand = {
    "import",
    "--db=DIR [--policy=POLICY] FILE...",
    "add samples from files to a database, or create it",
    "Reads CSV (RFC 4180) with the header series,timestamp_ms,value, and\n"
    "VictoriaMetrics' export lines, whose series is name{label=\"value\",...}\n"
    "with sorted labels. Plain or .zst, told apart by content; '-' is "
    "standard\ninput. Timestamps are milliseconds since 1970 UTC. A value is "
    "a number, inf,\n-inf, nan, or nan:0x<16 hex digits> for the NaN with "
    "those bits.\n\n"
    "A new database needs --policy; an existing one has its own in its "
    "OPTIONS.\nSamples written again overwrite: the last write wins.",
    "  varve import --db=/data/metrics "
    "--policy='downsampling_period=30d:5m' \\\n      export.jsonl.zst\n"
    "  curl http://localhost:8428/api/v1/export -d 'match[]={job=\"node\"}' "
    "\\\n      | varve import --db=/data/metrics -\n",
    {"db", "policy", "skip_bad_lines", "column_family", "now"},
    /*takes_files=*/true,
    RunImport,
};

}  // namespace varve::tools
