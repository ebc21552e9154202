// What ageing decides for files of given properties.
#include "compaction/ageing_plan.h"

#include <gtest/gtest.h>

#include "compaction/ageing_tally.h"
#include "compaction/row_merge.h"
#include "format/row/row_key.h"
#include "tests/random_source.h"

namespace varve {
namespace {

constexpr int64_t kDay = kMillisPerDay;

// One file a name: raw samples of `days` days from `first_day`, 100 a day.
class Files {
 public:
  explicit Files(const std::string& policy) {
    EXPECT_TRUE(Policy::Parse(policy, &input_.policy).ok()) << policy;
    input_.policy.safety_lag_ms = 0;
  }

  AgeingFile& Add(const std::string& name, int level, int64_t first_day,
                  int64_t days, int64_t interval_ms = 0) {
    AgeingFile file;
    file.name = name;
    file.level = level;
    file.bytes = 1000;
    file.has_properties = true;
    SampleProperties& p = file.properties;
    p.shape = input_.policy.shape;
    p.rows = static_cast<uint64_t>(days);
    p.samples = static_cast<uint64_t>(days) * 100;
    p.has_row_keys = true;
    p.bucket_last_ms = p.shape.BucketLast((first_day + days - 1) * kDay);
    p.resolutions.push_back(
        {interval_ms, p.samples, p.samples * 10, first_day * kDay, kDay,
         std::vector<uint64_t>(static_cast<size_t>(days), 100)});
    file.entries = p.rows;
    const int64_t width = p.shape.bucket_width_ms;
    AppendRowKey(p.shape, "a" + name, AlignDown(first_day * kDay, width),
                 &file.smallest_key);
    AppendRowKey(p.shape, "b" + name,
                 AlignDown((first_day + days - 1) * kDay, width),
                 &file.largest_key);
    input_.files.push_back(file);
    return input_.files.back();
  }

  AgeingPlan At(int64_t day) {
    input_.now_ms = day * kDay;
    return PlanAgeing(input_);
  }
  AgeingInput& input() { return input_; }

 private:
  AgeingInput input_;
};

AgeingAction ActionAt(Files* files, int64_t day) {
  return files->At(day).files.at(0).action;
}

// 1970-02-01 is day 31, 1970-03-01 day 59.
TEST(AgeingPlan, AFileOfAMonthWaitsForTheMonthsLastDay) {
  Files files("downsampling_period=30d:5m");
  files.Add("/1.sst", 6, 31, 28);
  EXPECT_EQ(ActionAt(&files, 59 + 29), AgeingAction::kWait);
  EXPECT_EQ(files.At(62).next_ms, (59 + 30) * kDay);
  EXPECT_EQ(ActionAt(&files, 59 + 30), AgeingAction::kRewrite);
  EXPECT_EQ(files.At(59 + 30).tiers.at(0).due_samples, 2800u);
  // Done: nothing is due again.
  Files done("downsampling_period=30d:5m");
  done.Add("/1.sst", 6, 31, 28, 300000);
  EXPECT_EQ(ActionAt(&done, 59 + 30), AgeingAction::kKeep);
  EXPECT_EQ(done.At(59 + 30).tiers.at(0).done_samples, 2800u);
}

TEST(AgeingPlan, TheNextTierWaitsForTheWholeMonthAgain) {
  Files files("downsampling_period=30d:5m,180d:1h");
  files.Add("/1.sst", 6, 31, 28, 300000);
  for (int64_t day = 59 + 30; day < 59 + 180; ++day) {
    ASSERT_EQ(ActionAt(&files, day), AgeingAction::kWait) << day;
  }
  EXPECT_EQ(ActionAt(&files, 59 + 180), AgeingAction::kRewrite);
}

TEST(AgeingPlan, LateRawDataInAnAgedMonthIsRewritten) {
  Files files("downsampling_period=30d:5m");
  AgeingFile& file = files.Add("/1.sst", 6, 31, 28, 300000);
  file.properties.resolutions.insert(file.properties.resolutions.begin(),
                                     {0, 5, 50, 31 * kDay, kDay, {5}});
  EXPECT_EQ(ActionAt(&files, 59 + 40), AgeingAction::kRewrite);
  // Unless the job that wrote the file has asked for it: it cannot be done.
  files.input().files[0].properties.aged = {{300000, 59 * kDay}};
  EXPECT_EQ(ActionAt(&files, 59 + 40), AgeingAction::kKeep);
}

TEST(AgeingPlan, WithoutPartitionsTheRatioDecides) {
  Files files("downsampling_period=30d:5m;partition=none");
  files.Add("/1.sst", 6, 0, 40);
  EXPECT_EQ(ActionAt(&files, 30 + 37), AgeingAction::kWait);
  EXPECT_EQ(ActionAt(&files, 30 + 38), AgeingAction::kRewrite);
  files.input().limits.max_delay_ms = 10 * kDay;
  EXPECT_EQ(ActionAt(&files, 30 + 10), AgeingAction::kWait);
  EXPECT_EQ(ActionAt(&files, 30 + 11), AgeingAction::kRewrite);
}

TEST(AgeingPlan, ExpiredFilesAreDroppedOnlyIfNothingElseIsInThem) {
  Files files("retention_period=1y");
  files.Add("/1.sst", 6, 31, 28);
  EXPECT_EQ(ActionAt(&files, 59 + 364), AgeingAction::kWait);
  EXPECT_EQ(ActionAt(&files, 59 + 365), AgeingAction::kDrop);
  const AgeingFile sound = files.input().files[0];
  const auto with = [&](void (*change)(AgeingFile*)) {
    files.input().files[0] = sound;
    change(&files.input().files[0]);
    return ActionAt(&files, 59 + 365);
  };
  EXPECT_EQ(with([](AgeingFile* f) { f->properties.foreign_rows = 1; }),
            AgeingAction::kRewrite);
  EXPECT_NE(with([](AgeingFile* f) { f->properties.foreign_tombstones = 1; }),
            AgeingAction::kDrop);
  EXPECT_NE(with([](AgeingFile* f) { ++f->entries; }), AgeingAction::kDrop);
  EXPECT_NE(with([](AgeingFile* f) { f->properties.bucket_last_ms += kDay; }),
            AgeingAction::kDrop);
  EXPECT_NE(with([](AgeingFile* f) { f->has_properties = false; }),
            AgeingAction::kDrop);
  EXPECT_NE(with([](AgeingFile* f) { f->being_compacted = true; }),
            AgeingAction::kDrop);
  const auto range = [](AgeingFile* f) {
    f->properties.range_tombstones = 1;
    f->properties.range_last_ms = f->properties.bucket_last_ms;
    ++f->entries;
  };
  EXPECT_EQ(with(range), AgeingAction::kDrop);
  files.input().files[0].properties.range_last_ms += kDay;
  EXPECT_NE(ActionAt(&files, 59 + 365), AgeingAction::kDrop);
  // It hides a foreign row below.
  with(range);
  files.Add("/1.sst", 6, 31, 28).properties.foreign_rows = 1;
  EXPECT_NE(ActionAt(&files, 59 + 365), AgeingAction::kDrop);
}

// Rows that a snapshot keeps below a tombstone, say.
TEST(AgeingPlan, ExpiredRowsThatARewriteLeftAreNotAskedForAgain) {
  Files files("retention_period=1y;downsampling_period=30d:5m");
  files.Add("/1.sst", 6, 31, 28, 300000).properties.foreign_rows = 1;
  SampleProperties& p = files.input().files[0].properties;
  EXPECT_EQ(ActionAt(&files, 59 + 365), AgeingAction::kRewrite);
  p.aged = {{0, 59 * kDay}};
  EXPECT_EQ(ActionAt(&files, 59 + 365), AgeingAction::kKeep);
  p.aged = {{0, 59 * kDay - 1}};
  EXPECT_EQ(ActionAt(&files, 59 + 365), AgeingAction::kRewrite);
  // What was to be removed was not to be thinned, and the other way round.
  p.aged = {{300000, 59 * kDay}};
  EXPECT_EQ(ActionAt(&files, 59 + 365), AgeingAction::kRewrite);
  p.aged = {{0, 59 * kDay}};
  p.resolutions[0].interval_ms = 0;
  EXPECT_EQ(ActionAt(&files, 59 + 40), AgeingAction::kRewrite);
}

TEST(AgeingPlan, JobsAreNeighboursUpToASize) {
  Files files("downsampling_period=30d:5m");
  files.Add("/1.sst", 6, 31, 28);
  files.Add("/2.sst", 6, 31, 28);
  files.Add("/3.sst", 6, 31, 28, 300000);
  files.Add("/4.sst", 6, 31, 28);
  files.Add("/5.sst", 6, 31, 28);
  files.Add("/6.sst", 6, 31, 28);
  files.input().limits.max_compaction_bytes = 2000;
  const AgeingPlan plan = files.At(100);
  ASSERT_EQ(plan.jobs.size(), 3u);
  EXPECT_EQ(plan.jobs[0].files, (std::vector<std::string>{"/1.sst", "/2.sst"}));
  EXPECT_EQ(plan.jobs[1].files, (std::vector<std::string>{"/4.sst", "/5.sst"}));
  EXPECT_EQ(plan.jobs[2].files, (std::vector<std::string>{"/6.sst"}));
  // Borders shared: together or not at all.
  files.input().files[2].smallest_key = files.input().files[1].largest_key;
  EXPECT_EQ(files.At(100).jobs[0].files, (std::vector<std::string>{"/1.sst"}));
}

TEST(AgeingPlan, SnapshotsHoldMergesBackAndLevel0IsLeftToRocksDB) {
  Files files("downsampling_period=30d:5m");
  files.Add("/1.sst", 0, 31, 28).merge_operands = 28;
  EXPECT_EQ(ActionAt(&files, 100), AgeingAction::kRewrite);
  files.input().snapshots_held = true;
  EXPECT_EQ(ActionAt(&files, 100), AgeingAction::kWait);
  files.input().files[0].merge_operands = 0;
  EXPECT_EQ(ActionAt(&files, 100), AgeingAction::kRewrite);
  files.input().level0_trigger = 1;
  EXPECT_EQ(ActionAt(&files, 100), AgeingAction::kWait);
}

// What a rewrite makes of a file, modelled on downsample.h: each bin gets its
// stretch's interval.
std::vector<ResolutionProperties> Rewritten(
    const Policy& policy, int64_t at,
    const std::vector<ResolutionProperties>& before) {
  std::vector<ResolutionProperties> after;
  for (ResolutionProperties r : before) {
    for (size_t i = 0; i < r.bins.size(); ++i) {
      if (r.bins[i] == 0) continue;
      const int64_t width = r.bin_width_ms;
      const int64_t bucket = r.bins_start_ms + static_cast<int64_t>(i) * width;
      if (RowExpired(policy, at, bucket)) continue;
      const Thinning thinning = ThinningAt(policy, at, bucket);
      int64_t interval = r.interval_ms;
      // The finest of them says it of the whole bucket.
      const size_t last = thinning.stretch_count - 1;
      if (thinning.stretch_count > 0 &&
          thinning.stretches[last].up_to_ms == bucket + width) {
        interval = thinning.stretches[last].interval_ms;
      } else if (interval > 0) {
        interval = 0;
      }
      after.push_back(
          {interval, r.bins[i], r.bins[i] * 12, bucket, width, {r.bins[i]}});
    }
  }
  return after;
}

// Law: what is foreseen comes true, and what is rewritten is not due again.
TEST(AgeingPlan, APlanThatIsCarriedOutLeavesNoJobs) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  for (int round = 0; round < 3000; ++round) {
    AgeingInput input;
    input.policy = random.ValidPolicy();
    const RowShape& shape = input.policy.shape;
    input.now_ms = kTestNowMs;
    Files files("bucket=1d");
    files.input().policy = input.policy;
    const int64_t width = shape.bucket_width_ms;
    AgeingFile& file =
        files.Add("/1.sst", static_cast<int>(random.Below(3)), 19900, 1);
    SampleProperties& p = file.properties;
    p.resolutions.clear();
    std::vector<int64_t> intervals = {0, 7000};
    for (const Tier& tier : input.policy.tiers) {
      intervals.push_back(tier.interval_ms);
    }
    p.samples = 0;
    const int64_t start =
        AlignDown(kTestNowMs - random.Between(0, 80) * kDay, width);
    for (const int64_t interval : intervals) {
      if (random.OneIn(3)) continue;
      ResolutionProperties r{interval, 0, 0, start, width, {}};
      for (uint64_t i = 1 + random.Below(60); i > 0; --i) {
        r.bins.push_back(random.Below(3));
        r.samples += r.bins.back();
      }
      r.bytes = r.samples * 12;
      p.samples += r.samples;
      if (r.samples > 0) p.resolutions.push_back(r);
    }
    p.foreign_rows = 1;  // never dropped
    AgeingPlan plan = files.At(20000);
    if (plan.files[0].action == AgeingAction::kWait &&
        plan.files[0].when_ms != kNever) {
      files.input().now_ms = plan.files[0].when_ms - 1;
      ASSERT_TRUE(PlanAgeing(files.input()).jobs.empty()) << round;
      files.input().now_ms = plan.files[0].when_ms;
      plan = PlanAgeing(files.input());
      ASSERT_EQ(plan.jobs.size(), 1u)
          << round << " " << input.policy.ToString();
    }
    if (plan.jobs.empty()) continue;
    p.resolutions = Rewritten(input.policy,
                              PhysicalTime(input.policy, files.input().now_ms),
                              p.resolutions);
    const AgeingPlan again = PlanAgeing(files.input());
    ASSERT_TRUE(again.jobs.empty())
        << round << " " << input.policy.ToString() << " " << again.jobs[0].why;
  }
}

}  // namespace
}  // namespace varve
