// varve_bench as a program: its command line, its report, and what it leaves
// alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "rocksdb/version.h"
#include "tests/tools/tool_run.h"

namespace varve::bench {
namespace {

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
    EXPECT_EQ(
        result.out.find("RocksDB:    " + rocksdb::GetRocksVersionAsString()),
        0u)
        << result.out;
    EXPECT_NE(result.out.find(", assertions o"), std::string::npos);
    for (const char* const name :
         {"fillseries", "overwritelate", "readrange", "readlast", "scanall",
          "mergecompact", "export", "fillbulk"}) {
      const std::regex line(
          std::string("\n") + name +
          " *: +[0-9.]+ micros/op [0-9]+ ops/sec [0-9.]+ seconds [0-9]+ "
          "operations;  [0-9]+ samples/s  [0-9]+ samples/cpu-s  [0-9.]+ "
          "B/sample  wrote [0-9.]+ MB  W-amp [0-9.-]+  peak [0-9.]+ MB\n");
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
  const ChildResult manual = Bench({"--man"});
  EXPECT_EQ(manual.exit_code, 0) << manual.ToString();
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
    EXPECT_NE(manual.out.find(std::string(".B \\-\\-") + flag + "\n"),
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

// It was read as what it was not: nothing was found, and 0 operations reported.
TEST_F(VarveBenchTest, AnExistingDatabaseIsOfTheSameLayout) {
  const std::string num = "--num=2000";
  ASSERT_EQ(Bench({"--layout=rows", num, "--benchmarks=fillseries"}).exit_code,
            0);
  for (const char* const other : {"--layout=varve", "--layout=chunks"}) {
    const ChildResult result =
        Bench({other, num, "--use_existing_db", "--benchmarks=scanall"});
    EXPECT_EQ(result.exit_code, 2) << result.ToString();
    EXPECT_NE(result.err.find("was filled by --layout=rows, not "),
              std::string::npos)
        << result.err;
  }
  const ChildResult same = Bench(
      {"--layout=rows", num, "--use_existing_db", "--benchmarks=scanall"});
  EXPECT_NE(same.out.find(" 2000 operations;"), std::string::npos)
      << same.ToString();
}

TEST_F(VarveBenchTest, ACsvThatCannotBeWrittenShowsBeforeTheRun) {
  const ChildResult result =
      Bench({"--num=2000", "--csv=" + (dir_ / "no/such.csv")});
  EXPECT_EQ(result.exit_code, 1) << result.ToString();
  EXPECT_EQ(result.out, "");
}

TEST_F(VarveBenchTest, AnExistingDatabaseMustExist) {
  const ChildResult result =
      Bench({"--use_existing_db", "--benchmarks=scanall"});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "bench/CURRENT"));
}

}  // namespace
}  // namespace varve::bench
