// Keys that are no rows, and rows of another shape: kept as they are by all
// that ageing does, and never read as samples.
#include <gtest/gtest.h>

#include "format/row/row_key.h"
#include "tests/plugin/samples/sample_db.h"

namespace varve {
namespace {

constexpr int64_t kDay = kMillisPerDay;
constexpr int64_t kNow = kTestNowMs;

// Other than the default.
constexpr const char* kOtherShapes[] = {
    "bucket=1h", "bucket=12h;partition=none", "partition=day", "window=ceil"};

// Keys that are no rows, whatever they hold, under all that ageing does.
TEST(ForeignRows, KeysAreKeptAsTheyAre) {
  SampleDb db("downsampling_period=1d:5m;retention_period=10d");
  db.Write("good", {{kNow, 1}, {kNow - 3 * kDay, 2}});
  const Sample old{kNow - 50 * kDay, 1};
  std::string old_block;
  ASSERT_TRUE(EncodeSamples(RowShape(), &old, 1, &old_block).ok());
  const std::string key = db.Key("good", kNow - 50 * kDay);
  std::string unaligned = key;
  unaligned.back() ^= 1;
  std::string no_series = key;  // an empty series
  no_series.erase(kPartitionBytes, 4);
  const std::string oversized = key.substr(0, kPartitionBytes) +
                                std::string(kSeriesBytesMax + 1, 'x') +
                                key.substr(kPartitionBytes + 4);
  const std::vector<std::string> keys = {
      "",        "x",       key + "x",           unaligned,
      no_series, oversized, "some service's key"};
  for (const std::string& k : keys) {
    ASSERT_TRUE(db.db()->Put({}, k, old_block).ok());
    ASSERT_TRUE(db.db()->Put({}, k + "-text", "text").ok());
    ASSERT_TRUE(db.db()->Merge({}, k + "-merged", old_block).ok());
  }
  for (int round = 0; round < 2; ++round) {
    db.Compact();
    EXPECT_GT(db.counters().rows_foreign, 0u);
    db.Reopen();
    for (const std::string& k : keys) {
      std::string value;
      ASSERT_TRUE(db.db()->Get({}, k, &value).ok());
      EXPECT_EQ(value, old_block);
      ASSERT_TRUE(db.db()->Get({}, k + "-text", &value).ok());
      EXPECT_EQ(value, "text");
      ASSERT_TRUE(db.db()->Get({}, k + "-merged", &value).ok());
      EXPECT_EQ(value, old_block);
    }
    EXPECT_EQ(db.List(), std::vector<std::string>{"good"});
    EXPECT_EQ(db.Read("good"),
              (SampleMap{{kNow, BitsOf(1)}, {kNow - 3 * kDay, BitsOf(2)}}));
  }
}

// The service finds out at open.
TEST(ForeignRows, AnotherShapeAtReopenIsRefusedAndHarmsNothing) {
  for (const char* change : kOtherShapes) {
    SCOPED_TRACE(change);
    SampleDb db("retention_period=1000d");
    db.Write("a", {{kNow, 1}, {kNow - 3 * kDay, 2}});
    db.Write("a", kNow + kMillisPerHour, 3);
    db.Compact();
    const auto rows = db.Dump();
    const Policy right = db.policy();
    db.Close();

    Policy wrong;
    ASSERT_TRUE(
        Policy::Parse(std::string("retention_period=1ms;") + change, &wrong)
            .ok());
    const Status status = db.TryOpen(wrong);
    EXPECT_TRUE(status.IsInvalidArgument()) << status.ToString();
    EXPECT_NE(status.ToString().find(std::string(change).substr(0, 6)),
              std::string::npos)
        << status.ToString();

    ASSERT_EQ(db.TryOpen(right).ToString(), "OK");
    EXPECT_EQ(db.Dump(), rows);
    EXPECT_EQ(db.Read("a").size(), 3u);
  }
}

// One who never asks Varve, and compacts: rows of another shape are no rows
// of his, whatever his retention.
TEST(ForeignRows, CompactionUnderAnotherShapeTouchesNoByte) {
  for (const char* change : kOtherShapes) {
    SCOPED_TRACE(change);
    SampleDb db("");
    db.Write("a", {{kNow, 1}, {kNow - 3 * kDay, 2}});
    db.Write("a", kNow + kMillisPerHour, 3);
    db.Compact();
    const auto rows = db.Dump();
    db.Close();

    rocksdb::Options options;
    Options wrong;
    ASSERT_TRUE(Policy::Parse(std::string("retention_period=1d;") + change,
                              &wrong.policy)
                    .ok());
    ASSERT_TRUE(ConfigureColumnFamily(wrong, &options).ok());
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, db.path(), &raw).ok());
    const std::unique_ptr<rocksdb::DB> owner(raw);
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForce;
    EXPECT_TRUE(raw->CompactRange(all, nullptr, nullptr).ok());
    for (const auto& [key, value] : rows) {
      std::string now;
      EXPECT_TRUE(raw->Get({}, key, &now).ok());
      EXPECT_EQ(now, value);
    }
  }
}

}  // namespace
}  // namespace varve
