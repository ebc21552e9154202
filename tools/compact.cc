// varve compact: flushes, then rewrites everything into the bottom level.
#include <gflags/gflags.h>

#include <chrono>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/statistics.h"
#include "tools/command.h"
#include "tools/database.h"
#include "tools/json_text.h"
#include "tools/progress.h"

namespace varve::tools {
namespace {

constexpr auto kRefresh = std::chrono::milliseconds(200);

struct Size {
  uint64_t files = 0;
  uint64_t bytes = 0;

  std::string ToString() const {
    return Counted(files, "file") + " " + Bytes(bytes);
  }
};

Size SizeOf(const Database& database, rocksdb::ColumnFamilyHandle* family) {
  Size size;
  rocksdb::ColumnFamilyMetaData metadata;
  database.db()->GetColumnFamilyMetaData(family, &metadata);
  size.files = metadata.file_count;
  size.bytes = metadata.size;
  return size;
}

Status CompactWhole(const Database& database,
                    rocksdb::ColumnFamilyHandle* family) {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForce;
  options.exclusive_manual_compaction = true;
  return database.db()->CompactRange(options, family, nullptr, nullptr);
}

// The compaction runs in another thread while this one shows how far it is.
Status CompactShown(const Database& database,
                    rocksdb::ColumnFamilyHandle* family, uint64_t total_bytes,
                    Progress* progress) {
  const auto statistics = database.db()->GetDBOptions().statistics;
  const uint64_t before =
      statistics->getTickerCount(rocksdb::COMPACT_READ_BYTES);
  auto compaction =
      std::async(std::launch::async, CompactWhole, std::cref(database), family);
  while (compaction.wait_for(kRefresh) != std::future_status::ready) {
    const uint64_t done =
        statistics->getTickerCount(rocksdb::COMPACT_READ_BYTES) - before;
    progress->Update(done, total_bytes, 0);
  }
  return compaction.get();
}

struct Compacted {
  std::string family;
  Size before, after;
  double seconds;
  Counters counters;
};

Status CompactFamily(const Database& database,
                     rocksdb::ColumnFamilyHandle* family, Compacted* result) {
  Status status = CheckColumnFamily(database.db(), family);
  if (status.ok()) {
    status = database.db()->Flush(rocksdb::FlushOptions(), family);
  }
  if (!status.ok()) return status;
  result->family = family->GetName();
  result->before = SizeOf(database, family);
  {
    Progress progress("compact " + family->GetName());
    status = progress.is_shown() ? CompactShown(database, family,
                                                result->before.bytes, &progress)
                                 : CompactWhole(database, family);
    result->seconds = progress.seconds();
  }
  result->after = SizeOf(database, family);
  return status.ok() ? GetCounters(database.db(), family, &result->counters)
                     : status;
}

void Print(const Compacted& result) {
  std::printf("%s: %s -> %s in %s\n", result.family.c_str(),
              result.before.ToString().c_str(), result.after.ToString().c_str(),
              Seconds(result.seconds).c_str());
  if (!result.counters.empty()) {
    std::printf("  %s\n", result.counters.ToString().c_str());
  }
}

void Write(const Compacted& result, JsonText* json) {
  json->BeginObject();
  json->Text("column_family", result.family);
  json->Number("files_before", result.before.files);
  json->Number("bytes_before", result.before.bytes);
  json->Number("files_after", result.after.files);
  json->Number("bytes_after", result.after.bytes);
  json->Real("seconds", result.seconds);
  json->BeginObject("counters");
#define VARVE_WRITE_COUNTER(name) json->Number(#name, result.counters.name);
  VARVE_COUNTERS(VARVE_WRITE_COUNTER)
#undef VARVE_WRITE_COUNTER
  json->EndObject();
  json->EndObject();
}

Status Compact(const DatabaseFlags& flags) {
  std::unique_ptr<Database> database;
  Status status = Database::OpenForWriting(flags, &database);
  if (!status.ok()) return status;
  const auto families = database->VarveFamilies();
  if (families.empty()) {
    return database->NoVarveFamily();
  }
  JsonText json;
  json.BeginList();
  for (rocksdb::ColumnFamilyHandle* family : families) {
    Compacted result;
    status = CompactFamily(*database, family, &result);
    if (!status.ok()) return status;
    if (FLAGS_json) {
      Write(result, &json);
    } else {
      Print(result);
    }
  }
  json.EndList();
  if (FLAGS_json) std::fputs(json.Finish().c_str(), stdout);
  return database->Close();
}

int RunCompact(const std::vector<std::string>&) {
  DatabaseFlags flags;
  Status status = DatabaseFlags::Read(&flags);
  if (!status.ok()) return FailUsage(kCompactCommand, status.getState());
  status = Compact(flags);
  return status.ok() ? kOk : Fail(status);
}

}  // namespace

const Command kCompactCommand = {
    "compact",
    "--db=DIR [--now=MS]",
    "apply the policy to everything that is on disk",
    "Flushes every column family that carries Varve and rewrites it into its\n"
    "bottom level, so that what the policy thins or drops at --now (less its\n"
    "safety_lag) is gone from disk. Readers see the same before and after.",
    "  varve compact --db=/data/metrics\n",
    {"db", "now", "json"},
    Arguments::kNone,
    RunCompact,
    "  A list, an object for each column family that carries Varve:\n"
    "  column_family, files_before, bytes_before, files_after, bytes_after,\n"
    "  seconds, counters: samples_merged, samples_overwritten,\n"
    "  samples_deduplicated, samples_downsampled, samples_expired,\n"
    "  blocks_merged, blocks_passed, blocks_undecodable, rows_expired,\n"
    "  rows_foreign, written_samples, written_expired, written_refused.\n",
};

}  // namespace varve::tools
