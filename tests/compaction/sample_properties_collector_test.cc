#include "compaction/sample_properties_collector.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "compaction/sample_properties.h"
#include "format/row/row_key.h"
#include "format/row/sample_block.h"
#include "tests/mock_clock.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

using rocksdb::UserCollectedProperties;

constexpr int64_t kDay = 1699920000000;  // 2023-11-14T00:00:00Z
constexpr int64_t kMinuteMs = 60000;

std::string Key(const RowShape& shape, int64_t timestamp_ms) {
  std::string key;
  AppendRowKey(shape, "cpu", shape.BucketStart(timestamp_ms), &key);
  return key;
}

std::string Plain(std::vector<int64_t> timestamps) {
  const std::vector<uint64_t> values(timestamps.size(), 7);
  std::string block;
  AppendPlainBlock(timestamps.data(), values.data(), timestamps.size(), &block);
  return block;
}

// Samples every `step_ms` from `first_ms`, with thinned intervals as given.
std::string Block(const RowShape& shape, int64_t first_ms, int64_t step_ms,
                  size_t count, std::vector<ThinnedInterval> thinned = {}) {
  BlockSpec spec;
  spec.shape = shape;
  spec.bucket_start_ms = shape.BucketStart(first_ms);
  for (const ThinnedInterval& t : thinned) {
    spec.thinned[spec.thinned_count++] = t;
  }
  std::vector<int64_t> timestamps;
  for (size_t i = 0; i < count; ++i) {
    timestamps.push_back(first_ms + static_cast<int64_t>(i) * step_ms);
  }
  const std::vector<uint64_t> values(count, 7);
  std::string block;
  BlockEncoder encoder;
  encoder.Encode(spec, timestamps.data(), values.data(), count, &block);
  return block;
}

// One file's collector.
class Collected {
 public:
  explicit Collected(const std::string& fields = "") {
    EXPECT_TRUE(
        factory_.ConfigureFromString(rocksdb::ConfigOptions(), fields).ok());
    factory_.GetOptions<LivePolicy>(kLivePolicyName)
        ->SetClock(std::make_shared<MockClock>(kDay));
    collector_.reset(factory_.CreateTablePropertiesCollector({}));
  }

  const RowShape& shape() {
    return factory_.GetOptions<LivePolicy>(kLivePolicyName)->Get().shape;
  }

  void Add(const std::string& key, const std::string& value,
           rocksdb::EntryType type = rocksdb::kEntryMerge) {
    EXPECT_TRUE(collector_->AddUserKey(key, value, type, 1, 0).ok());
  }

  UserCollectedProperties Raw() {
    UserCollectedProperties properties;
    EXPECT_TRUE(collector_->Finish(&properties).ok());
    EXPECT_EQ(properties, collector_->GetReadableProperties());
    return properties;
  }

  SampleProperties Finish() {
    SampleProperties result;
    const Status status = ParseSampleProperties(Raw(), &result);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return result;
  }

 private:
  SamplePropertiesFactory factory_;
  std::unique_ptr<rocksdb::TablePropertiesCollector> collector_;
};

TEST(SamplePropertiesCollector, AnEmptyFile) {
  Collected file("bucket=1h;partition=week;window=ceil");
  const UserCollectedProperties raw = file.Raw();
  EXPECT_EQ(raw, (UserCollectedProperties{
                     {"varve.version", "1"},
                     {"varve.shape", "bucket=1h;partition=week;window=ceil"},
                     {"varve.now_ms", std::to_string(kDay)},
                     {"varve.rows", "0"},
                     {"varve.samples", "0"},
                     {"varve.tombstones", "0"},
                     {"varve.range_tombstones", "0"},
                     {"varve.foreign_rows", "0"},
                     {"varve.foreign_tombstones", "0"}}));
  const SampleProperties properties = file.Finish();
  EXPECT_EQ(properties.shape, file.shape());
  EXPECT_FALSE(properties.has_row_keys);
  EXPECT_TRUE(properties.resolutions.empty());
}

TEST(SamplePropertiesCollector, RawSamplesOfSeveralBuckets) {
  Collected file;
  const RowShape& shape = file.shape();
  file.Add(Key(shape, kDay), Plain({kDay + 5, kDay + 3, kDay + 5}));
  file.Add(Key(shape, kDay + 2 * kMillisPerDay),
           Block(shape, kDay + 2 * kMillisPerDay + 10, 1000, 100),
           rocksdb::kEntryPut);
  const SampleProperties properties = file.Finish();
  EXPECT_EQ(properties.rows, 2u);
  EXPECT_EQ(properties.samples, 103u);
  EXPECT_EQ(properties.first_timestamp_ms, kDay + 3);
  EXPECT_EQ(properties.last_timestamp_ms,
            kDay + 2 * kMillisPerDay + 10 + 99 * 1000);
  EXPECT_EQ(properties.bucket_last_ms, kDay + 3 * kMillisPerDay - 1);
  EXPECT_EQ(properties.now_ms, kDay);
  ASSERT_EQ(properties.resolutions.size(), 1u);
  const ResolutionProperties& raw = properties.resolutions[0];
  EXPECT_EQ(raw.interval_ms, 0);
  EXPECT_EQ(raw.samples, 103u);
  EXPECT_GT(raw.bytes, 100u);
  EXPECT_EQ(raw.bins_start_ms, kDay);
  EXPECT_EQ(raw.bin_width_ms, kMillisPerDay);
  EXPECT_EQ(raw.bins, (std::vector<uint64_t>{3, 0, 100}));
  EXPECT_EQ(file.Raw().at("varve.resolution.raw"),
            "samples=103,bytes=" + std::to_string(raw.bytes) +
                ",bins=" + std::to_string(kDay) + "+86400000:3,0,100");
}

TEST(SamplePropertiesCollector, ABlockCountsForItsCoarsestWholeInterval) {
  Collected file;
  const RowShape& shape = file.shape();
  const int64_t end = kDay + kMillisPerDay;
  file.Add(Key(shape, kDay),
           Block(shape, kDay, kMillisPerHour, 24, {{5 * kMinuteMs, end}}));
  // Thinned to 1h past its last sample, to 5m up to the bucket's end.
  file.Add(Key(shape, kDay), Block(shape, kDay, kMillisPerHour, 20,
                                   {{5 * kMinuteMs, end},
                                    {kMillisPerHour, end - kMillisPerHour}}));
  const SampleProperties properties = file.Finish();
  ASSERT_EQ(properties.resolutions.size(), 2u);
  EXPECT_EQ(properties.resolutions[0].interval_ms, 5 * kMinuteMs);
  EXPECT_EQ(properties.resolutions[0].samples, 24u);
  EXPECT_EQ(properties.resolutions[1].interval_ms, kMillisPerHour);
  EXPECT_EQ(properties.resolutions[1].samples, 20u);
  EXPECT_EQ(file.Raw().count("varve.resolution.5m"), 1u);
  EXPECT_EQ(file.Raw().count("varve.resolution.1h"), 1u);
}

TEST(SamplePropertiesCollector, ABlockThinnedInPartIsSplitByWindows) {
  for (const char* window : {"floor", "ceil"}) {
    Collected file(std::string("window=") + window);
    const RowShape& shape = file.shape();
    const int64_t first = shape.BucketFirst(kDay);
    // The first six hours hold a sample an hour, the next six one in 5
    // minutes, the rest one a minute: 6 + 72 + 720.
    std::vector<int64_t> timestamps;
    for (int i = 0; i < 6; ++i)
      timestamps.push_back(first + i * kMillisPerHour);
    for (int i = 0; i < 72; ++i) {
      timestamps.push_back(first + 6 * kMillisPerHour + i * 5 * kMinuteMs);
    }
    for (int i = 0; i < 720; ++i) {
      timestamps.push_back(first + 12 * kMillisPerHour + i * kMinuteMs);
    }
    BlockSpec spec;
    spec.shape = shape;
    spec.bucket_start_ms = kDay;
    spec.thinned_count = 2;
    spec.thinned[0] = {5 * kMinuteMs, kDay + 12 * kMillisPerHour};
    spec.thinned[1] = {kMillisPerHour, kDay + 6 * kMillisPerHour};
    const std::vector<uint64_t> values(timestamps.size(), 7);
    std::string block;
    BlockEncoder().Encode(spec, timestamps.data(), values.data(),
                          timestamps.size(), &block);
    file.Add(Key(shape, first), block);
    const SampleProperties properties = file.Finish();
    ASSERT_EQ(properties.resolutions.size(), 3u) << window;
    EXPECT_EQ(properties.resolutions[0].interval_ms, 0);
    EXPECT_EQ(properties.resolutions[0].samples, 720u) << window;
    EXPECT_EQ(properties.resolutions[1].interval_ms, 5 * kMinuteMs);
    EXPECT_EQ(properties.resolutions[1].samples, 72u) << window;
    EXPECT_EQ(properties.resolutions[2].interval_ms, kMillisPerHour);
    EXPECT_EQ(properties.resolutions[2].samples, 6u) << window;
  }
}

TEST(SamplePropertiesCollector, TombstonesCountAndReachTheirBucketsEnd) {
  Collected file("window=ceil");
  const RowShape& shape = file.shape();
  file.Add(Key(shape, kDay + 1), Plain({kDay + 1}));
  file.Add(Key(shape, kDay + 40 * kMillisPerDay), "", rocksdb::kEntryDelete);
  file.Add("foreign", "", rocksdb::kEntrySingleDelete);
  file.Add(Key(shape, kDay), Key(shape, kDay + 99 * kMillisPerDay),
           rocksdb::kEntryRangeDeletion);
  const SampleProperties properties = file.Finish();
  EXPECT_EQ(properties.tombstones, 2u);
  EXPECT_EQ(properties.range_tombstones, 1u);
  EXPECT_EQ(properties.foreign_rows, 0u);
  EXPECT_EQ(properties.rows, 1u);
  EXPECT_EQ(properties.bucket_last_ms, kDay + 40 * kMillisPerDay)
      << "ceil: a bucket holds its end";
}

TEST(SamplePropertiesCollector, WhatIsNoSampleOfItsRowIsForeign) {
  Collected file;
  const RowShape& shape = file.shape();
  RowShape other = shape;
  other.bucket_width_ms = kMillisPerHour;
  const std::string key = Key(shape, kDay);
  size_t foreign = 0;
  const auto expect_foreign = [&](const std::string& k, const std::string& v,
                                  rocksdb::EntryType type) {
    file.Add(k, v, type);
    EXPECT_EQ(file.Finish().foreign_rows, ++foreign);
    EXPECT_EQ(file.Finish().samples, 0u);
  };
  expect_foreign("foreign", Plain({kDay}), rocksdb::kEntryMerge);
  expect_foreign(key, "", rocksdb::kEntryMerge);
  expect_foreign(key, "text", rocksdb::kEntryPut);
  expect_foreign(key, "\xA7\x7F of tomorrow", rocksdb::kEntryMerge);
  expect_foreign(key, Plain({kDay + kMillisPerDay}), rocksdb::kEntryMerge);
  expect_foreign(key, Block(other, kDay, 1000, 5), rocksdb::kEntryPut);
  expect_foreign(key, Plain({kDay}), rocksdb::kEntryBlobIndex);
}

TEST(SamplePropertiesCollector, ContainersCountEntryByEntry) {
  Collected file;
  const RowShape& shape = file.shape();
  ContainerWriter writer;
  writer.Add(Plain({kDay}));
  writer.Add("garbage");
  writer.Add(Block(shape, kDay + 1000, 1000, 9));
  std::string container;
  writer.Finish(&container);
  file.Add(Key(shape, kDay), container);
  const SampleProperties properties = file.Finish();
  EXPECT_EQ(properties.rows, 1u);
  EXPECT_EQ(properties.samples, 10u);
  EXPECT_EQ(properties.foreign_rows, 1u) << "counted once a row";
}

TEST(SamplePropertiesCollector, BinsWidenWithTime) {
  Collected file;
  const RowShape& shape = file.shape();
  uint64_t total = 0;
  for (int day : {0, 10, 70, 71, 500, 10000}) {
    const int64_t t = kDay + day * kMillisPerDay;
    file.Add(Key(shape, t), Block(shape, t, 1000, 10 + day % 7));
    total += 10 + day % 7;
    const SampleProperties properties = file.Finish();
    const ResolutionProperties& raw = properties.resolutions[0];
    EXPECT_LE(raw.bins.size(), kHistogramBinsMax);
    EXPECT_EQ(raw.bin_width_ms % kMillisPerDay, 0);
    EXPECT_EQ(raw.bins_start_ms % raw.bin_width_ms, 0);
    EXPECT_LE(raw.bins_start_ms, kDay);
    EXPECT_GT(raw.bins_start_ms + raw.bin_width_ms, kDay);
    uint64_t sum = 0;
    for (const uint64_t bin : raw.bins) sum += bin;
    EXPECT_EQ(sum, total);
    if (day > 0) {
      EXPECT_GT(raw.bins.back(), 0u);
    }
  }
}

TEST(SamplePropertiesCollector, OldestAndNewestTimesFitTheBins) {
  Collected file("bucket=1s;partition=none");
  const RowShape& shape = file.shape();
  file.Add(Key(shape, kTimestampMin), Plain({kTimestampMin}));
  file.Add(Key(shape, kTimestampMax), Plain({kTimestampMax}));
  const SampleProperties properties = file.Finish();
  EXPECT_EQ(properties.first_timestamp_ms, kTimestampMin);
  EXPECT_EQ(properties.last_timestamp_ms, kTimestampMax);
  EXPECT_LE(properties.resolutions[0].bins.size(), kHistogramBinsMax);
}

// --------------------------------------------------------------- real files

TEST(SamplePropertiesCollector, EveryFileOfADatabaseHasThem) {
  TempDir dir;
  Options options;
  options.clock = std::make_shared<MockClock>(kDay);
  rocksdb::Options db_options;
  db_options.create_if_missing = true;
  ASSERT_TRUE(ConfigureColumnFamily(options, &db_options).ok());
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(db_options, dir / "db", &raw).ok());
  const std::unique_ptr<rocksdb::DB> db(raw);
  const RowShape& shape = options.policy.shape;
  const rocksdb::WriteOptions write;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(
        db->Merge(write, Key(shape, kDay), Plain({kDay + i * 1000})).ok());
  }
  ASSERT_TRUE(db->Put(write, "foreign", "value").ok());
  ASSERT_TRUE(db->Delete(write, Key(shape, kDay + kMillisPerDay)).ok());
  ASSERT_TRUE(db->DeleteRange(write, db->DefaultColumnFamily(),
                              Key(shape, kDay + 2 * kMillisPerDay),
                              Key(shape, kDay + 3 * kMillisPerDay))
                  .ok());
  ASSERT_TRUE(db->Flush(rocksdb::FlushOptions()).ok());
  rocksdb::TablePropertiesCollection files;
  ASSERT_TRUE(db->GetPropertiesOfAllTables(&files).ok());
  ASSERT_EQ(files.size(), 1u);
  SampleProperties properties;
  const rocksdb::TableProperties& table = *files.begin()->second;
  ASSERT_TRUE(
      ParseSampleProperties(table.user_collected_properties, &properties).ok());
  EXPECT_EQ(properties.samples, 50u);
  EXPECT_EQ(properties.rows, 1u);
  EXPECT_EQ(properties.foreign_rows, 1u);
  EXPECT_EQ(properties.tombstones, 1u);
  EXPECT_EQ(properties.range_tombstones, 1u)
      << "RocksDB shows collectors range deletions too";
  EXPECT_EQ(table.num_range_deletions, 1u);
  EXPECT_EQ(properties.now_ms, kDay);
}

}  // namespace
}  // namespace varve
