// Ageing beside RocksDB's own compactions, under each preset: every tier and
// the end come on time, and reads are View all along.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "compaction/view.h"
#include "format/coding/value_bits.h"
#include "tests/mock_clock.h"
#include "tests/plugin/options_database.h"
#include "tests/temp_dir.h"

namespace varve {
namespace {

constexpr int64_t kFirstDay = 19723;  // 2024-01-01
constexpr int64_t kStepMs = 60 * kMillisPerSecond * 20;
constexpr char kPolicy[] =
    "downsampling_period=10d:1h,40d:6h;retention_period=90d;safety_lag=0;"
    "partition=month;compaction=";

class AgeingUnderPresets : public testing::TestWithParam<const char*> {
 protected:
  AgeingUnderPresets() : database_(dir_ / "db") {
    Options ours;
    EXPECT_TRUE(Options::Parse(std::string(kPolicy) + GetParam(), &ours).ok());
    ours.clock = clock_;
    policy_ = ours.policy;
    ColumnFamilyOptions options;
    options.target_file_size_base = 8 << 10;
    options.max_bytes_for_level_base = 32 << 10;
    EXPECT_TRUE(ConfigureColumnFamily(ours, &options).ok());
    DBOptions db_options;
    std::shared_ptr<rocksdb::EventListener> scheduler;
    EXPECT_TRUE(rocksdb::EventListener::CreateFromString(
                    ConfigOptions(), "id=VarveTierScheduler;ageing_interval=0",
                    &scheduler)
                    .ok());
    db_options.listeners.push_back(scheduler);
    EXPECT_TRUE(database_.Open(options, db_options).ok());
    EXPECT_TRUE(
        SampleWriter::Open(database_.db(), database_.cf(), &writer_).ok());
    EXPECT_TRUE(
        SampleReader::Open(database_.db(), database_.cf(), &reader_).ok());
  }
  ~AgeingUnderPresets() override {
    writer_.reset();
    reader_.reset();
  }

  void Write(int64_t timestamp_ms, double value, rocksdb::WriteBatch* batch) {
    ASSERT_TRUE(writer_->Add("cpu", timestamp_ms, value, batch).ok());
    writes_.push_back({timestamp_ms, BitsOf(value)});
  }

  // A day's samples, and one that overwrites what is 15 days old by then.
  void WriteDay(int64_t day) {
    rocksdb::WriteBatch batch;
    for (int64_t t = 0; t < kMillisPerDay; t += kStepMs) {
      Write(day * kMillisPerDay + t, static_cast<double>(t + day), &batch);
    }
    if (day >= kFirstDay + 15) {
      Write((day - 15) * kMillisPerDay, static_cast<double>(-day), &batch);
    }
    ASSERT_TRUE(database_.db()->Write({}, &batch).ok());
    clock_->SetMs((day + 1) * kMillisPerDay);
    ASSERT_TRUE(database_.db()->Flush({}).ok());
    for (int i = 0; i < 4; ++i) {  // until compactions have come to rest
      ASSERT_TRUE(database_.db()->PauseBackgroundWork().ok());
      ASSERT_TRUE(database_.db()->ContinueBackgroundWork().ok());
    }
  }

  void ExpectView() {
    std::vector<Sample> samples;
    ASSERT_TRUE(reader_->Read({}, "cpu", 0, kTimestampMax, &samples).ok());
    const auto view = View(writes_, policy_, clock_->NowMs());
    ASSERT_EQ(samples.size(), view.size());
    auto expected = view.begin();
    for (const Sample& sample : samples) {
      ASSERT_EQ(sample.timestamp_ms, expected->first);
      ASSERT_EQ(BitsOf(sample.value), expected->second);
      ++expected;
    }
  }

  AgeingPlan Plan() {
    AgeingPlan plan;
    EXPECT_TRUE(PlanAgeing(database_.db(), database_.cf(), {}, &plan).ok());
    return plan;
  }

  AgeingCounters Age() {
    EXPECT_EQ(AgeNow(database_.db()).ToString(), "OK");
    AgeingStatus status;
    EXPECT_TRUE(GetAgeingStatus(database_.db(), &status).ok());
    EXPECT_EQ(status.counters.failures, 0u);
    return status.counters;
  }

  TempDir dir_;
  std::shared_ptr<MockClock> clock_ =
      std::make_shared<MockClock>(kFirstDay * kMillisPerDay);
  Policy policy_;
  Database database_;
  std::unique_ptr<SampleWriter> writer_;
  std::unique_ptr<SampleReader> reader_;
  std::vector<SampleWrite> writes_;
};

TEST_P(AgeingUnderPresets, TiersAndTheEndComeOnTime) {
  AgeingCounters counters;
  for (int64_t day = 0; day < 150; ++day) {
    WriteDay(kFirstDay + day);
    counters = Age();
    EXPECT_TRUE(Plan().jobs.empty()) << "day " << day;
    EXPECT_EQ(Age().rewrites, counters.rewrites) << "day " << day;
    if (day % 10 == 9) ExpectView();
  }
  EXPECT_GT(counters.rewrites, 0u);
  // A whole month may wait for its last day.
  for (const AgeingTierReport& tier : Plan().tiers) {
    if (tier.oldest_due_ms == kNever) continue;
    EXPECT_LE(clock_->NowMs() - tier.oldest_due_ms, 32 * kMillisPerDay)
        << tier.rule;
  }
  // Nothing is written any more: what is left is to thin and to drop.
  for (int i = 0; i < 13; ++i) {
    clock_->SetMs(clock_->NowMs() + 10 * kMillisPerDay);
    counters = Age();
    ExpectView();
  }
  EXPECT_GT(counters.drops, 0u);
  const AgeingPlan plan = Plan();
  EXPECT_TRUE(plan.jobs.empty());
  // RocksDB lets go of no files of level 0 but the oldest.
  for (const AgeingFileReport& file : plan.files) {
    EXPECT_EQ(file.level, 0) << file.name << ": " << file.why;
  }
}

INSTANTIATE_TEST_SUITE_P(All, AgeingUnderPresets,
                         testing::Values("leveled", "universal", "vm"),
                         [](const auto& preset) {
                           return std::string(preset.param);
                         });

}  // namespace
}  // namespace varve
