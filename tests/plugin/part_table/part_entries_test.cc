// Entries of every type, keys and values of any length: kept byte for byte and
// counted exactly, beside the stock table.
#include <gtest/gtest.h>

#include "rocksdb/comparator.h"
#include "tests/plugin/part_table/twin_db.h"

namespace varve {
namespace {

using rocksdb::DB;
using rocksdb::Options;
using rocksdb::Slice;
using rocksdb::Status;
using Rows = TwinDb::Rows;

TEST(PartEntries, OfEveryTypeAreKeptAndCounted) {
  TwinDb twins("block_bytes=64", [](Options* options) {
    options->enable_blob_files = true;
    options->min_blob_size = 1000;
  });
  Rows rows = {{"blob", std::string(5000, 'b')},
               {"empty", ""},
               {"large", std::string(999, 'l')},
               {"merged", "1,2"},
               {"put", "1"}};
  for (const auto& row : rows) {
    if (row.first != "merged") twins.Put(row.first, row.second);
  }
  twins.Snapshot();
  twins.Merge("merged", "1");
  twins.Snapshot();
  twins.Merge("merged", "2");
  twins.Put("single", "gone");
  twins.Snapshot();
  twins.On("SingleDelete",
           [](DB* db) { return db->SingleDelete({}, "single"); });
  twins.Put("deleted", "gone");
  twins.Snapshot();
  twins.Delete("deleted");
  twins.On("PutEntity", [](DB* db) {
    return db->PutEntity({}, db->DefaultColumnFamily(), "wide",
                         {{"", "default"}, {"a", "1"}, {"b", "2"}});
  });
  twins.DeleteRange("x", "y");
  twins.Flush();
  rows["wide"] = "default";
  twins.ExpectSameCounts();
  for (const bool compact : {false, true}) {
    if (compact) twins.Compact();
    twins.Reopen();
    twins.Expect(rows);
    twins.ExpectSameCounts();
    for (int i = 0; i < TwinDb::kDbs; ++i) {
      rocksdb::PinnableWideColumns columns;
      ASSERT_TRUE(twins.db(i)
                      ->GetEntity({}, twins.db(i)->DefaultColumnFamily(),
                                  "wide", &columns)
                      .ok());
      EXPECT_EQ(3u, columns.columns().size());
    }
  }
}

TEST(PartEntries, OfManyMegabytesAreWhole) {
  TwinDb twins("block_bytes=4K");
  Rows rows;
  for (const size_t bytes : {0, 1, 4095, 4096, 4097, 1 << 20, 20 << 20}) {
    rows["k" + std::to_string(bytes)] = std::string(bytes, 'v');
  }
  rows[std::string(3 << 20, 'k')] = "a long key";
  for (const auto& [key, value] : rows) twins.Put(key, value);
  twins.Flush();
  twins.Expect(rows);
  twins.Compact();
  twins.Expect(rows);
}

TEST(PartEntries, OfKeysWithTimestamps) {
  TwinDb twins("block_bytes=64", [](Options* options) {
    EXPECT_TRUE(rocksdb::Comparator::CreateFromString(
                    rocksdb::ConfigOptions(),
                    "leveldb.BytewiseComparator.u64ts", &options->comparator)
                    .ok());
    options->merge_operator = nullptr;
  });
  const auto at = [](uint64_t t) {
    std::string bytes(8, '\0');
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(t >> (8 * i));
    return bytes;
  };
  for (uint64_t t = 1; t <= 20; ++t) {
    twins.On("Put", [&](DB* db) {
      return db->Put({}, db->DefaultColumnFamily(), "a", at(t),
                     std::to_string(t));
    });
    if (t % 7 == 0) {
      twins.On("Delete", [&](DB* db) {
        return db->Delete({}, db->DefaultColumnFamily(), "a", at(t));
      });
    }
    if (t == 12) twins.Flush();
  }
  twins.Flush();
  for (const bool compact : {false, true}) {
    if (compact) twins.Compact();
    for (uint64_t t = 0; t <= 21; ++t) {
      std::string got[2], stamp[2];
      Status s[2];
      const std::string read_at = at(t);
      const Slice timestamp = read_at;
      for (int i = 0; i < TwinDb::kDbs; ++i) {
        rocksdb::ReadOptions read;
        read.timestamp = &timestamp;
        s[i] = twins.db(i)->Get(read, twins.db(i)->DefaultColumnFamily(), "a",
                                &got[i], &stamp[i]);
      }
      EXPECT_EQ(s[1].ToString(), s[0].ToString()) << t;
      EXPECT_EQ(t == 0 || t == 7 || t == 14, s[0].IsNotFound()) << t;
      EXPECT_EQ(got[1], got[0]) << t;
      EXPECT_EQ(stamp[1], stamp[0]) << t;
    }
  }
}

}  // namespace
}  // namespace varve
