// A database changes from block-based SSTs to parts and back by options
// alone, and works at every point on the way.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "format/part/part_file.h"
#include "plugin/part_table/part_table_factory.h"
#include "rocksdb/db.h"
#include "rocksdb/table.h"
#include "rocksdb/table_properties.h"
#include "rocksdb/utilities/backup_engine.h"
#include "rocksdb/utilities/checkpoint.h"
#include "tests/temp_dir.h"

namespace varve {
namespace {

using rocksdb::DB;
using rocksdb::Options;
using rocksdb::Status;

Options With(std::shared_ptr<rocksdb::TableFactory> factory) {
  Options options;
  options.create_if_missing = true;
  options.paranoid_file_checks = true;
  options.disable_auto_compactions = true;
  options.file_checksum_gen_factory =
      rocksdb::GetFileChecksumGenCrc32cFactory();
  options.table_factory = std::move(factory);
  return options;
}

std::unique_ptr<DB> Open(const Options& options, const std::string& path) {
  DB* db = nullptr;
  const Status s = DB::Open(options, path, &db);
  EXPECT_TRUE(s.ok()) << s.ToString();
  return std::unique_ptr<DB>(db);
}

void Write(DB* db, int from, int to) {
  for (int i = from; i < to; ++i) {
    ASSERT_TRUE(
        db->Put({}, "key" + std::to_string(i), std::to_string(i * i)).ok());
  }
  ASSERT_TRUE(db->Flush({}).ok());
}

void Expect(DB* db, int count) {
  for (int i = 0; i < count; ++i) {
    std::string value;
    ASSERT_TRUE(db->Get({}, "key" + std::to_string(i), &value).ok()) << i;
    ASSERT_EQ(std::to_string(i * i), value);
  }
  int rows = 0;
  std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}));
  for (it->SeekToFirst(); it->Valid(); it->Next()) ++rows;
  ASSERT_TRUE(it->status().ok());
  EXPECT_EQ(count, rows);
  EXPECT_TRUE(db->VerifyChecksum().ok());
  EXPECT_TRUE(db->VerifyFileChecksums({}).ok());
}

size_t PartCount(DB* db) {
  rocksdb::TablePropertiesCollection all;
  EXPECT_TRUE(db->GetPropertiesOfAllTables(&all).ok());
  size_t parts = 0;
  for (const auto& [name, properties] : all) {
    parts += properties->filter_policy_name == "varve.LineBloom";
  }
  return parts;
}

TEST(PartMigration, ThereAndBack) {
  TempDir dir;
  const std::string path = dir / "db";
  const Options stock = With(std::shared_ptr<rocksdb::TableFactory>(
      rocksdb::NewBlockBasedTableFactory()));
  const Options part = With(NewPartTableFactory());
  PartTableOptions back_options;
  back_options.write_format = PartWriteFormat::kBlockBased;
  const Options back = With(NewPartTableFactory(back_options));

  auto db = Open(stock, path);
  Write(db.get(), 0, 300);
  db.reset();
  db = Open(part, path);
  Write(db.get(), 300, 600);
  Expect(db.get(), 600);  // mixed
  EXPECT_EQ(1u, PartCount(db.get()));
  rocksdb::CompactRangeOptions force;
  force.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForce;
  ASSERT_TRUE(db->CompactRange(force, nullptr, nullptr).ok());
  EXPECT_EQ(1u, PartCount(db.get()));
  Expect(db.get(), 600);
  db.reset();

  db = Open(back, path);
  Write(db.get(), 600, 700);
  Expect(db.get(), 700);  // mixed
  EXPECT_EQ(1u, PartCount(db.get()));
  ASSERT_TRUE(db->CompactRange(force, nullptr, nullptr).ok());
  EXPECT_EQ(0u, PartCount(db.get()));
  db.reset();
  db = Open(stock, path);
  Expect(db.get(), 700);
}

TEST(PartMigration, CheckpointAndBackupHoldParts) {
  TempDir dir;
  const Options options = With(NewPartTableFactory());
  auto db = Open(options, dir / "db");
  Write(db.get(), 0, 500);
  rocksdb::Checkpoint* raw_checkpoint = nullptr;
  ASSERT_TRUE(rocksdb::Checkpoint::Create(db.get(), &raw_checkpoint).ok());
  std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw_checkpoint);
  ASSERT_TRUE(checkpoint->CreateCheckpoint(dir / "checkpoint").ok());
  Expect(Open(options, dir / "checkpoint").get(), 500);

  rocksdb::BackupEngine* raw_engine = nullptr;
  ASSERT_TRUE(rocksdb::BackupEngine::Open(
                  rocksdb::Env::Default(),
                  rocksdb::BackupEngineOptions(dir / "backup"), &raw_engine)
                  .ok());
  std::unique_ptr<rocksdb::BackupEngine> engine(raw_engine);
  ASSERT_TRUE(engine->CreateNewBackup(db.get(), true).ok());
  ASSERT_TRUE(engine->VerifyBackup(1, true).ok());
  ASSERT_TRUE(
      engine->RestoreDBFromLatestBackup(dir / "restored", dir / "restored")
          .ok());
  Expect(Open(options, dir / "restored").get(), 500);
}

}  // namespace
}  // namespace varve
