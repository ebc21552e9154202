// The table itself, between RocksDB's TableBuilder and TableReader: what
// RocksDB asks of every table format, whatever the keys, their order and the
// size of boxes.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "tests/plugin/part_table/bare_table.h"
#include "tests/random_source.h"

namespace varve {
namespace {

using rocksdb::Comparator;
using rocksdb::InternalIterator;
using rocksdb::ReadOptions;
using rocksdb::Slice;
using rocksdb::Status;
using rocksdb::TableReaderCaller;

struct InComparatorOrder {
  const Comparator* comparator = rocksdb::BytewiseComparator();
  bool operator()(const std::string& a, const std::string& b) const {
    return comparator->Compare(a, b) < 0;
  }
};
using Rows = std::map<std::string, std::string, InComparatorOrder>;

std::string Key(int i) {
  char key[16];
  snprintf(key, sizeof key, "k%05d", i);
  return key;
}

BareTable::Entries EntriesOf(const Rows& rows) {
  BareTable::Entries entries;
  for (const auto& [key, value] : rows) {
    entries.emplace_back(InternalKey(key, 7), value);
  }
  return entries;
}

// ---------------------------------------------------------------- harness

// Forward, backward, by random moves and seeks: as the model moves.
void ExpectMovesLike(const Rows& rows, BareTable* table, RandomSource* random) {
  const ReadOptions read;
  auto it = table->NewIterator(read);
  const auto at = [&](Rows::const_iterator model) {
    ASSERT_TRUE(it->status().ok());
    ASSERT_EQ(model != rows.end(), it->Valid());
    if (model == rows.end()) return;
    ASSERT_EQ(InternalKey(model->first, 7), it->key());
    ASSERT_EQ(model->second, it->value());
  };
  it->SeekToFirst();
  for (auto model = rows.begin(); model != rows.end(); ++model, it->Next()) {
    at(model);
  }
  EXPECT_FALSE(it->Valid());
  it->SeekToLast();
  for (auto model = rows.rbegin(); model != rows.rend(); ++model, it->Prev()) {
    at(std::prev(model.base()));
  }
  EXPECT_FALSE(it->Valid());
  auto model = rows.end();
  for (int step = 0; step < 300; ++step) {
    std::string target;
    if (!rows.empty() && random->Below(4) != 0) {
      target = std::next(rows.begin(),
                         static_cast<ptrdiff_t>(random->Below(rows.size())))
                   ->first;
    }
    switch (random->Below(3)) {
      case 0:
        target += static_cast<char>(random->Below(256));
        break;
      case 1:
        if (!target.empty()) target.pop_back();
        break;
      default:
        break;
    }
    switch (random->Below(model == rows.end() ? 2 : 6)) {
      case 0:
        it->Seek(SeekKey(target));
        model = rows.lower_bound(target);
        break;
      case 1:
        it->SeekForPrev(InternalKey(target, 0, rocksdb::kTypeDeletion));
        model = rows.upper_bound(target);
        model = model == rows.begin() ? rows.end() : std::prev(model);
        break;
      case 2:
      case 3:
        it->Prev();
        model = model == rows.begin() ? rows.end() : std::prev(model);
        break;
      default:
        it->Next();
        ++model;
    }
    at(model);
    if (testing::Test::HasFatalFailure()) return;
  }
}

struct Harness {
  PartTableOptions table;
  const Comparator* comparator;
  rocksdb::CompressionType compression;
};

void PrintTo(const Harness& harness, std::ostream* out) {
  *out << harness.comparator->Name() << " block_bytes "
       << harness.table.block_bytes << " restart_interval "
       << harness.table.restart_interval << " compression "
       << static_cast<int>(harness.compression);
}

std::vector<Harness> Harnesses() {
  std::vector<Harness> all;
  for (const uint32_t block_bytes : {64u, 256u, 4096u}) {
    for (const int restart_interval : {1, 3, 16}) {
      for (const Comparator* comparator :
           {rocksdb::BytewiseComparator(),
            rocksdb::ReverseBytewiseComparator()}) {
        Harness harness;
        harness.table.block_bytes = block_bytes;
        harness.table.index_block_bytes = 64;
        harness.table.restart_interval = restart_interval;
        harness.table.prefix_compression = restart_interval != 1;
        harness.table.cache_bytes = block_bytes == 256 ? 0 : 1 << 20;
        harness.comparator = comparator;
        harness.compression =
            restart_interval == 3 ? rocksdb::kZSTD : rocksdb::kNoCompression;
        all.push_back(harness);
      }
    }
  }
  return all;
}

class PartHarness : public testing::TestWithParam<Harness> {
 protected:
  void Check(const std::vector<std::pair<std::string, std::string>>& entries) {
    const Harness& harness = GetParam();
    Rows rows(InComparatorOrder{harness.comparator});
    for (const auto& entry : entries) rows.insert(entry);
    BareTable table(harness.table, harness.comparator, harness.compression);
    table.Write(EntriesOf(rows));
    if (HasFatalFailure()) return;
    ExpectMovesLike(rows, &table, &random_);
    for (const auto& [key, value] : rows) {
      std::string got;
      Status s;
      ASSERT_TRUE(table.Get(key, &got, &s)) << s.ToString();
      ASSERT_EQ(value, got);
      ASSERT_TRUE(s.ok());
      if (rows.count(key + "x") == 0) {
        ASSERT_FALSE(table.Get(key + "x", &got, &s));
        ASSERT_TRUE(s.ok());
      }
    }
    EXPECT_EQ(rows.size(), table.reader()->GetTableProperties()->num_entries);
    EXPECT_TRUE(table.reader()
                    ->VerifyChecksum({}, TableReaderCaller::kUncategorized)
                    .ok());
  }

  RandomSource random_{RandomSource::BaseSeed()};
};

TEST_P(PartHarness, OfNothing) { Check({}); }
TEST_P(PartHarness, OfTheEmptyKey) { Check({{"", "v"}}); }
TEST_P(PartHarness, OfOneRow) { Check({{"abc", "v"}}); }
TEST_P(PartHarness, OfAFewRows) {
  Check({{"abc", "v"}, {"abcd", "v"}, {"ac", "v2"}});
}
TEST_P(PartHarness, OfKeysOfOnes) { Check({{"\xff\xff", "v3"}, {"\xff", ""}}); }
TEST_P(PartHarness, OfRandomRows) {
  SCOPED_TRACE(random_.Trace());
  for (const size_t count : {5, 50, 700}) {
    std::vector<std::pair<std::string, std::string>> entries;
    for (size_t i = 0; i < count; ++i) {
      std::string key(random_.Below(random_.Below(20) == 0 ? 300 : 6), 'a');
      for (char& c : key) c = static_cast<char>('a' + random_.Below(4));
      std::string value(random_.Below(random_.Below(20) == 0 ? 5000 : 20), 'v');
      for (char& c : value) c = static_cast<char>(random_.Below(256));
      entries.emplace_back(key, value);
    }
    Check(entries);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(All, PartHarness, testing::ValuesIn(Harnesses()));

// --------------------------------------------------------------- promises

Rows Numbered(int count, size_t value_bytes) {
  Rows rows;
  for (int i = 0; i < count; ++i) rows[Key(i)] = std::string(value_bytes, 'v');
  return rows;
}

PartTableOptions Small() {
  PartTableOptions table;
  table.block_bytes = 1024;
  table.index_block_bytes = 256;
  return table;
}

TEST(PartReader, VersionsOfOneKeySpanBoxes) {
  PartTableOptions options = Small();
  options.block_bytes = 64;
  BareTable table(options);
  std::vector<std::pair<std::string, std::string>> entries;
  for (uint64_t sequence = 50; sequence > 0; --sequence) {
    entries.emplace_back(InternalKey("a", sequence), std::to_string(sequence));
  }
  entries.emplace_back(InternalKey("b", 3), "b");
  table.Write(entries);
  const ReadOptions read;
  auto it = table.NewIterator(read);
  for (uint64_t sequence = 60; sequence > 0; --sequence) {
    it->Seek(InternalKey("a", sequence, rocksdb::kValueTypeForSeek));
    ASSERT_TRUE(it->Valid());
    EXPECT_EQ(std::to_string(std::min<uint64_t>(sequence, 50)), it->value());
  }
  it->SeekForPrev(InternalKey("a", 0, rocksdb::kTypeDeletion));
  EXPECT_EQ("1", it->value());
  it->Next();
  EXPECT_EQ("b", it->value());
  std::string value;
  Status s;
  EXPECT_TRUE(table.Get("a", &value, &s));
  EXPECT_EQ("50", value);
}

TEST(PartReader, OffsetsAndSizesFollowTheKeys) {
  for (const auto compression : {rocksdb::kNoCompression, rocksdb::kZSTD}) {
    BareTable table(Small(), rocksdb::BytewiseComparator(), compression);
    table.Write(EntriesOf(Numbered(4000, 50)));
    const auto offset = [&](const std::string& key) {
      return static_cast<double>(table.OffsetOf(SeekKey(key)));
    };
    const auto bytes = static_cast<double>(table.bytes());
    EXPECT_EQ(0, offset("a"));
    EXPECT_NEAR(0.25 * bytes, offset(Key(1000)), 0.02 * bytes);
    EXPECT_NEAR(0.75 * bytes, offset(Key(3000)), 0.02 * bytes);
    EXPECT_NEAR(bytes, offset("z"), 0.02 * bytes);
    EXPECT_NEAR(0.5 * bytes,
                static_cast<double>(
                    table.SizeOf(SeekKey(Key(1000)), SeekKey(Key(3000)))),
                0.02 * bytes);
  }
}

// Subcompactions cut at them: in order, evenly spread, all bytes counted.
TEST(PartReader, AnchorsCutTheTableEvenly) {
  BareTable table(Small());
  table.Write(EntriesOf(Numbered(20000, 50)));
  std::vector<rocksdb::TableReader::Anchor> anchors;
  ASSERT_TRUE(table.reader()->ApproximateKeyAnchors({}, anchors).ok());
  ASSERT_GE(anchors.size(), 100u);
  ASSERT_LE(anchors.size(), 256u);
  size_t sum = 0;
  for (size_t i = 0; i < anchors.size(); ++i) {
    sum += anchors[i].range_size;
    EXPECT_LT(anchors[i].range_size, 3 * table.bytes() / anchors.size());
    if (i > 0) {
      EXPECT_LT(anchors[i - 1].user_key, anchors[i].user_key);
    }
  }
  EXPECT_NEAR(static_cast<double>(table.bytes()), static_cast<double>(sum),
              0.05 * static_cast<double>(table.bytes()));
}

bool Cached(BareTable* table, const std::string& key) {
  ReadOptions cached;
  cached.read_tier = rocksdb::kBlockCacheTier;
  std::string value;
  Status s;
  return table->Get(key, &value, &s, cached) && s.ok();
}

TEST(PartReader, PrefetchCachesTheBoxesOfTheRangeOnly) {
  BareTable table(Small());
  table.Write(EntriesOf(Numbered(1000, 50)));
  const std::string from_key = SeekKey(Key(300)), to_key = SeekKey(Key(500));
  const Slice from = from_key, to = to_key;
  EXPECT_FALSE(Cached(&table, Key(400)));
  ASSERT_TRUE(table.Prefetch(&from, &to).ok());
  for (int i = 300; i < 500; i += 7) EXPECT_TRUE(Cached(&table, Key(i))) << i;
  EXPECT_FALSE(Cached(&table, Key(100)));
  EXPECT_FALSE(Cached(&table, Key(700)));
  EXPECT_TRUE(table.Prefetch(&to, &from).IsInvalidArgument());
  ASSERT_TRUE(table.Prefetch(nullptr, nullptr).ok());
  EXPECT_TRUE(Cached(&table, Key(0)));
  EXPECT_TRUE(Cached(&table, Key(999)));
}

TEST(PartReader, BoundsAreReportedToTheLevelIterator) {
  BareTable table(Small());
  table.Write(EntriesOf(Numbered(100, 50)));
  const std::string upper_key = Key(5);
  const Slice upper = upper_key;
  ReadOptions read;
  read.iterate_upper_bound = &upper;
  auto it = table.NewIterator(read);
  it->Seek(SeekKey(Key(50)));
  EXPECT_FALSE(it->Valid());
  EXPECT_EQ(rocksdb::IterBoundCheck::kOutOfBound, it->UpperBoundCheckResult());
  it->Seek(SeekKey(Key(3)));
  ASSERT_TRUE(it->Valid());
  EXPECT_NE(rocksdb::IterBoundCheck::kOutOfBound, it->UpperBoundCheckResult());
  rocksdb::IterateResult result;
  EXPECT_TRUE(it->NextAndGetResult(&result));
  EXPECT_FALSE(it->NextAndGetResult(&result));
  EXPECT_EQ(rocksdb::IterBoundCheck::kOutOfBound, it->UpperBoundCheckResult());
  EXPECT_TRUE(it->status().ok());
}

TEST(PartReader, RocksDbReadsThePropertiesPastIt) {
  BareTable table(Small());
  table.Write(EntriesOf(Numbered(1000, 50)));
  const auto properties = table.reader()->GetTableProperties();
  EXPECT_EQ(1000u, properties->num_entries);
  EXPECT_EQ(1000u * (6 + kInternalKeyTrailerBytes), properties->raw_key_size);
  EXPECT_EQ(50000u, properties->raw_value_size);
  EXPECT_GT(properties->num_data_blocks, 40u);
  EXPECT_GT(properties->data_size, 50000u);
  EXPECT_GT(properties->filter_size, 1000u);
  EXPECT_LT(
      properties->data_size + properties->index_size + properties->filter_size,
      table.bytes());
  EXPECT_GT(table.reader()->ApproximateMemoryUsage(), 0u);
}

TEST(PartReader, ACompactionReadsAllWithoutFillingTheCache) {
  BareTable table(Small());
  table.Write(EntriesOf(Numbered(1000, 50)));
  table.reader()->SetupForCompaction();
  ReadOptions read;
  read.fill_cache = false;
  auto it = table.NewIterator(read, TableReaderCaller::kCompaction);
  int rows = 0;
  for (it->SeekToFirst(); it->Valid(); it->Next()) ++rows;
  EXPECT_EQ(1000, rows);
  EXPECT_FALSE(Cached(&table, Key(500)));
}

}  // namespace
}  // namespace varve
