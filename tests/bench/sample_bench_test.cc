// varve_bench's parts: its data are the same for the same seed, and all layouts
// hold and return the same samples.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "bench/samples/layout.h"
#include "bench/samples/sample_stream.h"
#include "bench/samples/workloads.h"
#include "tests/temp_dir.h"

namespace varve::bench {
namespace {

TEST(SampleStream, ReadsTheSameInAnySteps) {
  StreamOptions options;
  options.series = 20;
  options.jitter_ms = 10;
  options.churn_pct = 50;
  options.interval_ms = kMillisPerHour;
  SampleStream a(options), b(options);
  for (uint32_t slot = 0; slot < options.series; ++slot) {
    std::map<std::string, std::vector<Sample>> in_ones, in_many;
    std::string series;
    std::vector<Sample> samples;
    for (size_t n = 0; n < 100; ++n) {
      a.Next(slot, 1, &series, &samples);
      in_ones[series].push_back(samples[0]);
    }
    for (size_t left = 100; left > 0; left -= samples.size()) {
      const uint64_t first = b.Next(slot, left, &series, &samples);
      EXPECT_EQ(series, b.SeriesAt(slot, first));
      EXPECT_EQ(samples[0].timestamp_ms, b.TimestampAt(slot, first));
      for (const Sample& sample : samples) in_many[series].push_back(sample);
    }
    ASSERT_EQ(in_ones.size(), in_many.size());
    for (const auto& [name, ones] : in_ones) {
      const std::vector<Sample>& many = in_many[name];
      ASSERT_EQ(ones.size(), many.size()) << name;
      for (size_t i = 0; i < ones.size(); ++i) {
        EXPECT_EQ(ones[i].timestamp_ms, many[i].timestamp_ms);
        EXPECT_EQ(ones[i].value, many[i].value);
      }
    }
  }
}

TEST(SampleStream, ChurnReplacesSeriesDayByDay) {
  StreamOptions options;
  options.series = 1000;
  options.churn_pct = 10;
  options.interval_ms = kMillisPerDay;
  const SampleStream stream(options);
  int replaced = 0;
  std::set<std::string> names;
  for (uint32_t slot = 0; slot < options.series; ++slot) {
    replaced += stream.SeriesAt(slot, 0) != stream.SeriesAt(slot, 1) ? 1 : 0;
    for (uint64_t day = 0; day < 5; ++day) {
      names.insert(stream.SeriesAt(slot, day));
    }
  }
  EXPECT_GT(replaced, 50);
  EXPECT_LT(replaced, 200);
  EXPECT_GT(names.size(), 1200u);
}

TEST(SampleStream, MixesAreWeights) {
  uint32_t mix[5];
  EXPECT_TRUE(ParseMix("double:1,counter:2", mix));
  EXPECT_EQ(std::vector<uint32_t>(mix, mix + 5),
            (std::vector<uint32_t>{2, 0, 0, 0, 1}));
  for (const char* const bad :
       {"", "counter", "counter:", "counter:x", "counter:0", "cuonter:1",
        "counter:1;gauge:1", "counter:-1"}) {
    EXPECT_FALSE(ParseMix(bad, mix)) << bad;
  }
}

OpMeter::Time meter_now;

TEST(OpMeter, PrintsDbBenchsInterimLines) {
  WorkDone done;
  OpMeter meter({true, 2}, 3, &done, [] { return meter_now; });
  testing::internal::CaptureStderr();
  for (int i = 0; i < 5; ++i) {
    meter.Begin();
    meter_now += std::chrono::milliseconds(800);
    meter.Finish(100, 1600);
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(std::regex_match(
      text, std::regex("[0-9/:-]+  *\\.\\.\\. thread 3: \\(300,300\\) ops and "
                       "\\(125\\.0,125\\.0\\) ops/second in "
                       "\\(2\\.400000,2\\.400000\\) seconds\n")))
      << text;
  EXPECT_EQ(done.ops, 500u);
  EXPECT_EQ(done.samples, 8000u);
  EXPECT_EQ(done.op_micros, std::vector<double>(5, 800000));
}

TEST(OpMeter, IsSilentUnlessAsked) {
  WorkDone done;
  OpMeter meter({false, 0}, 0, &done, [] { return meter_now; });
  testing::internal::CaptureStderr();
  for (int i = 0; i < 5; ++i) {
    meter_now += std::chrono::hours(1);
    meter.Finish(1, 1);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_TRUE(done.op_micros.empty());
}

class LayoutTest : public testing::Test {
 protected:
  static WorkloadOptions Small() {
    WorkloadOptions options;
    options.stream.series = 30;
    options.stream.interval_ms = 60000;
    options.stream.churn_pct = 20;
    options.num = 30 * 5000;
    options.reads = 200;
    options.late_pct = 5;
    options.window_ms = 6 * kMillisPerHour;
    return options;
  }

  std::unique_ptr<Layout> OpenFilled(const std::string& name,
                                     const std::string& fill,
                                     uint32_t threads = 1,
                                     bool part_table = false) {
    LayoutOptions options;
    options.dir = dir_ / (name + fill + std::to_string(threads) +
                          (part_table ? "part" : ""));
    options.part_table = part_table;
    std::unique_ptr<Layout> layout;
    EXPECT_TRUE(Layout::Open(name, options, &layout).ok());
    WorkloadOptions workload = Small();
    workload.threads = threads;
    Result result;
    for (const std::string& step : {fill, std::string("overwritelate")}) {
      const Status status = RunWorkload(step, workload, layout.get(), &result);
      EXPECT_TRUE(status.ok()) << status.ToString();
    }
    return layout;
  }

  static std::vector<std::pair<int64_t, double>> ReadAll(Layout* layout) {
    std::vector<std::pair<int64_t, double>> all;
    const SampleStream stream(Small().stream);
    for (uint32_t slot = 0; slot < 30; ++slot) {
      for (uint64_t index = 0; index < 5000; index += 1440) {
        std::vector<Sample> samples;
        EXPECT_TRUE(layout
                        ->Read(stream.SeriesAt(slot, index), kStreamStartMs,
                               kStreamStartMs + 5000 * 60000, &samples)
                        .ok());
        for (const Sample& sample : samples) {
          all.emplace_back(sample.timestamp_ms, sample.value);
        }
      }
    }
    return all;
  }

  TempDir dir_;
};

TEST_F(LayoutTest, AllLayoutsReturnTheSameSamples) {
  const auto expected = ReadAll(OpenFilled("rows", "fillseries").get());
  EXPECT_GT(expected.size(), 30u * 5000u);
  for (const char* const fill : {"fillseries", "fillbulk"}) {
    for (const char* const name : {"varve", "rows", "chunks"}) {
      const auto layout = OpenFilled(name, fill);
      EXPECT_EQ(ReadAll(layout.get()), expected) << name << " " << fill;
      ASSERT_TRUE(layout->CompactAll().ok());
      EXPECT_EQ(ReadAll(layout.get()), expected) << name << " " << fill;
      uint64_t scanned = 0;
      ASSERT_TRUE(
          layout
              ->ScanAll([&](const Sample*, size_t count) { scanned += count; })
              .ok());
      EXPECT_EQ(scanned, 30u * 5000u) << name;
    }
  }
  EXPECT_EQ(ReadAll(OpenFilled("varve", "fillbulk", 1, true).get()), expected);
}

TEST_F(LayoutTest, ADatabaseThatNoBenchMadeIsNotDestroyed) {
  LayoutOptions options;
  options.dir = dir_ / "db";
  {
    rocksdb::Options plain;
    plain.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(plain, options.dir, &db).ok());
    delete db;
  }
  std::unique_ptr<Layout> layout;
  EXPECT_TRUE(Layout::Open("rows", options, &layout).IsInvalidArgument());
}

// By the scheduler's plan: nothing is raw or due afterwards.
TEST_F(LayoutTest, AgeTiersDoesWhatTheSchedulerDoes) {
  LayoutOptions options;
  options.dir = dir_ / "ageing";
  options.policy = "downsampling_period=30d:5m,180d:1h";
  std::unique_ptr<Layout> layout;
  ASSERT_TRUE(Layout::Open("varve", options, &layout).ok());
  Result result;
  for (const char* const step : {"fillseries", "agetiers"}) {
    const Status status = RunWorkload(step, Small(), layout.get(), &result);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  EXPECT_EQ(result.done.ops, 2u);
  AgeingStatus ageing;
  ASSERT_TRUE(GetAgeingStatus(layout->db(), &ageing).ok());
  EXPECT_GT(ageing.counters.rewritten_files, 0u);
  AgeingPlan plan;
  ASSERT_TRUE(
      PlanAgeing(layout->db(), layout->db()->DefaultColumnFamily(), {}, &plan)
          .ok());
  for (const AgeingTierReport& tier : plan.tiers) {
    EXPECT_EQ(tier.due_samples, 0u) << tier.rule;
    EXPECT_EQ(tier.waiting_samples, 0u) << tier.rule;
  }
}

TEST_F(LayoutTest, StartsFresh) {
  const auto layout = OpenFilled("varve", "fillbulk");
  ASSERT_TRUE(layout->StartFresh().ok());
  EXPECT_EQ(layout->SstBytes(), 0u);
  EXPECT_TRUE(ReadAll(layout.get()).empty());
}

}  // namespace
}  // namespace varve::bench
