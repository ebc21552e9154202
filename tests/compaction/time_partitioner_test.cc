#include "compaction/time_partitioner.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "format/row/row_key.h"
#include "rocksdb/convenience.h"
#include "tests/mock_clock.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

// 2023-11-01T00:00:00Z, the first day of a month and the day 19662.
constexpr int64_t kNovember = 1698796800000;
constexpr int64_t kDecember = kNovember + 30 * kMillisPerDay;

RowShape Shape(Partition partition) {
  RowShape shape;
  shape.partition = partition;
  return shape;
}

std::unique_ptr<rocksdb::SstPartitioner> Make(const std::string& fields) {
  TimePartitionerFactory factory;
  EXPECT_TRUE(
      factory.ConfigureFromString(rocksdb::ConfigOptions(), fields).ok());
  return factory.CreatePartitioner({});
}

std::string Key(const RowShape& shape, const std::string& series,
                int64_t timestamp_ms) {
  std::string key;
  AppendRowKey(shape, series, shape.BucketStart(timestamp_ms), &key);
  return key;
}

// How many files a compaction of these keys would write.
size_t CountFiles(rocksdb::SstPartitioner* partitioner,
                  const std::vector<std::string>& keys) {
  size_t files = 1;
  for (size_t i = 1; i < keys.size(); ++i) {
    const rocksdb::Slice before(keys[i - 1]), key(keys[i]);
    if (partitioner->ShouldPartition({before, key, 100}) ==
        rocksdb::kRequired) {
      ++files;
    }
  }
  return files;
}

TEST(TimePartitioner, CutsWhereThePartitionChanges) {
  const auto partitioner = Make("partition=month");
  const RowShape shape = Shape(Partition::kMonth);
  EXPECT_EQ(
      CountFiles(partitioner.get(),
                 {Key(shape, "a", kNovember),
                  Key(shape, "a", kNovember + kMillisPerDay),
                  Key(shape, "b", kNovember), Key(shape, "b", kDecember - 1),
                  Key(shape, "a", kDecember),
                  Key(shape, "z", kDecember + 5 * kMillisPerDay)}),
      2u);
}

TEST(TimePartitioner, NothingIsCutWithoutPartitions) {
  EXPECT_EQ(Make("partition=none"), nullptr);
}

TEST(TimePartitioner, ForeignKeysCutNothingAndHideNothing) {
  const auto partitioner = Make("partition=month");
  const RowShape shape = Shape(Partition::kMonth);
  const std::string november = Key(shape, "a", kNovember);
  const std::string december = Key(shape, "a", kDecember);
  std::vector<std::string> keys = {"",         "a",
                                   "text",     november.substr(0, 4),
                                   november,   november + "x",
                                   december,   december + "x",
                                   "\xff\xff", std::string(9, '\xff')};
  EXPECT_EQ(CountFiles(partitioner.get(), keys), 2u)
      << "one cut: where December's first row comes";

  // A foreign key between two partitions.
  const auto again = Make("partition=month");
  EXPECT_EQ(CountFiles(again.get(), {november, november + "foreign", december}),
            2u);

  // Foreign keys that differ in what would be their partition, as many text
  // keys do, go on in one file.
  const auto foreign = Make("partition=month");
  std::vector<std::string> texts;
  for (int i = 0; i < 1000; ++i)
    texts.push_back(std::to_string(100000 + i * 97));
  EXPECT_EQ(CountFiles(foreign.get(), texts), 1u);
}

TEST(TimePartitioner, MovesFilesThatHoldOnePartition) {
  const auto partitioner = Make("partition=month");
  const RowShape shape = Shape(Partition::kMonth);
  const std::string november_first = Key(shape, "a", kNovember);
  const std::string november_last = Key(shape, "z", kDecember - 1);
  const std::string december = Key(shape, "a", kDecember);
  const std::string much_later =
      Key(shape, "a", kDecember + 900 * kMillisPerDay);
  const auto moves = [&](const std::string& a, const std::string& b) {
    return partitioner->CanDoTrivialMove(a, b);
  };
  EXPECT_TRUE(moves(november_first, november_first));
  EXPECT_TRUE(moves(november_first, november_last));
  EXPECT_FALSE(moves(november_first, december));
  EXPECT_FALSE(moves(november_last, december));
  EXPECT_FALSE(moves(december, much_later));
  EXPECT_TRUE(moves("", "text")) << "no row sorts between text keys";
  EXPECT_TRUE(moves("\xf0", "\xff\xff\xff\xff"));
  EXPECT_FALSE(moves("text", december)) << "any partition may lie between";
  EXPECT_FALSE(moves(november_first, "\xff"));
  std::string first;
  AppendPartition(PartitionDay(Partition::kMonth, 0), &first);
  EXPECT_TRUE(moves("text", first + "a")) << "rows of one partition at most";
}

TEST(TimePartitioner, MoveAgreesWithCutsForRows) {
  for (const char* partition : {"day", "week", "month"}) {
    const auto partitioner = Make(std::string("partition=") + partition);
    Policy policy;
    ASSERT_TRUE(
        Policy::Parse(std::string("partition=") + partition, &policy).ok());
    for (int day = 0; day < 40; ++day) {
      for (int to = day; to < 80; to += 3) {
        const int64_t a = kNovember + day * kMillisPerDay;
        const int64_t b = kNovember + to * kMillisPerDay;
        EXPECT_EQ(partitioner->CanDoTrivialMove(Key(policy.shape, "s", a),
                                                Key(policy.shape, "s", b)),
                  PartitionDay(policy.shape.partition, a) ==
                      PartitionDay(policy.shape.partition, b))
            << partition << " " << day << " " << to;
      }
    }
  }
}

class PartitionedDatabase
    : public ::testing::TestWithParam<rocksdb::CompactionStyle> {};

TEST_P(PartitionedDatabase, FilesBelowLevelZeroHoldOnePartitionEach) {
  TempDir dir;
  Options options;
  ASSERT_TRUE(Policy::Parse("partition=month;bucket=1d", &options.policy).ok());
  options.clock = std::make_shared<MockClock>(kDecember + kMillisPerDay);
  rocksdb::Options db_options;
  db_options.create_if_missing = true;
  db_options.compaction_style = GetParam();
  ASSERT_TRUE(ConfigureColumnFamily(options, &db_options).ok());
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(db_options, dir / "db", &raw).ok());
  const std::unique_ptr<rocksdb::DB> db(raw);
  const RowShape& shape = options.policy.shape;
  for (int round = 0; round < 4; ++round) {
    for (int month = 0; month < 5; ++month) {
      for (const char* series : {"a", "b", "c"}) {
        const Sample sample{
            kNovember - month * 31 * kMillisPerDay + round * 1000, 1.5};
        std::string key, operand;
        ASSERT_TRUE(
            EncodeRowKey(shape, series, sample.timestamp_ms, &key).ok());
        ASSERT_TRUE(EncodeSamples(shape, &sample, 1, &operand).ok());
        ASSERT_TRUE(db->Merge(rocksdb::WriteOptions(), key, operand).ok());
      }
    }
    ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), "foreign", "value").ok());
    ASSERT_TRUE(db->Flush(rocksdb::FlushOptions()).ok());
  }
  ASSERT_TRUE(
      db->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr).ok());

  rocksdb::ColumnFamilyMetaData metadata;
  db->GetColumnFamilyMetaData(&metadata);
  size_t files = 0;
  for (const auto& level : metadata.levels) {
    for (const auto& file : level.files) {
      ASSERT_GT(level.level, 0);
      ++files;
      ParsedRowKey smallest, largest;
      ASSERT_TRUE(ParseRowKey(shape, file.largestkey, &largest));
      if (!ParseRowKey(shape, file.smallestkey, &smallest)) {
        EXPECT_EQ(file.smallestkey, "foreign");
        continue;
      }
      EXPECT_EQ(smallest.partition_day, largest.partition_day);
    }
  }
  EXPECT_EQ(files, 5u);
}

INSTANTIATE_TEST_SUITE_P(Styles, PartitionedDatabase,
                         ::testing::Values(rocksdb::kCompactionStyleLevel,
                                           rocksdb::kCompactionStyleUniversal),
                         [](const auto& style) {
                           return style.param == rocksdb::kCompactionStyleLevel
                                      ? "Level"
                                      : "Universal";
                         });

}  // namespace
}  // namespace varve
