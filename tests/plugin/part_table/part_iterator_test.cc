// Iterators over parts, scenario by scenario, beside the stock table.
#include <gtest/gtest.h>

#include "rocksdb/perf_context.h"
#include "rocksdb/perf_level.h"
#include "rocksdb/slice_transform.h"
#include "tests/plugin/part_table/twin_walk.h"

namespace varve {
namespace {

using rocksdb::Options;
using rocksdb::ReadOptions;
using rocksdb::Slice;
using rocksdb::Status;
using Rows = TwinDb::Rows;

std::string Key(int i) {
  char key[16];
  snprintf(key, sizeof key, "k%05d", i);
  return key;
}

TEST(PartIterator, OfNothing) {
  TwinDb twins;
  EXPECT_EQ("end end end end", Walk(&twins, {}, {"[", "]", "+a", "-a"}));
  twins.Put("a", "1");
  twins.Delete("a");
  twins.Flush();
  EXPECT_EQ("end end end end", Walk(&twins, {}, {"[", "]", "+a", "-a"}));
}

TEST(PartIterator, OfOneRow) {
  TwinDb twins;
  twins.Put("b", "1");
  twins.Flush();
  EXPECT_EQ("b=1 end b=1 end", Walk(&twins, {}, {"[", ">", "]", "<"}));
  EXPECT_EQ("b=1 b=1 end end b=1 b=1",
            Walk(&twins, {}, {"+", "+b", "+c", "-a", "-b", "-c"}));
}

TEST(PartIterator, TurnsAroundAnywhere) {
  TwinDb twins;
  for (const char* key : {"a", "b", "c", "d", "e"}) twins.Put(key, key);
  twins.FlushTo(2);
  twins.Put("b", "new");
  twins.Delete("d");
  twins.Flush();
  EXPECT_EQ("a=a b=new a=a b=new c=c e=e c=c b=new c=c",
            Walk(&twins, {}, {"[", ">", "<", ">", ">", ">", "<", "<", ">"}));
  EXPECT_EQ("e=e c=c e=e e=e end c=c c=c",
            Walk(&twins, {}, {"]", "<", ">", "+d", ">", "-d", "-c"}));
}

TEST(PartIterator, SmallAndLargeValuesMix) {
  TwinDb twins;
  Rows rows;
  const auto put = [&](const std::string& key, size_t bytes, char c) {
    rows[key] = std::string(bytes, c);
    twins.Put(key, rows[key]);
  };
  put("a", 1, 'a');
  put("b", 300000, 'b');
  put("c", 0, 'c');
  put("d", 300000, 'd');
  put("e", 2, 'e');
  twins.Flush();
  twins.Expect(rows);
  twins.Compact();
  twins.Expect(rows);
}

TEST(PartIterator, KeysOfAnyLength) {
  TwinDb twins;
  Rows rows;
  rows[""] = "the empty key";
  for (const size_t bytes : {1, 7, 8, 9, 100, 127, 128, 16383, 16384, 100000}) {
    rows[std::string(bytes, 'k')] = std::to_string(bytes);
    rows[std::string(bytes, '\0')] = "zeros";
    rows[std::string(bytes, '\xff')] = "ones";
  }
  for (const auto& [key, value] : rows) twins.Put(key, value);
  twins.Flush();
  twins.Expect(rows);
  twins.Reopen();
  twins.Compact();
  twins.Expect(rows);
}

// More versions and deletions of a key than max_skip_in_iterations, over many
// boxes: reseeks in both directions.
TEST(PartIterator, SkipsManyVersionsAndDeletions) {
  TwinDb twins;
  for (int i = 0; i < 30; ++i) {
    twins.Put("a", std::to_string(i));
    twins.Put("c", std::to_string(i));
    twins.Put(Key(i), "gone");
    if (i % 10 == 0) twins.Snapshot();
  }
  for (int i = 0; i < 30; ++i) twins.Delete(Key(i));
  twins.Put("z", "1");
  twins.Flush();
  EXPECT_EQ("a=29 c=29 z=1 end", Walk(&twins, {}, {"[", ">", ">", ">"}));
  EXPECT_EQ("z=1 c=29 a=29 end", Walk(&twins, {}, {"]", "<", "<", "<"}));
  twins.Expect({{"a", "10"},
                {"c", "10"},
                {Key(0), "gone"},
                {Key(1), "gone"},
                {Key(2), "gone"},
                {Key(3), "gone"},
                {Key(4), "gone"},
                {Key(5), "gone"},
                {Key(6), "gone"},
                {Key(7), "gone"},
                {Key(8), "gone"},
                {Key(9), "gone"},
                {Key(10), "gone"}},
               1);
  ReadOptions read;
  read.max_skippable_internal_keys = 5;
  for (int i = 0; i < TwinDb::kDbs; ++i) {
    auto it = twins.NewIterator(i, read);
    it->Seek(Key(0));
    EXPECT_TRUE(it->status().IsIncomplete()) << it->status().ToString();
  }
}

TEST(PartIterator, NewerVersionsStayHidden) {
  TwinDb twins;
  twins.Put("a", "1");
  twins.Put("b", "1");
  twins.Flush();
  std::unique_ptr<rocksdb::Iterator> its[TwinDb::kDbs];
  for (int i = 0; i < TwinDb::kDbs; ++i) its[i] = twins.NewIterator(i, {});
  for (int i = 0; i < 20; ++i) twins.Put("b", "newer");
  twins.Delete("a");
  twins.Put("aa", "newer");
  twins.Flush();
  twins.Compact();
  for (auto& it : its) {
    it->SeekToFirst();
    EXPECT_EQ("a=1", At(it.get()));
    it->Next();
    EXPECT_EQ("b=1", At(it.get()));
    it->Prev();
    EXPECT_EQ("a=1", At(it.get()));
    ASSERT_TRUE(it->Refresh().ok());
    it->SeekToFirst();
    EXPECT_EQ("aa=newer", At(it.get()));
    it->Next();
    EXPECT_EQ("b=newer", At(it.get()));
  }
}

TEST(PartIterator, BoundsHoldAfterEveryKindOfSeek) {
  TwinDb twins;
  for (int i = 0; i < 40; ++i) twins.Put(Key(i), "v");
  twins.FlushTo(2);
  twins.Delete(Key(19));
  twins.Flush();
  std::string upper_key = Key(20), lower_key = Key(10);
  Slice upper = upper_key, lower = lower_key;
  ReadOptions read;
  read.iterate_upper_bound = &upper;
  read.iterate_lower_bound = &lower;
  EXPECT_EQ("k00018=v end", Walk(&twins, read, {"+" + Key(18), ">"}));
  EXPECT_EQ("k00010=v end", Walk(&twins, read, {"[", "<"}));
  EXPECT_EQ("k00018=v k00017=v", Walk(&twins, read, {"]", "<"}));
  EXPECT_EQ("k00018=v k00010=v end end",
            Walk(&twins, read,
                 {"-" + Key(35), "+" + Key(2), "+" + Key(20), "-" + Key(9)}));
  // Past the end, and back by a seek.
  EXPECT_EQ("k00018=v end k00018=v",
            Walk(&twins, read, {"]", ">", "-" + Key(30)}));
  // A bound that changes between two seeks.
  for (int i = 0; i < TwinDb::kDbs; ++i) {
    upper_key = Key(20);
    upper = upper_key;
    auto it = twins.NewIterator(i, read);
    it->Seek(Key(15));
    upper_key = Key(12);
    upper = upper_key;
    it->Seek(Key(11));
    EXPECT_EQ("k00011=v", At(it.get()));
    it->Next();
    EXPECT_EQ("end", At(it.get()));
  }
}

// A scan that reaches its bound does not read the boxes behind it.
TEST(PartIterator, ABoundSavesReads) {
  rocksdb::SetPerfLevel(rocksdb::kEnableCount);
  TwinDb twins("block_bytes=256;cache_bytes=0");
  for (int i = 0; i < 1000; ++i) twins.Put(Key(i), std::string(50, 'v'));
  twins.Flush();
  const std::string upper_key = Key(3);
  const Slice upper = upper_key;
  ReadOptions read;
  read.iterate_upper_bound = &upper;
  auto it = twins.NewIterator(0, read);
  it->Seek(Key(0));  // loads the index
  const uint64_t before = rocksdb::get_perf_context()->block_read_count;
  it->Seek(Key(0));
  int rows = 0;
  for (; it->Valid(); it->Next()) ++rows;
  EXPECT_EQ(3, rows);
  EXPECT_LE(rocksdb::get_perf_context()->block_read_count - before, 2u);
  rocksdb::SetPerfLevel(rocksdb::kDisable);
}

TEST(PartIterator, PinnedSlicesStayWhereverTheIteratorGoes) {
  for (const bool prefix_compression : {true, false}) {
    TwinDb twins(std::string("block_bytes=128;cache_bytes=2K;prefix_") +
                 "compression=" + (prefix_compression ? "true" : "false"));
    Rows rows;
    for (int i = 0; i < 200; ++i) {
      rows[Key(i)] = std::string(static_cast<size_t>(i % 50), 'v');
      twins.Put(Key(i), rows[Key(i)]);
      if (i % 70 == 0) twins.FlushTo(i == 0 ? 2 : 1);
    }
    for (int i = 0; i < 200; i += 3) {
      twins.Merge(Key(i), "m");
      rows[Key(i)] += ",m";
    }
    twins.Flush();
    ReadOptions read;
    read.pin_data = true;
    auto it = twins.NewIterator(0, read);
    std::vector<std::pair<Slice, Slice>> pinned;
    std::string is_pinned;
    size_t keys_pinned = 0;
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      ASSERT_TRUE(
          it->GetProperty("rocksdb.iterator.is-key-pinned", &is_pinned).ok());
      if (is_pinned == "1") {
        ++keys_pinned;
        pinned.emplace_back(it->key(), it->value());
      }
    }
    ASSERT_TRUE(it->status().ok());
    if (!prefix_compression) {
      EXPECT_EQ(rows.size(), keys_pinned);
    }
    it->SeekToFirst();
    it->SeekToLast();
    for (const auto& row : pinned) {
      ASSERT_EQ(1u, rows.count(row.first.ToString()));
    }
  }
}

TEST(PartIterator, WithoutIoItIsIncompleteUntilTheRowsAreCached) {
  TwinDb twins("block_bytes=128");
  for (int i = 0; i < 50; ++i) twins.Put(Key(i), "v");
  twins.Flush();
  twins.Reopen();  // paranoid_file_checks has read all of it
  ReadOptions cached;
  cached.read_tier = rocksdb::kBlockCacheTier;
  auto it = twins.NewIterator(0, cached);
  it->SeekToFirst();
  EXPECT_FALSE(it->Valid());
  EXPECT_TRUE(it->status().IsIncomplete());
  std::string value;
  EXPECT_TRUE(twins.part()->Get(cached, Key(7), &value).IsIncomplete());
  bool found = true;
  EXPECT_TRUE(twins.part()->KeyMayExist(cached, Key(7), &value, &found));
  EXPECT_FALSE(found);
  std::unique_ptr<rocksdb::Iterator> warm = twins.NewIterator(0, {});
  for (warm->SeekToFirst(); warm->Valid(); warm->Next()) {
  }
  int rows = 0;
  for (it->SeekToFirst(); it->Valid(); it->Next()) ++rows;
  EXPECT_EQ(50, rows);
  EXPECT_TRUE(it->status().ok());
  EXPECT_TRUE(twins.part()->Get(cached, Key(7), &value).ok());
}

TEST(PartIterator, TailingSeesNewRows) {
  TwinDb twins;
  twins.Put(Key(1), "v");
  twins.Flush();
  ReadOptions read;
  read.tailing = true;
  for (int i = 0; i < TwinDb::kDbs; ++i) {
    auto it = twins.NewIterator(i, read);
    it->Seek(Key(1));
    EXPECT_EQ("k00001=v", At(it.get()));
    ASSERT_TRUE(twins.db(i)->Put({}, Key(2), "v").ok());
    ASSERT_TRUE(twins.db(i)->Flush({}).ok());
    it->Seek(Key(2));
    EXPECT_EQ("k00002=v", At(it.get()));
    it->SeekToFirst();
    it->Next();
    EXPECT_EQ("k00002=v", At(it.get()));
  }
}

TEST(PartIterator, PrefixesAndTotalOrder) {
  TwinDb twins("block_bytes=64", [](Options* options) {
    options->prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(2));
  });
  for (const char* key : {"a", "aa1", "aa2", "ab1", "ba1", "bb2"}) {
    twins.Put(key, "v");
  }
  twins.FlushTo(2);
  twins.Delete("aa2");
  twins.Flush();
  ReadOptions total;
  total.total_order_seek = true;
  EXPECT_EQ("aa1=v ab1=v ba1=v bb2=v end",
            Walk(&twins, total, {"+aa", ">", ">", ">", ">"}));
  EXPECT_EQ("ba1=v", Walk(&twins, total, {"+ac"}));
  ReadOptions same;
  same.prefix_same_as_start = true;
  EXPECT_EQ("aa1=v end", Walk(&twins, same, {"+aa1", ">"}));
  EXPECT_EQ("end", Walk(&twins, same, {"+ac"}));
  ReadOptions automatic;
  automatic.auto_prefix_mode = true;
  EXPECT_EQ("ba1=v", Walk(&twins, automatic, {"+ac"}));
  twins.Compact();
  EXPECT_EQ("aa1=v end", Walk(&twins, same, {"+aa1", ">"}));
}

TEST(PartIterator, TableFilterSkipsFiles) {
  TwinDb twins;
  twins.Put("a", "1");
  twins.Flush();
  twins.Put("b", "1");
  twins.Put("c", "1");
  twins.Flush();
  ReadOptions read;
  read.table_filter = [](const rocksdb::TableProperties& properties) {
    return properties.num_entries == 2;
  };
  EXPECT_EQ("b=1 c=1 end", Walk(&twins, read, {"[", ">", ">"}));
}

TEST(PartIterator, ReadaheadAndUncheckedReadsGiveTheSame) {
  TwinDb twins("block_bytes=256;cache_bytes=0",
               [](Options* options) { options->compression = rocksdb::kZSTD; });
  Rows rows;
  for (int i = 0; i < 3000; ++i) {
    rows[Key(i)] = std::string(40, static_cast<char>(i));
    twins.Put(Key(i), rows[Key(i)]);
  }
  twins.Flush();
  for (const size_t readahead : {0, 1, 5000, 1 << 20}) {
    for (const bool verify : {true, false}) {
      ReadOptions read;
      read.readahead_size = readahead;
      read.verify_checksums = verify;
      read.fill_cache = false;
      read.adaptive_readahead = readahead == 1;
      auto it = twins.NewIterator(0, read);
      auto row = rows.begin();
      for (it->SeekToFirst(); it->Valid(); it->Next(), ++row) {
        ASSERT_EQ(row->first, it->key());
        ASSERT_EQ(row->second, it->value());
      }
      ASSERT_TRUE(it->status().ok());
      ASSERT_TRUE(row == rows.end());
      it->SeekToLast();
      for (int i = 0; i < 100; ++i) it->Prev();
      ASSERT_EQ(Key(2899), it->key());
    }
  }
}

}  // namespace
}  // namespace varve
