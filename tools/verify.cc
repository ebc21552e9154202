// varve verify: files, and whole databases, against all that they say of
// themselves.
#include <gflags/gflags.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "compaction/view.h"
#include "format/coding/value_bits.h"
#include "format/row/row_key.h"
#include "plugin/samples/row_reader.h"
#include "tools/command.h"
#include "tools/database.h"
#include "tools/file_verifier.h"
#include "tools/json_text.h"
#include "tools/progress.h"
#include "tools/sst_file.h"
#include "varve/varve.h"

DECLARE_string(db);

namespace varve::tools {
namespace {

// Rows whose view differs, reported of a column family; the rest is counted.
constexpr uint64_t kRowReportsMax = 100;

// What was checked, and what is wrong with it.
struct Report {
  uint64_t files = 0;
  uint64_t entries = 0;
  uint64_t samples = 0;
  uint64_t bytes = 0;
  uint64_t rows_read = 0;  // compared with the laws
  uint64_t problem_count = 0;
  std::vector<std::string> problems;
  std::vector<std::string> not_checked;  // what, and why

  void Add(const std::string& where, const std::string& problem) {
    ++problem_count;
    problems.push_back(where + ": " + problem);
  }
  void AddNotChecked(const std::string& where, const std::string& why) {
    not_checked.push_back(where + ": " + why);
  }
  // A problem where it tells of what lies there.
  void Add(const std::string& where, const Status& status) {
    if (IsAboutBytes(status)) {
      Add(where, status.ToString());
    } else if (!status.ok()) {
      AddNotChecked(where, status.ToString());
    }
  }
};

class Verifier {
 public:
  Verifier(Progress* progress, Report* report)
      : progress_(*progress), report_(*report) {}

  void VerifyFileAt(const std::string& path,
                    const std::shared_ptr<rocksdb::FileSystem>& files,
                    FileFindings* findings);
  Status VerifyDatabase(const DatabaseFlags& flags);

 private:
  void VerifyFamilyFiles(const Database& database,
                         rocksdb::ColumnFamilyHandle* cf);
  void VerifyLevel(const std::string& family,
                   const rocksdb::LevelMetaData& level,
                   const std::shared_ptr<rocksdb::FileSystem>& files);
  void CheckAgainstManifest(const std::string& path,
                            const rocksdb::SstFileMetaData& file,
                            const FileFindings& findings);
  Status VerifyRows(const Database& database, rocksdb::ColumnFamilyHandle* cf,
                    int64_t now_ms);
  void VerifyRow(SampleReader* reader, const Policy& policy,
                 const SampleReadOptions& options, const ParsedRowKey& row,
                 const Slice& value);

  Progress& progress_;
  Report& report_;
  uint64_t total_entries_ = 0;  // of this step; 0: unknown
  uint64_t step_entries_ = 0;   // done before this step
  uint64_t row_problems_ = 0;
};

void Verifier::VerifyFileAt(const std::string& path,
                            const std::shared_ptr<rocksdb::FileSystem>& files,
                            FileFindings* findings) {
  VerifyFile(
      path, files,
      [&](uint64_t entries) {
        const uint64_t done = report_.entries - step_entries_ + entries;
        progress_.Update(done, total_entries_, done);
      },
      findings);
  if (!findings->not_checked.empty()) {
    report_.AddNotChecked(path, findings->not_checked);
  } else {
    ++report_.files;
  }
  report_.entries += findings->entries;
  report_.samples += findings->samples;
  report_.bytes += findings->file_bytes;
  for (const std::string& problem : findings->problems) {
    report_.Add(path, problem);
  }
  report_.problem_count += findings->problem_count - findings->problems.size();
}

void Verifier::CheckAgainstManifest(const std::string& path,
                                    const rocksdb::SstFileMetaData& file,
                                    const FileFindings& findings) {
  if (findings.problem_count > 0 || !findings.not_checked.empty()) return;
  if (findings.file_bytes != file.size) {
    report_.Add(path, std::to_string(findings.file_bytes) +
                          " bytes, the MANIFEST says " +
                          std::to_string(file.size));
  }
  if (findings.entries == 0) return;
  if (findings.smallest_key < file.smallestkey ||
      findings.largest_key > file.largestkey) {
    report_.Add(path, "holds keys outside of the range in the MANIFEST");
  }
}

// Below level 0 the files of a level follow each other.
void Verifier::VerifyLevel(const std::string& family,
                           const rocksdb::LevelMetaData& level,
                           const std::shared_ptr<rocksdb::FileSystem>& files) {
  for (size_t i = 0; i < level.files.size(); ++i) {
    const rocksdb::SstFileMetaData& file = level.files[i];
    const std::string path = file.db_path + file.name;
    FileFindings findings;
    VerifyFileAt(path, files, &findings);
    CheckAgainstManifest(path, file, findings);
    if (level.level > 0 && i > 0 &&
        level.files[i - 1].largestkey > file.smallestkey) {
      report_.Add(path, "overlaps " + level.files[i - 1].name + " on level " +
                            std::to_string(level.level) + " of " + family);
    }
  }
}

void Verifier::VerifyFamilyFiles(const Database& database,
                                 rocksdb::ColumnFamilyHandle* cf) {
  rocksdb::ColumnFamilyMetaData metadata;
  database.db()->GetColumnFamilyMetaData(cf, &metadata);
  progress_.Step("verify files of " + cf->GetName());
  total_entries_ = 0;
  step_entries_ = report_.entries;
  for (const auto& level : metadata.levels) {
    for (const auto& file : level.files) total_entries_ += file.num_entries;
  }
  for (const auto& level : metadata.levels) {
    VerifyLevel(cf->GetName(), level, database.db()->GetEnv()->GetFileSystem());
  }
}

std::vector<SampleWrite> WritesOf(const std::vector<Sample>& samples) {
  std::vector<SampleWrite> writes(samples.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    writes[i].timestamp_ms = samples[i].timestamp_ms;
    writes[i].value_bits = BitsOf(samples[i].value);
  }
  return writes;
}

// What a reader sees of the row is the View of what RocksDB merges it to.
void Verifier::VerifyRow(SampleReader* reader, const Policy& policy,
                         const SampleReadOptions& options,
                         const ParsedRowKey& row, const Slice& value) {
  std::vector<Sample> merged, read;
  const Status decoded = DecodeSamples(value, &merged);
  const int64_t first = policy.shape.BucketFirst(row.bucket_start_ms);
  const int64_t last = policy.shape.BucketLast(row.bucket_start_ms);
  const std::string series = row.series();
  const Status status =
      reader->Read(options, series, std::max(first, kTimestampMin),
                   std::min(last, kTimestampMax), &read);
  ++report_.rows_read;
  std::string problem;
  if (!status.ok() && !IsAboutBytes(status)) {
    report_.Add("series " + PrintableSeries(series), status);
    return;
  }
  if (!decoded.ok() || !status.ok()) {
    problem = "cannot be read: " + (status.ok() ? decoded : status).ToString();
  } else {
    const auto expected = View(WritesOf(merged), policy, options.now_ms);
    const std::vector<SampleWrite> seen = WritesOf(read);
    const bool same = std::equal(
        seen.begin(), seen.end(), expected.begin(), expected.end(),
        [](const SampleWrite& a, const std::pair<const int64_t, uint64_t>& b) {
          return a.timestamp_ms == b.first && a.value_bits == b.second;
        });
    if (same) return;
    problem = "a reader sees " + std::to_string(seen.size()) +
              " samples, by the laws there are " +
              std::to_string(expected.size()) + " or others";
  }
  ++row_problems_;
  if (row_problems_ > kRowReportsMax) {
    ++report_.problem_count;
    return;
  }
  report_.Add("series " + PrintableSeries(series) + ", bucket " +
                  std::to_string(row.bucket_start_ms),
              problem);
}

Status Verifier::VerifyRows(const Database& database,
                            rocksdb::ColumnFamilyHandle* cf, int64_t now_ms) {
  Policy policy;
  std::unique_ptr<SampleReader> reader;
  Status status = GetPolicy(database.db(), cf, &policy);
  if (status.ok()) status = SampleReader::Open(database.db(), cf, &reader);
  if (!status.ok()) return status;
  progress_.Step("verify rows of " + cf->GetName());
  const uint64_t rows_before = report_.rows_read;
  SampleReadOptions options;
  options.now_ms = now_ms;
  options.rocksdb.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> rows(
      database.db()->NewIterator(options.rocksdb, cf));
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    ParsedRowKey row;
    if (!ParseRowKey(policy.shape, rows->key(), &row)) continue;
    VerifyRow(reader.get(), policy, options, row, rows->value());
    const uint64_t done = report_.rows_read - rows_before;
    progress_.Update(done, total_entries_, done);
  }
  return rows->status();
}

Status Verifier::VerifyDatabase(const DatabaseFlags& flags) {
  std::unique_ptr<Database> database;
  const Status status = Database::OpenForReading(flags, &database);
  if (!status.ok()) return status;
  const auto families = database->VarveFamilies();
  if (families.empty()) {
    return database->NoVarveFamily();
  }
  for (rocksdb::ColumnFamilyHandle* const cf : families) {
    const Status agreed = CheckColumnFamily(database->db(), cf);
    report_.Add(cf->GetName(), agreed);
    VerifyFamilyFiles(*database, cf);
    if (report_.problem_count > 0) continue;
    report_.Add(cf->GetName(), VerifyRows(*database, cf, NowMs(flags)));
  }
  return status;
}

void Print(const Report& report, double seconds) {
  if (FLAGS_json) {
    JsonText json;
    json.BeginObject();
    json.Number("files", report.files);
    json.Number("bytes", report.bytes);
    json.Number("entries", report.entries);
    json.Number("samples", report.samples);
    json.Number("rows_read", report.rows_read);
    json.Number("problem_count", report.problem_count);
    json.BeginList("problems");
    for (const std::string& problem : report.problems) {
      json.Text(nullptr, problem);
    }
    json.EndList();
    json.BeginList("not_checked");
    for (const std::string& what : report.not_checked) {
      json.Text(nullptr, what);
    }
    json.EndList();
    json.EndObject();
    std::fputs(json.Finish().c_str(), stdout);
    return;
  }
  for (const std::string& problem : report.problems) {
    std::printf("%s\n", problem.c_str());
  }
  for (const std::string& what : report.not_checked) {
    std::printf("not checked: %s\n", what.c_str());
  }
  std::printf("checked %s, %s: %s entries, %s",
              Counted(report.files, "file").c_str(),
              Bytes(report.bytes).c_str(), WithCommas(report.entries).c_str(),
              Counted(report.samples, "sample").c_str());
  if (report.rows_read > 0) {
    std::printf("; read %s", Counted(report.rows_read, "row").c_str());
  }
  std::printf("; in %s: %s\n", Seconds(seconds).c_str(),
              report.problem_count > 0     ? "PROBLEMS"
              : report.not_checked.empty() ? "no problem"
                                           : "no problem in these");
}

int RunVerify(const std::vector<std::string>& files) {
  DatabaseFlags flags;
  Status status = DatabaseFlags::Read(&flags);
  if (FLAGS_db.empty() == files.empty()) {
    return FailUsage(kVerifyCommand, "takes --db=DIR or FILES, one of them");
  }
  Report report;
  double seconds;
  {
    Progress progress("verify", Progress::Prints::kAtTheEnd, "entries");
    Verifier verifier(&progress, &report);
    if (files.empty()) {
      status = verifier.VerifyDatabase(flags);
    } else {
      status = Status::OK();
      for (const std::string& file : files) {
        status = CheckReadable(file);
        if (!status.ok()) return Fail(status);
      }
      for (const std::string& file : files) {
        FileFindings findings;
        verifier.VerifyFileAt(file, rocksdb::FileSystem::Default(), &findings);
      }
    }
    seconds = progress.seconds();
  }
  if (!status.ok()) return Fail(status);
  Print(report, seconds);
  if (report.problem_count > 0) {
    return Fail(kFailed, Counted(report.problem_count, "problem") +
                             "; restore what is named from a backup or a "
                             "checkpoint");
  }
  if (report.not_checked.empty()) return kOk;
  return Fail(kFailed, Counted(report.not_checked.size(), "file") +
                           " could not be looked at, as files that have gone, "
                           "and are not said to be damaged; --db=DIR checks a "
                           "database that is being written, with 'ulimit -n' "
                           "above the number of its files");
}

}  // namespace

const Command kVerifyCommand = {
    "verify",
    "--db=DIR|FILE.sst...",
    "check files, or a whole database",
    "Checks SST files, parts and block-based ones: checksums, the order of "
    "keys,\nevery block of samples against its key and its header, and all "
    "counts in the\nproperties exactly. With --db also the files against the "
    "MANIFEST and the\npolicy, and every row: what a reader sees at --now must "
    "be what the laws give.\nOpens read-only, also beside a process that "
    "writes; nothing ages. Prints a line\na problem, and one for what could "
    "not be looked at, and exits with 1 if there is\nany.",
    "  varve verify --db=/data/metrics\n"
    "  varve verify /data/metrics/*.sst\n",
    {"db", "now", "json"},
    Arguments::kFiles,
    RunVerify,
    "  An object: files, bytes, entries, samples (all in files), rows_read\n"
    "  (merged, unflushed ones too), problem_count, problems (texts),\n"
    "  not_checked (texts: what could not be looked at, and why).\n",
};

}  // namespace varve::tools
