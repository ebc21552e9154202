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
#include "tools/progress.h"

namespace varve::tools {
namespace {

constexpr auto kRefresh = std::chrono::milliseconds(200);

struct Size {
  uint64_t files = 0;
  uint64_t bytes = 0;

  std::string ToString() const {
    return WithCommas(files) + (files == 1 ? " file " : " files ") +
           Bytes(bytes);
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

Status CompactFamily(const Database& database,
                     rocksdb::ColumnFamilyHandle* family) {
  Status status = CheckColumnFamily(database.db(), family);
  if (status.ok()) {
    status = database.db()->Flush(rocksdb::FlushOptions(), family);
  }
  if (!status.ok()) return status;
  const Size before = SizeOf(database, family);
  double seconds;
  {
    Progress progress("compact " + family->GetName());
    status = progress.is_shown()
                 ? CompactShown(database, family, before.bytes, &progress)
                 : CompactWhole(database, family);
    seconds = progress.seconds();
  }
  Counters counters;
  if (status.ok()) status = GetCounters(database.db(), family, &counters);
  if (!status.ok()) return status;
  std::printf("%s: %s -> %s in %s\n", family->GetName().c_str(),
              before.ToString().c_str(),
              SizeOf(database, family).ToString().c_str(),
              Seconds(seconds).c_str());
  if (!counters.empty()) std::printf("  %s\n", counters.ToString().c_str());
  return status;
}

Status Compact(const DatabaseFlags& flags) {
  std::unique_ptr<Database> database;
  Status status = Database::OpenForWriting(flags, &database);
  if (!status.ok()) return status;
  const auto families = database->VarveFamilies();
  if (families.empty()) {
    return Status::NotFound("no column family of " + flags.dir +
                            " carries Varve");
  }
  for (rocksdb::ColumnFamilyHandle* family : families) {
    status = CompactFamily(*database, family);
    if (!status.ok()) return status;
  }
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
    {"db", "now"},
    Arguments::kNone,
    RunCompact,
};

}  // namespace varve::tools
