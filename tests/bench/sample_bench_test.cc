// varve_bench: its data are the same for the same seed, and all layouts hold
// and return the same samples.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
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
#include "tests/tools/tool_run.h"

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

class VarveBenchTest : public ToolTest {
 protected:
  ChildResult Bench(std::vector<std::string> words) {
    words.insert(words.begin(), {VARVE_BENCH_FILE, "--db=" + (dir_ / "bench")});
    return RunChild(words);
  }
};

TEST_F(VarveBenchTest, RunsEverythingAndReports) {
  for (const std::string layout : {"varve", "rows", "chunks"}) {
    const ChildResult result = Bench(
        {"--layout=" + layout, "--num=20000", "--series=20", "--reads=50",
         "--threads=2", "--jitter_ms=5", "--churn_pct=5", "--histogram",
         "--statistics", "--csv=" + (dir_ / "results.csv"),
         "--benchmarks=fillseries,overwritelate,readrange,readlast,scanall,"
         "mergecompact,agetiers,export,fillbulk"});
    ASSERT_EQ(result.exit_code, 0) << result.ToString();
    EXPECT_EQ(result.out.find("RocksDB:    7."), 0u) << result.out;
    EXPECT_NE(result.out.find(", assertions o"), std::string::npos);
    for (const char* const name :
         {"fillseries", "overwritelate", "readrange", "readlast", "scanall",
          "mergecompact", "export", "fillbulk"}) {
      const std::regex line(
          std::string("\n") + name +
          " *: +[0-9.]+ micros/op [0-9]+ ops/sec [0-9.]+ seconds [0-9]+ "
          "operations;  [0-9]+ samples/s  [0-9]+ samples/cpu-s  [0-9.]+ "
          "B/sample  wrote [0-9.]+ MB  W-amp [0-9.]+  peak [0-9.]+ MB\n");
      EXPECT_TRUE(std::regex_search(result.out, line)) << name << "\n"
                                                       << result.out;
    }
    for (const char* const operation : {"write", "read"}) {
      EXPECT_TRUE(std::regex_search(
          result.out,
          std::regex(std::string("\nMicroseconds per ") + operation +
                     ":\nCount: [0-9]+ Average: [0-9.]+  StdDev: [0-9.]+\n"
                     "Min: [0-9.]+  Median: [0-9.]+  Max: [0-9.]+\n"
                     "Percentiles: P50: ")))
          << result.out;
    }
    EXPECT_NE(result.out.find("STATISTICS:\n"), std::string::npos);
    EXPECT_EQ(result.out.find("agetiers     : not by") == std::string::npos,
              layout == "varve");
  }
  const std::string csv = ReadFile(dir_ / "results.csv");
  EXPECT_EQ(csv.find("label,layout,assertions,benchmark,operations,"), 0u);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 9 + 8 + 8) << csv;
}

TEST_F(VarveBenchTest, TheSameSeedGivesTheSameDatabase) {
  std::vector<std::string> exports;
  for (const char* const seed : {"1", "1", "2"}) {
    ASSERT_EQ(Bench({"--num=5000", "--series=7", "--policy=", "--seed", seed,
                     "--benchmarks=fillseries,overwritelate"})
                  .exit_code,
              0);
    exports.push_back(Export(dir_ / "bench", "1800000000000", {"--series=s"}));
  }
  EXPECT_EQ(exports[0], exports[1]);
  EXPECT_NE(exports[0], exports[2]);
  // What is there stays, and its OPTIONS will do.
  const ChildResult kept = Bench({"--use_existing_db", "--num=5000",
                                  "--series=7", "--benchmarks=scanall"});
  EXPECT_NE(kept.out.find("scanall "), std::string::npos) << kept.ToString();
  // What wants to start afresh is skipped, as by db_bench.
  const ChildResult skipped =
      Bench({"--use_existing_db", "--num=5000", "--series=7",
             "--benchmarks=fillseries,scanall"});
  EXPECT_NE(
      skipped.out.find("fillseries   : skipped (--use_existing_db is true)\n"),
      std::string::npos)
      << skipped.ToString();
}

TEST_F(VarveBenchTest, ReadsAreCountedByThreadAsInDbBench) {
  const ChildResult result =
      Bench({"--num=5000", "--series=7", "--reads=50", "--threads=3",
             "--benchmarks=fillseries,readrange,readlast"});
  ASSERT_EQ(result.exit_code, 0) << result.ToString();
  size_t found = 0;
  for (size_t at = 0;
       (at = result.out.find(" 150 operations;", at)) != std::string::npos;
       ++at) {
    ++found;
  }
  EXPECT_EQ(found, 2u) << result.out;
}

// Nothing that is given is silently ignored.
TEST_F(VarveBenchTest, AnOptionsFileIsWhereItStarts) {
  const std::string all = "--benchmarks=fillseries,mergecompact";
  ASSERT_EQ(Bench({"--num=5000", "--series=7", all}).exit_code, 0);
  std::string options;
  for (const auto& entry :
       std::filesystem::directory_iterator(dir_ / "bench")) {
    const std::string name = entry.path().filename();
    if (name.find("OPTIONS-") == 0) options = ReadFile(entry.path());
  }
  const std::string zstd = "  compression=kZSTD";
  const size_t at = options.find(zstd);
  ASSERT_NE(at, std::string::npos) << options;
  options.replace(at, zstd.size(), "  compression=kLZ4Compression");
  const std::string path = WriteFile("OPTIONS.lz4", options);
  const auto compression = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"--num=5000", "--series=7", all,
                                      "--options_file=" + path};
    words.insert(words.end(), more.begin(), more.end());
    const ChildResult result = Bench(words);
    EXPECT_EQ(result.exit_code, 0) << result.ToString();
    const std::string log = ReadFile(dir_ / "bench/LOG");
    const std::string option = "Options.compression: ";
    const size_t name = log.find(option) + option.size();
    return log.substr(name, log.find('\n', name) - name);
  };
  EXPECT_EQ(compression({}), "LZ4");
  EXPECT_EQ(compression({"--compression_type=zstd"}), "ZSTD");
  const ChildResult refused =
      Bench({"--options_file=" + path, "--policy=", all});
  EXPECT_EQ(refused.exit_code, 2) << refused.ToString();
}

TEST_F(VarveBenchTest, RefusesWhatItDoesNotKnowBeforeItRuns) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{
           {"--layout=column"},
           {"--benchmarks=fillseries,fillsalami"},
           {"--benchmarks="},
           {"--mix=all"},
           {"--table=plain"},
           {"--policy=retention=1"},
           {"--layout=rows", "--policy="},
           {"--layout=rows", "--table=part"},
           {"--series=0"},
           {"--series=1048577"},
           {"--num=999"},
           {"--num=1099511627776", "--series=1"},
           {"--threads=0"},
           {"--threads=100000"},
           {"--batch_size=0"},
           {"--samples_per_op=0"},
           {"--interval_ms=0"},
           {"--jitter_ms=86400001"},
           {"--late_pct=101"},
           {"--churn_pct=101"},
           {"--window_ms=9223372036854775807"},
           {"--stats_interval_seconds=18446744073709551615"},
           {"--reads=-1"},
           {"--cache_size=much"},
           {"--compression_type=rle"},
           {"--db"},
           {"stray"}}) {
    const ChildResult result = Bench(words);
    EXPECT_EQ(result.exit_code, 2) << words[0] << result.ToString();
    EXPECT_EQ(result.out, "") << words[0];
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
        << result.err;
  }
}

// The RocksDB library has some forty flags of its own in the same registry.
TEST_F(VarveBenchTest, HelpListsItsOwnFlagsAndNoOthers) {
  const ChildResult help = Bench({"--help"});
  EXPECT_EQ(help.exit_code, 0) << help.ToString();
  EXPECT_EQ(help.out.find("varve_bench [FLAGS]"), 0u) << help.out;
  for (const char* const flag : {"benchmarks",
                                 "num",
                                 "threads",
                                 "db",
                                 "use_existing_db",
                                 "options_file",
                                 "compression_type",
                                 "cache_size",
                                 "statistics",
                                 "stats_interval_seconds",
                                 "seed",
                                 "histogram",
                                 "series",
                                 "interval_ms",
                                 "jitter_ms",
                                 "mix",
                                 "late_pct",
                                 "samples_per_op",
                                 "churn_pct",
                                 "layout",
                                 "reads",
                                 "window_ms"}) {
    EXPECT_NE(help.out.find(std::string("\n  --") + flag + "  ("),
              std::string::npos)
        << flag;
  }
  for (const char* const foreign : {"block_cache", "trace", "flagfile"}) {
    EXPECT_EQ(help.out.find(std::string("--") + foreign), std::string::npos)
        << foreign;
  }
  for (const char* const same : {"--helpshort", "-help", "-h"}) {
    EXPECT_EQ(Bench({same}).out, help.out) << same;
  }
  EXPECT_EQ(Bench({"--version"}).out.find("varve_bench "), 0u);
  const ChildResult foreign = Bench({"--block_cache_trace_path=x"});
  EXPECT_EQ(foreign.exit_code, 2);
  EXPECT_EQ(foreign.err,
            "varve_bench: no flag is named --block_cache_trace_path; see "
            "'varve_bench --help'\n");
}

// A bench once marked whatever it opened as its own, and the next one
// destroyed it.
TEST_F(VarveBenchTest, ADatabaseThatItOnlyKeptIsNotDestroyedLater) {
  Import(dir_ / "bench", "", "series,timestamp_ms,value\na,1,1\n", "2");
  const std::string fill = "--benchmarks=fillseries";
  ASSERT_EQ(Bench({"--use_existing_db", "--policy=", "--table=part",
                   "--benchmarks=scanall"})
                .exit_code,
            0);
  const ChildResult refused = Bench({"--num=1000", fill});
  EXPECT_EQ(refused.exit_code, 2) << refused.ToString();
  EXPECT_NE(refused.err.find("that no bench has made"), std::string::npos);
  EXPECT_EQ(Export(dir_ / "bench", "2"), "series,timestamp_ms,value\na,1,1\n");
}

TEST_F(VarveBenchTest, AnExistingDatabaseMustExist) {
  const ChildResult result =
      Bench({"--use_existing_db", "--benchmarks=scanall"});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "bench/CURRENT"));
}

}  // namespace
}  // namespace varve::bench
