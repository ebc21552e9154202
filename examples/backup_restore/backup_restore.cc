// A backup is RocksDB's own (BackupEngine; checkpoints and file copies do as
// well): it holds everything, the policy too. Restoring one that is older
// than the policy's offsets needs a thought: the first compaction of the
// restored database goes by today's clock and drops what has expired since.
// With ageing=off nothing is thinned or dropped on disk, and a reader asks for
// the time that it wants to see.
//
//   backup_restore DIR
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/utilities/backup_engine.h>
#include <rocksdb/utilities/options_util.h>
#include <varve/varve.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr int64_t kMinuteMs = 60 * 1000;
constexpr int64_t kDayMs = 24 * 60 * kMinuteMs;
constexpr int64_t kBackupMs = 1735689600000;  // 2025-01-01
constexpr int64_t kStartMs = kBackupMs - 7 * kDayMs;

void Check(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

// Stands still, so that the story can be told at any time. A service leaves
// varve::Options::clock alone and gets the system's.
class FixedClock : public rocksdb::SystemClockWrapper {
 public:
  explicit FixedClock(int64_t now_ms)
      : SystemClockWrapper(rocksdb::SystemClock::Default()), now_ms_(now_ms) {}
  const char* Name() const override { return "FixedClock"; }
  uint64_t NowMicros() override { return now_ms_ * 1000; }
  rocksdb::Status GetCurrentTime(int64_t* unix_time) override {
    *unix_time = now_ms_ / 1000;
    return rocksdb::Status::OK();
  }

 private:
  const int64_t now_ms_;
};

std::unique_ptr<rocksdb::DB> Open(const rocksdb::Options& options,
                                  const std::string& dir) {
  rocksdb::DB* db = nullptr;
  Check(rocksdb::DB::Open(options, dir, &db));
  return std::unique_ptr<rocksdb::DB>(db);
}

void Compact(rocksdb::DB* db) {
  rocksdb::CompactRangeOptions all;
  all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  Check(db->CompactRange(all, nullptr, nullptr));
}

size_t Count(rocksdb::DB* db, int64_t now_ms) {
  std::unique_ptr<varve::SampleReader> reader;
  Check(varve::SampleReader::Open(db, db->DefaultColumnFamily(), &reader));
  varve::SampleReadOptions options;
  options.now_ms = now_ms;
  std::vector<varve::Sample> samples;
  Check(reader->Read(options, "cpu", kStartMs, kBackupMs, &samples));
  return samples.size();
}

// A week of one sample a minute, and a backup of it.
void CreateAndBackUp(const std::string& dir, rocksdb::BackupEngine* backups) {
  varve::Options varve;
  Check(varve::Policy::Parse("downsampling_period=30d:5m;retention_period=90d",
                             &varve.policy));
  varve.clock = std::make_shared<FixedClock>(kBackupMs);
  rocksdb::Options options;
  options.create_if_missing = true;
  Check(varve::ConfigureColumnFamily(varve, &options));
  const auto db = Open(options, dir);
  std::unique_ptr<varve::SampleWriter> writer;
  Check(
      varve::SampleWriter::Open(db.get(), db->DefaultColumnFamily(), &writer));
  rocksdb::WriteBatch batch;
  for (int64_t t = kStartMs; t < kBackupMs; t += kMinuteMs) {
    Check(writer->Add("cpu", t, static_cast<double>(t % kDayMs), &batch));
  }
  Check(db->Write(rocksdb::WriteOptions(), &batch));
  Check(backups->CreateNewBackup(db.get(), /*flush_before_backup=*/true));
  std::printf("backed up: %zu samples\n", Count(db.get(), kBackupMs));
}

// Restores the backup years later and compacts it: what is left to readers
// who look from then and from the day of the backup?
void RestoreAndCompact(const std::string& dir, const std::string& ageing,
                       rocksdb::BackupEngine* backups) {
  constexpr int64_t kYearsLaterMs = kBackupMs + 2 * 365 * kDayMs;
  Check(backups->RestoreDBFromLatestBackup(dir, dir));

  rocksdb::ConfigOptions config;
  config.ignore_unsupported_options = false;
  rocksdb::DBOptions db_options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  Check(rocksdb::LoadLatestOptions(config, dir, &db_options, &families));
  // The policy as it was backed up, but for one word: before the database
  // opens, since a compaction may start as soon as it has.
  rocksdb::ColumnFamilyOptions cf_options;
  Check(rocksdb::GetColumnFamilyOptionsFromString(
      config, families[0].options,
      "merge_operator={id=VarveSampleMerge;ageing=" + ageing +
          "};compaction_filter_factory={id=VarveTierFilter;ageing=" + ageing +
          "}",
      &cf_options));
  varve::SetClock(cf_options, std::make_shared<FixedClock>(kYearsLaterMs));
  const auto db = Open(rocksdb::Options(db_options, cf_options), dir);
  Compact(db.get());
  std::printf("ageing=%s: %zu samples now, %zu as of the backup\n",
              ageing.c_str(), Count(db.get(), kYearsLaterMs),
              Count(db.get(), kBackupMs));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: backup_restore DIR\n");
    return 2;
  }
  const std::string dir = argv[1];
  Check(rocksdb::Env::Default()->CreateDir(dir));
  rocksdb::BackupEngine* opened = nullptr;
  Check(rocksdb::BackupEngine::Open(
      rocksdb::Env::Default(), rocksdb::BackupEngineOptions(dir + "/backups"),
      &opened));
  const std::unique_ptr<rocksdb::BackupEngine> backups(opened);
  CreateAndBackUp(dir + "/db", backups.get());
  RestoreAndCompact(dir + "/inspected", "off", backups.get());
  RestoreAndCompact(dir + "/in_service", "on", backups.get());
}
