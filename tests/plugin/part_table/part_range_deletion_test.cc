// Range deletions over parts, scenario by scenario, beside the stock table.
#include <gtest/gtest.h>

#include "rocksdb/sst_file_writer.h"
#include "tests/plugin/part_table/twin_db.h"

namespace varve {
namespace {

using rocksdb::DB;
using rocksdb::Options;
using rocksdb::Status;
using Rows = TwinDb::Rows;

std::string Key(int i) {
  char key[16];
  snprintf(key, sizeof key, "key%04d", i);
  return key;
}

void Fill(TwinDb* twins, Rows* rows, int from, int to,
          const std::string& value) {
  for (int i = from; i < to; ++i) {
    twins->Put(Key(i), value);
    (*rows)[Key(i)] = value;
  }
}

void Erase(TwinDb* twins, Rows* rows, int from, int to) {
  twins->DeleteRange(Key(from), Key(to));
  rows->erase(rows->lower_bound(Key(from)), rows->lower_bound(Key(to)));
}

TEST(PartRangeDeletion, AFileMayHoldNothingElse) {
  TwinDb twins;
  twins.DeleteRange("a", "c");
  twins.Flush();
  twins.Expect({});
  twins.ExpectSameCounts();
  twins.Put("b", "1");
  twins.Expect({{"b", "1"}});
  twins.Reopen();
  twins.Expect({{"b", "1"}});
  twins.Compact();
  twins.Expect({{"b", "1"}});
  twins.ExpectSameCounts();
}

TEST(PartRangeDeletion, AnEmptyRangeCoversNothing) {
  TwinDb twins;
  twins.Put("b", "1");
  twins.DeleteRange("b", "b");
  twins.Flush();
  twins.Expect({{"b", "1"}});
  twins.Compact();
  twins.Expect({{"b", "1"}});
}

TEST(PartRangeDeletion, CoversWhatIsOlderOnEveryLevel) {
  TwinDb twins;
  Rows rows;
  Fill(&twins, &rows, 0, 100, "bottom");
  twins.FlushTo(3);
  Fill(&twins, &rows, 50, 150, "middle");
  twins.FlushTo(2);
  Erase(&twins, &rows, 20, 120);
  twins.FlushTo(1);
  Fill(&twins, &rows, 60, 70, "top");
  twins.Flush();
  twins.Expect(rows);
  twins.ExpectAbsent(Key(55));
  twins.Reopen();
  twins.Expect(rows);
  twins.Compact();
  twins.Expect(rows);
  twins.ExpectSameCounts();
}

TEST(PartRangeDeletion, SnapshotsSeeWhatItCovers) {
  TwinDb twins;
  Rows rows;
  Fill(&twins, &rows, 0, 60, "old");
  twins.Snapshot();
  const Rows old = rows;
  Erase(&twins, &rows, 10, 50);
  twins.Snapshot();
  const Rows erased = rows;
  Fill(&twins, &rows, 30, 40, "new");
  for (const bool compact : {false, true}) {
    compact ? twins.Compact() : twins.Flush();
    twins.Expect(old, 0);
    twins.Expect(erased, 1);
    twins.Expect(rows);
    twins.ExpectSameCounts();
  }
}

TEST(PartRangeDeletion, OverlappingOnesAreFragmented) {
  TwinDb twins;
  Rows rows;
  Fill(&twins, &rows, 0, 100, "v");
  twins.FlushTo(2);
  std::vector<Rows> seen;
  const int ranges[][2] = {{10, 40}, {20, 30}, {35, 60}, {10, 15}, {59, 61}};
  for (const auto& range : ranges) {
    Erase(&twins, &rows, range[0], range[1]);
    Fill(&twins, &rows, range[0] + 1, range[0] + 2, "again");
    twins.Snapshot();
    seen.push_back(rows);
  }
  twins.Flush();
  for (size_t i = 0; i < seen.size(); ++i) {
    twins.Expect(seen[i], static_cast<int>(i));
  }
  twins.Compact();
  for (size_t i = 0; i < seen.size(); ++i) {
    twins.Expect(seen[i], static_cast<int>(i));
  }
  twins.Expect(rows);
}

TEST(PartRangeDeletion, MergeOperandsBelowAreCovered) {
  TwinDb twins;
  twins.Merge("a", "1");
  twins.Merge("b", "1");
  twins.FlushTo(3);
  twins.DeleteRange("a", "b");
  twins.Merge("a", "2");
  twins.FlushTo(1);
  twins.Merge("a", "3");
  twins.Merge("b", "3");
  twins.Flush();
  const Rows rows = {{"a", "2,3"}, {"b", "1,3"}};
  twins.Expect(rows);
  twins.Compact();
  twins.Expect(rows);
}

// Outputs of a compaction are cut within the range: each file has its part of
// it, and none reaches over a newer key of the next.
TEST(PartRangeDeletion, IsCutWithTheOutputFiles) {
  TwinDb twins("block_bytes=256", [](Options* options) {
    options->target_file_size_base = 4096;
    options->compression = rocksdb::kNoCompression;
  });
  Rows rows;
  Fill(&twins, &rows, 0, 200, std::string(100, 'o'));
  twins.FlushTo(3);
  twins.Snapshot();
  const Rows old = rows;
  Fill(&twins, &rows, 0, 200, std::string(100, 'n'));
  Erase(&twins, &rows, 20, 180);
  twins.Compact();
  EXPECT_GT(twins.FilesPerLevel(0)[3], 4u);
  twins.Expect(rows);
  twins.Expect(old, 0);
  Fill(&twins, &rows, 90, 110, "newer");
  twins.Flush();
  twins.Expect(rows);
  twins.Reopen();
  twins.Expect(rows);
}

TEST(PartRangeDeletion, CoversIngestedFilesAndIsIngested) {
  TwinDb twins;
  Rows rows;
  Fill(&twins, &rows, 0, 50, "v");
  twins.Flush();
  for (int i = 0; i < TwinDb::kDbs; ++i) {
    const std::string file = twins.path(i) + ".sst";
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), twins.OptionsOf(i));
    ASSERT_TRUE(writer.Open(file).ok());
    ASSERT_TRUE(writer.Put(Key(5), "ingested").ok());
    ASSERT_TRUE(writer.DeleteRange(Key(10), Key(20)).ok());
    ASSERT_TRUE(writer.Finish().ok());
    ASSERT_TRUE(twins.db(i)->IngestExternalFile({file}, {}).ok());
  }
  rows.erase(rows.lower_bound(Key(10)), rows.lower_bound(Key(20)));
  rows[Key(5)] = "ingested";
  twins.Expect(rows);
  Fill(&twins, &rows, 15, 17, "after");
  Erase(&twins, &rows, 0, 6);
  twins.Flush();
  twins.Expect(rows);
  twins.Compact();
  twins.Expect(rows);
}

TEST(PartRangeDeletion, IgnoreRangeDeletionsShowsWhatIsStillThere) {
  TwinDb twins;
  twins.Put("b", "1");
  twins.Flush();
  twins.DeleteRange("a", "c");
  twins.Flush();
  for (int i = 0; i < TwinDb::kDbs; ++i) {
    rocksdb::ReadOptions read;
    read.ignore_range_deletions = true;
    std::string value;
    EXPECT_TRUE(twins.db(i)->Get(read, "b", &value).ok());
    auto it = twins.NewIterator(i, read);
    it->SeekToFirst();
    EXPECT_TRUE(it->Valid());
  }
}

TEST(PartRangeDeletion, IteratorsReseekAndTurnAroundInsideOne) {
  TwinDb twins;
  Rows rows;
  Fill(&twins, &rows, 0, 100, "v");
  twins.FlushTo(2);
  Erase(&twins, &rows, 20, 80);
  Fill(&twins, &rows, 50, 52, "island");
  twins.Flush();
  for (int i = 0; i < TwinDb::kDbs; ++i) {
    const std::string upper_key = Key(90), lower_key = Key(10);
    const rocksdb::Slice upper = upper_key, lower = lower_key;
    rocksdb::ReadOptions read;
    read.iterate_upper_bound = &upper;
    read.iterate_lower_bound = &lower;
    auto it = twins.NewIterator(i, read);
    it->Seek(Key(19));
    it->Next();
    ASSERT_TRUE(it->Valid());
    EXPECT_EQ(Key(50), it->key());
    it->Prev();
    EXPECT_EQ(Key(19), it->key());
    it->Seek(Key(51));
    it->Next();
    EXPECT_EQ(Key(80), it->key());
    it->Prev();
    EXPECT_EQ(Key(51), it->key());
    it->SeekForPrev(Key(79));
    EXPECT_EQ(Key(51), it->key());
    it->SeekToLast();
    EXPECT_EQ(Key(89), it->key());
    it->SeekToFirst();
    EXPECT_EQ(Key(10), it->key());
    it->Prev();
    EXPECT_FALSE(it->Valid());
    EXPECT_TRUE(it->status().ok());
  }
}

TEST(PartRangeDeletion, SubcompactionsKeepIt) {
  TwinDb twins("block_bytes=256", [](Options* options) {
    options->max_subcompactions = 4;
    options->target_file_size_base = 8192;
    options->compression = rocksdb::kNoCompression;
  });
  Rows rows;
  for (int layer = 0; layer < 3; ++layer) {
    Fill(&twins, &rows, 0, 400,
         std::string(60, static_cast<char>('a' + layer)));
    Erase(&twins, &rows, 50 * layer, 50 * layer + 120);
    twins.Flush();
  }
  twins.Snapshot();
  const Rows now = rows;
  twins.Compact();
  twins.Expect(now, 0);
  twins.Expect(rows);
  twins.ExpectSameCounts();
}

}  // namespace
}  // namespace varve
