// Last-write-wins merge against a std::map.
#include "compaction/sample_merge.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/random_source.h"

namespace varve {
namespace {

std::map<int64_t, uint64_t> AsMap(const SampleRun& run) {
  std::map<int64_t, uint64_t> map;
  for (size_t i = 0; i < run.size(); ++i) {
    map[run.timestamps()[i]] = run.value_bits()[i];
  }
  return map;
}

SampleRun RunOf(const std::vector<SampleWrite>& writes, size_t begin,
                size_t end) {
  SampleRun run;
  for (size_t i = begin; i < end; ++i) {
    run.Append(writes[i].timestamp_ms, writes[i].value_bits);
  }
  return run;
}

bool Ascending(const SampleRun& run) {
  for (size_t i = 1; i < run.size(); ++i) {
    if (run.timestamps()[i] <= run.timestamps()[i - 1]) return false;
  }
  return true;
}

TEST(SampleMerge, NewerWriteWinsAtEqualTimestamp) {
  SampleRun run;
  run.Append(10, 1);
  run.Append(20, 2);
  run.Append(10, 3);
  run.Append(10, 0x7ff0000000000002);
  MergeScratch scratch;
  EXPECT_EQ(SortLastWriteWins(&run, &scratch), 2u);
  EXPECT_EQ(AsMap(run),
            (std::map<int64_t, uint64_t>{{10, 0x7ff0000000000002}, {20, 2}}));
}

TEST(SampleMerge, EmptyAndSingleRunsStay) {
  SampleRun run;
  MergeScratch scratch;
  EXPECT_EQ(SortLastWriteWins(&run, &scratch), 0u);
  run.Append(-5, 7);
  EXPECT_EQ(SortLastWriteWins(&run, &scratch), 0u);
  EXPECT_EQ(run.size(), 1u);
}

TEST(SampleMerge, EqualsMapForRandomWrites) {
  MergeScratch scratch;
  for (uint64_t round = 0; round < 2000; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    const auto writes = random.Writes(random.Below(200), kTestNowMs,
                                      random.Between(1, 2000000));
    SampleRun run = RunOf(writes, 0, writes.size());
    const auto expected = AsMap(run);
    const size_t overwritten = SortLastWriteWins(&run, &scratch);
    ASSERT_TRUE(Ascending(run));
    ASSERT_EQ(AsMap(run), expected);
    ASSERT_EQ(overwritten, writes.size() - expected.size());
  }
}

// Long ascending runs are cut into parts that are merged side by side: with any
// share of equal timestamps, at the cuts too.
TEST(SampleMerge, EqualsMapForLongOverlappingRuns) {
  MergeScratch scratch;
  for (uint64_t round = 0; round < 300; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    SampleRun run;
    const int64_t step_max = random.Between(1, 6);
    uint64_t write = 0;
    for (int64_t runs = random.Between(2, 4); runs > 0; --runs) {
      int64_t t = random.Between(0, 500);
      for (int64_t n = random.Between(100, 900); n > 0; --n) {
        t += random.Between(1, step_max);
        run.Append(t, ++write);
      }
    }
    const auto expected = AsMap(run);
    const size_t overwritten = SortLastWriteWins(&run, &scratch);
    ASSERT_TRUE(Ascending(run));
    ASSERT_EQ(AsMap(run), expected);
    ASSERT_EQ(overwritten, write - expected.size());
  }
}

TEST(SampleMerge, CutAnywhereGivesTheSame) {
  MergeScratch scratch;
  for (uint64_t round = 0; round < 1000; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    const auto writes = random.Writes(1 + random.Below(100), kTestNowMs,
                                      random.Between(1, 500000));
    SampleRun whole = RunOf(writes, 0, writes.size());
    SortLastWriteWins(&whole, &scratch);
    const size_t cut = random.Below(writes.size() + 1);
    SampleRun left = RunOf(writes, 0, cut);
    SampleRun right = RunOf(writes, cut, writes.size());
    SortLastWriteWins(&left, &scratch);
    SortLastWriteWins(&right, &scratch);
    left.Append(right.timestamps(), right.value_bits(), right.size());
    SortLastWriteWins(&left, &scratch);
    ASSERT_EQ(AsMap(left), AsMap(whole));
    ASSERT_EQ(left.size(), whole.size());
  }
}

}  // namespace
}  // namespace varve
