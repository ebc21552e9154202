// Thinning and retention against View, the laws spelled out.
#include "compaction/downsample.h"

#include <gtest/gtest.h>

#include <map>

#include "compaction/sample_merge.h"
#include "compaction/view.h"
#include "tests/random_source.h"

namespace varve {
namespace {

using Samples = std::map<int64_t, uint64_t>;

constexpr int64_t kMinute = 60000;
constexpr int64_t kBucket = kTestNowMs - 100 * kMillisPerDay;

Policy FiveMinutesAfterThirtyDays() {
  Policy policy;
  policy.tiers = {{30 * kMillisPerDay, 5 * kMinute},
                  {180 * kMillisPerDay, 60 * kMinute}};
  return policy;
}

// Thins writes row by row, as they lie on disk.
Samples ThinRows(const std::vector<SampleWrite>& writes, const Policy& policy,
                 int64_t at_ms) {
  std::map<int64_t, SampleRun> rows;
  for (const SampleWrite& write : writes) {
    rows[policy.shape.BucketStart(write.timestamp_ms)].Append(
        write.timestamp_ms, write.value_bits);
  }
  Samples samples;
  MergeScratch scratch;
  for (auto& [bucket, run] : rows) {
    SortLastWriteWins(&run, &scratch);
    ThinCounts counts;
    const size_t before = run.size();
    Thin(ThinningAt(policy, at_ms, bucket), policy.shape.window, &run, &counts);
    EXPECT_EQ(before, run.size() + counts.expired + counts.downsampled +
                          counts.deduplicated);
    for (size_t i = 0; i < run.size(); ++i) {
      samples[run.timestamps()[i]] = run.value_bits()[i];
    }
  }
  return samples;
}

std::vector<SampleWrite> WritesOf(const Samples& samples) {
  std::vector<SampleWrite> writes;
  for (const auto& [t, bits] : samples) writes.push_back({t, bits});
  return writes;
}

TEST(Downsample, FloorWindowKeepsItsLastSampleWithItsOwnTime) {
  const Policy policy = FiveMinutesAfterThirtyDays();
  const Samples thinned = ThinRows({{kBucket, 1},
                                    {kBucket + 1, 2},
                                    {kBucket + 5 * kMinute - 1, 3},
                                    {kBucket + 5 * kMinute, 4}},
                                   policy, kTestNowMs);
  EXPECT_EQ(thinned, (Samples{{kBucket + 5 * kMinute - 1, 3},
                              {kBucket + 5 * kMinute, 4}}));
}

TEST(Downsample, CeilWindowHoldsItsEnd) {
  Policy policy = FiveMinutesAfterThirtyDays();
  policy.shape.window = WindowRule::kCeil;
  const Samples thinned = ThinRows({{kBucket, 1},
                                    {kBucket + 1, 2},
                                    {kBucket + 5 * kMinute - 1, 3},
                                    {kBucket + 5 * kMinute, 4}},
                                   policy, kTestNowMs);
  EXPECT_EQ(thinned, (Samples{{kBucket, 1}, {kBucket + 5 * kMinute, 4}}));
}

TEST(Downsample, WindowIsLeftAloneUntilItIsOldEnoughAsAWhole) {
  const Policy policy = FiveMinutesAfterThirtyDays();
  const std::vector<SampleWrite> writes = {{kBucket, 1}, {kBucket + 1, 2}};
  const int64_t complete = kBucket + 5 * kMinute + 30 * kMillisPerDay;
  EXPECT_EQ(ThinRows(writes, policy, complete - 1).size(), 2u);
  EXPECT_EQ(ThinRows(writes, policy, complete).size(), 1u);
}

TEST(Downsample, DedupNeedsNoAge) {
  Policy policy;
  policy.dedup_interval_ms = 15000;
  const int64_t bucket = policy.shape.BucketStart(kTestNowMs);
  EXPECT_EQ(ThinRows({{bucket, 1}, {bucket + 14999, 2}, {bucket + 15000, 3}},
                     policy, bucket),
            (Samples{{bucket + 14999, 2}, {bucket + 15000, 3}}));
}

TEST(Downsample, RetentionDropsWhatIsOlder) {
  Policy policy;
  policy.retention_ms = kMillisPerDay;
  const int64_t edge = kTestNowMs - kMillisPerDay;
  EXPECT_EQ(ThinRows({{edge - 1, 1}, {edge, 2}}, policy, kTestNowMs),
            (Samples{{edge, 2}}));
  EXPECT_TRUE(RowExpired(policy, kTestNowMs, edge - kMillisPerDay));
  EXPECT_FALSE(RowExpired(policy, kTestNowMs, edge));
  // The last timestamp of the bucket before the edge's, exactly at the edge.
  EXPECT_FALSE(RowExpired(policy, kTestNowMs - 1, edge - kMillisPerDay));
}

TEST(Downsample, EqualsViewForRandomPolicies) {
  for (uint64_t round = 0; round < 3000; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    const Policy policy = random.ValidPolicy();
    const auto writes = random.Writes(random.Below(150), kTestNowMs,
                                      random.Between(1, 70 * kMillisPerDay));
    const int64_t at = kTestNowMs - random.Between(0, 10 * kMillisPerDay);
    ASSERT_EQ(ThinRows(writes, policy, at), View(writes, policy, at));
  }
}

// What View(later) could still need is never dropped: thinning at any earlier
// time, and merging in what is written afterwards, shows nowhere.
TEST(Downsample, EarlierThinningNeverShows) {
  for (uint64_t round = 0; round < 3000; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    const Policy policy = random.ValidPolicy();
    const int64_t spread = random.Between(1, 70 * kMillisPerDay);
    auto writes = random.Writes(random.Below(80), kTestNowMs, spread);
    const auto late = random.Writes(random.Below(80), kTestNowMs, spread);
    const int64_t earlier = kTestNowMs - random.Between(0, 9 * kMillisPerDay);
    const int64_t later = earlier + random.Between(0, 50 * kMillisPerDay);
    auto thinned = WritesOf(ThinRows(writes, policy, earlier));
    writes.insert(writes.end(), late.begin(), late.end());
    thinned.insert(thinned.end(), late.begin(), late.end());
    ASSERT_EQ(View(thinned, policy, later), View(writes, policy, later));
    ASSERT_EQ(ThinRows(thinned, policy, later), View(writes, policy, later));
  }
}

// dedup_interval may be the finest tier's interval, most natural to write: it
// was then described twice, once as far as the tier reaches and once to the
// bucket's end, and the header of such a row could not be read.
TEST(Downsample, AnIntervalOfDedupAndOfATierIsDescribedOnce) {
  Policy policy;
  policy.tiers = {{kMillisPerHour, kMinute}, {kMillisPerDay, 60 * kMinute}};
  policy.dedup_interval_ms = kMinute;
  const int64_t at = kBucket + 30 * kMillisPerHour;  // both reach into it
  BlockSpec spec;
  DescribeThinning(ThinningAt(policy, at - 20 * kMillisPerHour, kBucket),
                   &spec);
  ASSERT_EQ(spec.thinned_count, 1u);
  const ThinnedInterval dedup = {kMinute, kBucket + kMillisPerDay};
  EXPECT_TRUE(spec.thinned[0] == dedup);
  DescribeThinning(ThinningAt(policy, at, kBucket), &spec);
  ASSERT_EQ(spec.thinned_count, 2u);
  EXPECT_TRUE(spec.thinned[0] == dedup);
  const ThinnedInterval hours = {60 * kMinute, kBucket + 6 * kMillisPerHour};
  EXPECT_TRUE(spec.thinned[1] == hours);
}

TEST(Downsample, HeaderSaysWhatWasDone) {
  BlockEncoder encoder;
  for (uint64_t round = 0; round < 2000; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    const Policy policy = random.ValidPolicy();
    const int64_t bucket = policy.shape.BucketStart(
        kTestNowMs - random.Between(0, 50 * kMillisPerDay));
    SampleRun run;
    for (const SampleWrite& write :
         random.Writes(50, policy.shape.BucketLast(bucket),
                       policy.shape.bucket_width_ms - 1)) {
      run.Append(write.timestamp_ms, write.value_bits);
    }
    MergeScratch scratch;
    SortLastWriteWins(&run, &scratch);
    const Thinning thinning = ThinningAt(policy, kTestNowMs, bucket);
    ThinCounts counts;
    Thin(thinning, policy.shape.window, &run, &counts);
    BlockSpec spec;
    spec.shape = policy.shape;
    spec.bucket_start_ms = bucket;
    DescribeThinning(thinning, &spec);
    std::string block;
    encoder.Encode(spec, run.timestamps(), run.value_bits(), run.size(),
                   &block);
    BlockHeader header;
    ASSERT_TRUE(PeekBlock(block, &header).ok());
    ASSERT_TRUE(IsThinned(header, thinning));
    // Where the header says so at a later time, thinning then drops nothing.
    const int64_t later = kTestNowMs + random.Between(0, 30 * kMillisPerDay);
    const Thinning next = ThinningAt(policy, later, bucket);
    if (!IsThinned(header, next)) continue;
    const size_t before = run.size();
    Thin(next, policy.shape.window, &run, &counts);
    ASSERT_EQ(run.size(), before);
  }
}

}  // namespace
}  // namespace varve
