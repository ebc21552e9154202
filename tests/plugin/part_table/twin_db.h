// Two databases with the same options and the same writes, one on the part
// table and one on RocksDB's block-based table. Expect() compares what they
// show with each other and with what the test says, in every way of reading.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugin/part_table/part_table_factory.h"
#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/table.h"
#include "tests/temp_dir.h"

namespace varve {

class TwinDb {
 public:
  using Rows = std::map<std::string, std::string>;
  using Action = std::function<rocksdb::Status(rocksdb::DB*)>;
  static constexpr int kDbs = 2;  // 0: part, 1: stock

  // `table` are options of the part table; `change` sets the database's.
  explicit TwinDb(
      const std::string& table = "block_bytes=64;index_block_bytes=64",
      const std::function<void(rocksdb::Options*)>& change = {})
      : table_(table) {
    options_.create_if_missing = true;
    options_.disable_auto_compactions = true;
    options_.paranoid_file_checks = true;
    options_.num_levels = 4;
    options_.verify_sst_unique_id_in_manifest = true;
    EXPECT_TRUE(rocksdb::MergeOperator::CreateFromString(
                    config_, "stringappend", &options_.merge_operator)
                    .ok());
    if (change) change(&options_);
    Open();
  }
  ~TwinDb() { Close(); }

  rocksdb::DB* part() { return dbs_[0].get(); }
  rocksdb::DB* db(int i) { return dbs_[i].get(); }
  std::string path(int i) const { return dir_ / ("db" + std::to_string(i)); }
  rocksdb::Options OptionsOf(int i) const {
    rocksdb::Options options = options_;
    if (i == 0) {
      EXPECT_TRUE(
          rocksdb::TableFactory::CreateFromString(
              config_, "id=VarvePartTable;" + table_, &options.table_factory)
              .ok());
    } else {
      options.table_factory.reset(rocksdb::NewBlockBasedTableFactory());
    }
    return options;
  }

  void Open() {
    for (int i = 0; i < kDbs; ++i) {
      rocksdb::DB* db = nullptr;
      const rocksdb::Status s = rocksdb::DB::Open(OptionsOf(i), path(i), &db);
      ASSERT_TRUE(s.ok()) << i << ": " << s.ToString();
      dbs_[i].reset(db);
    }
  }
  void Close() {
    for (int i = 0; i < kDbs; ++i) {
      for (const rocksdb::Snapshot* s : snapshots_[i]) {
        dbs_[i]->ReleaseSnapshot(s);
      }
      snapshots_[i].clear();
      dbs_[i].reset();
    }
  }
  void Reopen() {
    Close();
    Open();
  }

  void On(const char* what, const Action& action) {
    for (int i = 0; i < kDbs; ++i) {
      const rocksdb::Status s = action(dbs_[i].get());
      ASSERT_TRUE(s.ok()) << what << " on " << i << ": " << s.ToString();
    }
  }
  void Put(const std::string& key, const std::string& value) {
    On("Put", [&](rocksdb::DB* db) { return db->Put({}, key, value); });
  }
  void Merge(const std::string& key, const std::string& value) {
    On("Merge", [&](rocksdb::DB* db) { return db->Merge({}, key, value); });
  }
  void Delete(const std::string& key) {
    On("Delete", [&](rocksdb::DB* db) { return db->Delete({}, key); });
  }
  void DeleteRange(const std::string& from, const std::string& to) {
    On("DeleteRange", [&](rocksdb::DB* db) {
      return db->DeleteRange({}, db->DefaultColumnFamily(), from, to);
    });
  }
  void Flush() {
    On("Flush", [](rocksdb::DB* db) { return db->Flush({}); });
  }
  // Flushed, and moved to `level` without being merged with anything there.
  void FlushTo(int level) {
    Flush();
    for (int i = 0; i < kDbs; ++i) {
      rocksdb::ColumnFamilyMetaData meta;
      dbs_[i]->GetColumnFamilyMetaData(&meta);
      std::vector<std::string> files;
      for (const auto& file : meta.levels[0].files) files.push_back(file.name);
      if (level == 0 || files.empty()) continue;
      const rocksdb::Status s =
          dbs_[i]->CompactFiles(rocksdb::CompactionOptions(), files, level);
      ASSERT_TRUE(s.ok()) << s.ToString();
    }
  }
  void Compact() {
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForceOptimized;
    On("Compact", [&](rocksdb::DB* db) {
      return db->CompactRange(all, nullptr, nullptr);
    });
  }
  void Snapshot() {
    for (int i = 0; i < kDbs; ++i) {
      snapshots_[i].push_back(dbs_[i]->GetSnapshot());
    }
  }

  size_t snapshots() const { return snapshots_[0].size(); }

  // At the snapshot of that number, or now.
  rocksdb::ReadOptions Read(int i, int snapshot = -1) const {
    rocksdb::ReadOptions read;
    if (snapshot >= 0) read.snapshot = snapshots_[i][snapshot];
    return read;
  }
  std::unique_ptr<rocksdb::Iterator> NewIterator(
      int i, const rocksdb::ReadOptions& read) {
    return std::unique_ptr<rocksdb::Iterator>(dbs_[i]->NewIterator(read));
  }

  void Expect(const Rows& rows, int snapshot = -1) {
    for (int i = 0; i < kDbs; ++i) {
      SCOPED_TRACE(i == 0 ? "part" : "stock");
      const rocksdb::ReadOptions read = Read(i, snapshot);
      Rows seen, backward;
      auto it = NewIterator(i, read);
      for (it->SeekToFirst(); it->Valid(); it->Next()) {
        seen[it->key().ToString()] = it->value().ToString();
      }
      EXPECT_TRUE(it->status().ok()) << it->status().ToString();
      EXPECT_EQ(rows, seen);
      for (it->SeekToLast(); it->Valid(); it->Prev()) {
        backward[it->key().ToString()] = it->value().ToString();
      }
      EXPECT_TRUE(it->status().ok()) << it->status().ToString();
      EXPECT_EQ(rows, backward);
      for (const auto& [key, value] : rows) {
        std::string got;
        const rocksdb::Status s = dbs_[i]->Get(read, key, &got);
        EXPECT_TRUE(s.ok()) << key << s.ToString();
        EXPECT_EQ(value, got) << key;
        it->Seek(key);
        EXPECT_TRUE(it->Valid() && it->key() == key) << key;
        it->SeekForPrev(key);
        EXPECT_TRUE(it->Valid() && it->key() == key) << key;
      }
    }
  }
  void ExpectAbsent(const std::string& key) {
    for (int i = 0; i < kDbs; ++i) {
      std::string value;
      EXPECT_TRUE(dbs_[i]->Get({}, key, &value).IsNotFound()) << i << key;
    }
  }
  // Files a level, the same in both.
  std::vector<size_t> FilesPerLevel(int i) {
    rocksdb::ColumnFamilyMetaData meta;
    dbs_[i]->GetColumnFamilyMetaData(&meta);
    std::vector<size_t> counts;
    for (const auto& level : meta.levels) counts.push_back(level.files.size());
    return counts;
  }
  // What the files say they hold: exact counts in both formats.
  void ExpectSameCounts() {
    uint64_t counts[kDbs][4] = {};
    for (int i = 0; i < kDbs; ++i) {
      rocksdb::TablePropertiesCollection all;
      ASSERT_TRUE(dbs_[i]->GetPropertiesOfAllTables(&all).ok());
      for (const auto& file : all) {
        counts[i][0] += file.second->num_entries;
        counts[i][1] += file.second->num_deletions;
        counts[i][2] += file.second->num_merge_operands;
        counts[i][3] += file.second->num_range_deletions;
      }
    }
    for (int c = 0; c < 4; ++c) EXPECT_EQ(counts[1][c], counts[0][c]) << c;
  }

 private:
  const rocksdb::ConfigOptions config_;
  const std::string table_;
  TempDir dir_;
  rocksdb::Options options_;
  std::unique_ptr<rocksdb::DB> dbs_[kDbs];
  std::vector<const rocksdb::Snapshot*> snapshots_[kDbs];
};

}  // namespace varve
