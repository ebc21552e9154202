// What the part table promises beyond giving the same answers.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "format/row/sample_block.h"
#include "plugin/host/cache_class.h"
#include "plugin/part_table/part_table_factory.h"
#include "rocksdb/db.h"
#include "rocksdb/perf_context.h"
#include "rocksdb/perf_level.h"
#include "rocksdb/table_properties.h"
#include "rocksdb/unique_id.h"
#include "tests/temp_dir.h"

namespace varve {
namespace {

using rocksdb::DB;
using rocksdb::Options;
using rocksdb::ReadOptions;
using rocksdb::Slice;
using rocksdb::Status;

class PartTable : public testing::Test {
 protected:
  PartTable() {
    options_.create_if_missing = true;
    options_.disable_auto_compactions = true;
    options_.paranoid_file_checks = true;
    rocksdb::SetPerfLevel(rocksdb::kEnableCount);
  }
  ~PartTable() override { rocksdb::SetPerfLevel(rocksdb::kDisable); }

  void Open(const PartTableOptions& table) {
    table_ = table;
    options_.table_factory = NewPartTableFactory(table);
    DB* db = nullptr;
    ASSERT_TRUE(DB::Open(options_, dir_ / "db", &db).ok());
    db_.reset(db);
  }
  static std::string KeyOf(int i) {
    char key[16];
    snprintf(key, sizeof key, "key%06d", i);
    return key;
  }
  void Fill(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(db_->Put({}, KeyOf(i), std::string(100, 'v')).ok());
    }
    ASSERT_TRUE(db_->Flush({}).ok());
    // paranoid_file_checks has read all of it.
    db_.reset();
    if (table_.block_cache != nullptr) {
      table_.block_cache->EraseUnRefEntries();
    }
    Open(table_);
  }
  static uint64_t BlockReads() {
    return rocksdb::get_perf_context()->block_read_count;
  }
  rocksdb::TableProperties Properties() {
    rocksdb::TablePropertiesCollection all;
    EXPECT_TRUE(db_->GetPropertiesOfAllTables(&all).ok());
    EXPECT_EQ(1u, all.size());
    return *all.begin()->second;
  }
  uint64_t FileBytes() {
    std::vector<rocksdb::LiveFileMetaData> files;
    db_->GetLiveFilesMetaData(&files);
    EXPECT_EQ(1u, files.size());
    return files[0].size;
  }

  TempDir dir_;
  PartTableOptions table_;
  Options options_;
  std::unique_ptr<DB> db_;
};

TEST_F(PartTable, OpeningReadsNeitherIndexNorFilterNorRows) {
  PartTableOptions table;
  table.block_bytes = 256;
  Open(table);
  Fill(20000);
  db_.reset();
  rocksdb::get_perf_context()->Reset();
  Open(table);
  EXPECT_LE(BlockReads(), 1u);  // the root, where the tail is too short
  std::string value;
  const uint64_t before = BlockReads();
  ASSERT_TRUE(db_->Get({}, KeyOf(777), &value).ok());
  // A shard of the filter, a leaf of the index, a box of rows.
  EXPECT_EQ(3u, BlockReads() - before);
  ASSERT_TRUE(db_->Get({}, KeyOf(777), &value).ok());
  EXPECT_EQ(3u, BlockReads() - before);
}

TEST_F(PartTable, MultiGetReadsASharedBoxOnce) {
  Open(PartTableOptions());
  Fill(1000);
  std::string value;
  ASSERT_TRUE(db_->Get({}, KeyOf(999), &value).ok());  // index and filter
  std::vector<std::string> keys;
  for (int i = 0; i < 20; ++i) keys.push_back(KeyOf(i));
  std::vector<Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<Status> statuses(keys.size());
  const uint64_t before = BlockReads();
  db_->MultiGet({}, db_->DefaultColumnFamily(), keys.size(), slices.data(),
                values.data(), statuses.data());
  for (const Status& s : statuses) EXPECT_TRUE(s.ok());
  EXPECT_EQ(1u, BlockReads() - before);
}

TEST_F(PartTable, MissingKeysAndSeriesReadNoRows) {
  Open(PartTableOptions());
  Fill(1000);
  const std::string bucket(8, '\x80');
  ASSERT_TRUE(db_->Put({}, std::string("here\0\1", 6) + bucket, "row").ok());
  ASSERT_TRUE(db_->Flush({}).ok());
  ASSERT_TRUE(db_->CompactRange({}, nullptr, nullptr).ok());
  std::string value;
  ASSERT_TRUE(db_->Get({}, KeyOf(500), &value).ok());
  uint64_t before = BlockReads();
  int found = 0;
  for (int i = 0; i < 500; ++i) {
    found += db_->Get({}, KeyOf(i) + "x", &value).ok();
  }
  EXPECT_EQ(0, found);
  EXPECT_LT(BlockReads() - before, 25u);  // of 500: the filter's one per cent

  // A range read of one series, without any prefix extractor.
  before = BlockReads();
  for (int i = 0; i < 100; ++i) {
    const std::string series =
        "hera" + std::to_string(i) + std::string("\0\1", 2);
    const std::string from = series + std::string(8, '\0');
    const std::string to = series + std::string(8, '\xff');
    const Slice bound = to;
    ReadOptions read;
    read.iterate_upper_bound = &bound;
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(read));
    it->Seek(from);
    EXPECT_FALSE(it->Valid());
    EXPECT_TRUE(it->status().ok());
  }
  EXPECT_LT(BlockReads() - before, 10u);
  const std::string from = std::string("here\0\1", 6) + std::string(8, '\0');
  const std::string to = std::string("here\0\1", 6) + std::string(8, '\xff');
  const Slice bound = to;
  ReadOptions read;
  read.iterate_upper_bound = &bound;
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(read));
  it->Seek(from);
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ("row", it->value());
}

TEST_F(PartTable, FillCacheFalseLeavesNoRowsInTheCache) {
  PartTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(1 << 20);
  Open(table);
  Fill(2000);
  ReadOptions read;
  read.fill_cache = false;
  std::string value;
  ASSERT_TRUE(db_->Get(read, KeyOf(0), &value).ok());
  const size_t usage = table.block_cache->GetUsage();
  // Index and filter, once read, are held and charged.
  EXPECT_GT(usage, 0u);
  EXPECT_EQ(table.block_cache->GetPinnedUsage(), usage);
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(db_->Get(read, KeyOf(i), &value).ok());
  }
  EXPECT_EQ(usage, table.block_cache->GetUsage());
  read.fill_cache = true;
  ASSERT_TRUE(db_->Get(read, KeyOf(0), &value).ok());
  EXPECT_GT(table.block_cache->GetUsage(), usage);
  uint64_t reported = 0;
  ASSERT_TRUE(db_->GetIntProperty(DB::Properties::kBlockCacheUsage, &reported));
  EXPECT_EQ(table.block_cache->GetUsage(), reported);
}

TEST_F(PartTable, IteratorsWithPinDataPinKeysAndValues) {
  PartTableOptions table;
  table.prefix_compression = false;
  table.block_bytes = 256;
  Open(table);
  Fill(300);
  ReadOptions read;
  read.pin_data = true;
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(read));
  std::vector<Slice> keys, values;
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    std::string pinned;
    ASSERT_TRUE(
        it->GetProperty("rocksdb.iterator.is-key-pinned", &pinned).ok());
    ASSERT_EQ("1", pinned);
    keys.push_back(it->key());
  }
  ASSERT_EQ(300u, keys.size());
  for (int i = 0; i < 300; ++i) EXPECT_EQ(KeyOf(i), keys[i].ToString());
}

TEST_F(PartTable, EntriesAreCountedExactly) {
  Open(PartTableOptions());
  Fill(10);
  db_.reset();
  TempDir other;
  Options options = options_;
  DB* raw = nullptr;
  ASSERT_TRUE(DB::Open(options, other / "db", &raw).ok());
  db_.reset(raw);
  ASSERT_TRUE(db_->Put({}, "a", "1").ok());
  ASSERT_TRUE(db_->Delete({}, "b").ok());
  ASSERT_TRUE(db_->SingleDelete({}, "c").ok());
  ASSERT_TRUE(db_->DeleteRange({}, db_->DefaultColumnFamily(), "d", "e").ok());
  ASSERT_TRUE(db_->Flush({}).ok());
  const rocksdb::TableProperties properties = Properties();
  EXPECT_EQ(4u, properties.num_entries);
  EXPECT_EQ(3u, properties.num_deletions);
  EXPECT_EQ(1u, properties.num_range_deletions);
  EXPECT_EQ(1u, properties.num_data_blocks);
  EXPECT_EQ(1u, properties.format_version);
  EXPECT_FALSE(properties.db_session_id.empty());
  std::string id;
  EXPECT_TRUE(GetUniqueIdFromTableProperties(properties, &id).ok());
  db_.reset();
}

TEST_F(PartTable, ApproximateSizesFollowTheKeys) {
  PartTableOptions table;
  table.block_bytes = 512;
  Open(table);
  Fill(5000);
  const uint64_t bytes = FileBytes();
  const auto size = [&](const std::string& from, const std::string& to) {
    const rocksdb::Range range(from, to);
    uint64_t result = 0;
    EXPECT_TRUE(db_->GetApproximateSizes(rocksdb::SizeApproximationOptions(),
                                         db_->DefaultColumnFamily(), &range, 1,
                                         &result)
                    .ok());
    return result;
  };
  EXPECT_NEAR(static_cast<double>(bytes), static_cast<double>(size("a", "z")),
              0.05 * bytes);
  EXPECT_NEAR(0.5 * bytes, static_cast<double>(size(KeyOf(0), KeyOf(2500))),
              0.05 * bytes);
  EXPECT_EQ(0u, size("a", "b"));
}

class PartStripes : public PartTable {
 protected:
  static std::string Block(int series, int jitter) {
    BlockSpec spec;
    std::vector<int64_t> timestamps;
    std::vector<uint64_t> values;
    uint64_t noise = static_cast<uint64_t>(jitter) * 7919 + 1;
    for (int i = 0; i < 200; ++i) {
      noise = noise * 6364136223846793005ull + 1442695040888963407ull;
      timestamps.push_back(i * 1000 + static_cast<int64_t>(noise >> 54));
      values.push_back(static_cast<uint64_t>(series));
    }
    std::sort(timestamps.begin(), timestamps.end());
    std::string block;
    BlockEncoder().Encode(spec, timestamps.data(), values.data(), 200, &block);
    return block;
  }
};

TEST_F(PartStripes, ATimestampColumnIsStoredOnce) {
  PartTableOptions table;
  table.block_bytes = 1024;
  for (bool shared : {false, true}) {
    Open(table);
    for (int i = 0; i < 500; ++i) {
      // Neighbours differ: every tenth row has the same timestamps.
      ASSERT_TRUE(db_->Put({}, KeyOf(i), Block(i, shared ? i % 10 : i)).ok());
    }
    ASSERT_TRUE(db_->Flush({}).ok());
    const uint64_t bytes = FileBytes();
    const uint64_t column = Block(0, 0).size();
    if (shared) {
      EXPECT_LT(bytes, 60 * column);
    } else {
      EXPECT_GT(bytes, 400 * column);
    }
    for (int i = 499; i >= 0; --i) {
      std::string value;
      ASSERT_TRUE(db_->Get({}, KeyOf(i), &value).ok());
      ASSERT_EQ(Block(i, shared ? i % 10 : i), value);
    }
    ASSERT_TRUE(db_->VerifyChecksum().ok());
    db_.reset();
    ASSERT_TRUE(DestroyDB(dir_ / "db", options_).ok());
  }
}

}  // namespace
}  // namespace varve
