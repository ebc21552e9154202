// What a changed policy cannot bring back is said, and nothing else.
#include "compaction/policy_change.h"

#include <gtest/gtest.h>

#include "compaction/view.h"
#include "tests/compaction/changed_policy.h"
#include "tests/random_source.h"

namespace varve {
namespace {

std::vector<std::string> Lost(const std::string& before,
                              const std::string& after) {
  Policy from, to;
  EXPECT_TRUE(Policy::Parse(before, &from).ok()) << before;
  EXPECT_TRUE(Policy::Parse(after, &to).ok()) << after;
  return LostByChange(from, to);
}

TEST(PolicyChange, UnionsOfOldWindowsAreExact) {
  for (const auto& [before, after] :
       std::vector<std::pair<std::string, std::string>>{
           {"", "downsampling_period=30d:5m;retention_period=1y"},
           {"downsampling_period=30d:5m", "downsampling_period=30d:5m"},
           {"downsampling_period=30d:5m", "downsampling_period=20d:5m"},
           {"downsampling_period=30d:5m", "downsampling_period=20d:1h"},
           {"downsampling_period=30d:5m", "downsampling_period=30d:5m,90d:1h"},
           // The hour is complete an hour later; safety_lag covers it.
           {"downsampling_period=30d:5m", "downsampling_period=30d:1h"},
           {"dedup_interval=15s", "dedup_interval=30s"},
           {"retention_period=1y", "retention_period=90d"},
           {"downsampling_period=30d:5m;ageing=off", ""},
       }) {
    EXPECT_TRUE(Lost(before, after).empty()) << before << " -> " << after;
  }
}

TEST(PolicyChange, WhatCannotComeBackIsNamed) {
  for (const auto& [before, after, word] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"downsampling_period=30d:5m", "", "30d:5m"},
           {"downsampling_period=30d:5m", "downsampling_period=60d:5m",
            "30d:5m"},
           {"downsampling_period=30d:5m", "downsampling_period=30d:8m",
            "30d:5m"},
           {"downsampling_period=30d:5m,90d:1h", "downsampling_period=30d:5m",
            "90d:1h"},
           {"downsampling_period=30d:5m;safety_lag=0",
            "downsampling_period=30d:1h", "30d:5m"},
           {"dedup_interval=15s", "downsampling_period=1m:15s",
            "dedup_interval 15s"},
           {"retention_period=90d", "retention_period=1y", "for 1y"},
           {"retention_period=90d", "", "for ever"},
       }) {
    const auto lost = Lost(before, after);
    ASSERT_EQ(lost.size(), 1u) << before << " -> " << after;
    EXPECT_NE(lost[0].find(word), std::string::npos) << lost[0];
  }
}

// Law: of an exact change nobody can tell what had been done on disk before.
TEST(PolicyChange, ExactChangesShowWhatWasEverWritten) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  int exact = 0, told = 0, inexact = 0;
  for (int round = 0; round < 20000; ++round) {
    const Policy before = random.ValidPolicy();
    const Policy after = ChangedPolicy(before, &random);
    const int64_t spread = random.Between(1, 70) * kMillisPerDay;
    const auto writes = random.Writes(60, kTestNowMs, spread);
    const auto on_disk = View(writes, before.ageing ? before : Policy(),
                              kTestNowMs - before.safety_lag_ms);
    std::vector<SampleWrite> left;
    for (const auto& [time, bits] : on_disk) left.push_back({time, bits});
    const int64_t now = kTestNowMs + random.Between(0, 3 * kMillisPerHour);
    const bool same = View(left, after, now) == View(writes, after, now);
    if (LostByChange(before, after).empty()) {
      ++exact;
      ASSERT_TRUE(same) << round << "\n"
                        << before.ToString() << "\n"
                        << after.ToString();
    } else {
      ++inexact;
      told += !same;
    }
  }
  EXPECT_GT(exact, 2000);
  EXPECT_GT(told, inexact / 20);
}

}  // namespace
}  // namespace varve
