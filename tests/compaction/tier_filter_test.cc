// The compaction filter on lone rows, without a database.
#include "compaction/tier_filter.h"

#include <gtest/gtest.h>

#include "compaction/row_merge.h"
#include "tests/random_source.h"

namespace varve {
namespace {

using Decision = rocksdb::CompactionFilter::Decision;
using ValueType = rocksdb::CompactionFilter::ValueType;

struct TierFilterTest : testing::Test {
  TierFilterTest() {
    policy.tiers = {{kMillisPerDay, 60000}};
    policy.retention_ms = 30 * kMillisPerDay;
    policy.safety_lag_ms = 0;
  }

  std::string Block(int64_t bucket, const std::vector<int64_t>& offsets) {
    BlockSpec spec;
    spec.shape = policy.shape;
    spec.bucket_start_ms = bucket;
    SampleRun run;
    for (int64_t offset : offsets) run.Append(bucket + offset, 1);
    std::string block;
    BlockEncoder().Encode(spec, run.timestamps(), run.value_bits(), run.size(),
                          &block);
    return block;
  }

  Decision Filter(int64_t bucket, const std::string& value,
                  ValueType type = ValueType::kValue) {
    std::string key;
    AppendRowKey(policy.shape, "s", bucket, &key);
    return FilterKey(key, value, type);
  }

  Decision FilterKey(const std::string& key, const std::string& value,
                     ValueType type = ValueType::kValue) {
    new_value.clear();
    std::string skip_until;
    auto filter = NewTierFilter(policy, kTestNowMs, Profile::kFast, &counters);
    return filter->FilterV2(0, key, type, value, &new_value, &skip_until);
  }

  Policy policy;
  AtomicCounters counters;
  std::string new_value;
  const int64_t old_bucket = kTestNowMs - 10 * kMillisPerDay;
  const int64_t expired_bucket = kTestNowMs - 40 * kMillisPerDay;
};

TEST_F(TierFilterTest, ThinsARowThatIsDueAndOnlyOnce) {
  EXPECT_EQ(Filter(old_bucket, Block(old_bucket, {0, 1, 60000})),
            Decision::kChangeValue);
  BlockHeader header;
  ASSERT_TRUE(PeekBlock(new_value, &header).ok());
  EXPECT_EQ(header.sample_count, 2u);
  const std::string thinned = new_value;
  EXPECT_EQ(Filter(old_bucket, thinned), Decision::kKeep);
  EXPECT_EQ(counters.Read().samples_downsampled, 1u);
}

TEST_F(TierFilterTest, ThinsALoneOperandToo) {
  EXPECT_EQ(
      Filter(old_bucket, Block(old_bucket, {0, 1}), ValueType::kMergeOperand),
      Decision::kChangeValue);
}

TEST_F(TierFilterTest, KeepsYoungRows) {
  EXPECT_EQ(Filter(kTestNowMs, Block(kTestNowMs, {0, 1})), Decision::kKeep);
}

TEST_F(TierFilterTest, RemovesExpiredRowsByTheirBucketsEnd) {
  EXPECT_EQ(Filter(expired_bucket, Block(expired_bucket, {0})),
            Decision::kRemove);
  EXPECT_EQ(counters.Read().rows_expired, 1u);
  const int64_t edge = kTestNowMs - policy.retention_ms;
  EXPECT_NE(Filter(edge, Block(edge, {5})), Decision::kRemove);
  EXPECT_EQ(Filter(edge - kMillisPerDay, Block(edge - kMillisPerDay, {5})),
            Decision::kRemove);
}

TEST_F(TierFilterTest, RemovesRowsLeftWithoutSamples) {
  policy.retention_ms = kMillisPerDay / 2;
  const int64_t bucket = kTestNowMs - kMillisPerDay;
  EXPECT_EQ(Filter(bucket, Block(bucket, {0, 5})), Decision::kRemove);
}

TEST_F(TierFilterTest, KeepsWhatItCannotReadEvenWhenExpired) {
  EXPECT_EQ(Filter(expired_bucket, "garbage"), Decision::kKeep);
  EXPECT_EQ(Filter(expired_bucket, "\xA7\x70newer"), Decision::kKeep);
  // A block of another row.
  EXPECT_EQ(Filter(expired_bucket, Block(old_bucket, {0})), Decision::kKeep);
  ContainerWriter writer;
  writer.Add(Block(expired_bucket, {0}));
  writer.Add("garbage");
  std::string container;
  writer.Finish(&container);
  EXPECT_NE(Filter(expired_bucket, container), Decision::kRemove);
}

TEST_F(TierFilterTest, KeepsForeignKeys) {
  EXPECT_EQ(FilterKey("user:17", Block(expired_bucket, {0})), Decision::kKeep);
  EXPECT_EQ(counters.Read().rows_foreign, 1u);
}

TEST_F(TierFilterTest, AgeingOffKeepsEverything) {
  policy.ageing = false;
  EXPECT_EQ(Filter(expired_bucket, Block(expired_bucket, {0, 1})),
            Decision::kKeep);
}

}  // namespace
}  // namespace varve
