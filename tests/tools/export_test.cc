// varve export and compact as a user runs them: what is printed is the View,
// whatever has been compacted, and goes in again bit for bit.
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "compaction/view.h"
#include "format/coding/value_bits.h"
#include "rocksdb/db.h"
#include "tests/random_source.h"
#include "tests/tools/tool_run.h"
#include "tools/csv_reader.h"
#include "tools/value_text.h"
#include "varve/varve.h"

namespace varve {
namespace {

const char kNow[] = "1728000000000";
const char kHeader[] = "series,timestamp_ms,value\n";

using ExportTest = ToolTest;
using SeriesWrites = std::map<std::string, std::vector<SampleWrite>>;

void AppendRecord(const std::string& series, int64_t timestamp_ms,
                  uint64_t bits, std::string* csv) {
  tools::AppendCsvField(series, csv);
  *csv += "," + std::to_string(timestamp_ms) + ",";
  tools::AppendValue(ValueOf(bits), csv);
  *csv += "\n";
}

// The writes as an input file has them.
std::string CsvOf(const SeriesWrites& writes) {
  std::string csv = kHeader;
  for (const auto& [series, samples] : writes) {
    for (const SampleWrite& sample : samples) {
      AppendRecord(series, sample.timestamp_ms, sample.value_bits, &csv);
    }
  }
  return csv;
}

// What must be printed of them.
std::string CsvOfView(const SeriesWrites& writes, const Policy& policy,
                      int64_t now_ms) {
  std::string csv = kHeader;
  for (const auto& [series, samples] : writes) {
    for (const auto& [timestamp_ms, bits] : View(samples, policy, now_ms)) {
      AppendRecord(series, timestamp_ms, bits, &csv);
    }
  }
  return csv;
}

// Series with bytes that CSV has to quote, and values of every kind.
SeriesWrites OddWrites(RandomSource* random, bool utf8) {
  SeriesWrites writes;
  const std::vector<std::string> names = {
      "plain",      "with,comma", "with \"quotes\"", "line\nend",
      "carriage\r", "\ttab ",     "m{a=\"b\"}",      "\xC3\xA4"};
  for (const std::string& name : names) {
    writes[name] = random->Writes(300, kTestNowMs, 3 * kMillisPerDay);
  }
  if (!utf8) {
    writes[std::string("nul\0byte", 8)] =
        random->Writes(300, kTestNowMs, 3 * kMillisPerDay);
    writes["\xff\xfe"] = random->Writes(300, kTestNowMs, 3 * kMillisPerDay);
  }
  return writes;
}

TEST_F(ExportTest, CsvGoesOutAndInBitForBit) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  const SeriesWrites writes = OddWrites(&random, /*utf8=*/false);
  Import(db_, "", CsvOf(writes), kNow);
  const std::string exported = Export(db_, kNow);
  EXPECT_EQ(exported, CsvOfView(writes, Policy(), kTestNowMs));
  Import(db_ + "2", "bucket=6h;partition=day;window=ceil", exported, kNow);
  EXPECT_EQ(Export(db_ + "2", kNow), exported);
  Out({"compact", "--db=" + db_ + "2", "--now", kNow});
  EXPECT_EQ(Export(db_ + "2", kNow), exported);
}

TEST_F(ExportTest, JsonGoesOutAndInBitForBit) {
  RandomSource random(RandomSource::BaseSeed() + 1);
  SCOPED_TRACE(random.Trace());
  const SeriesWrites writes = OddWrites(&random, /*utf8=*/true);
  Import(db_, "", CsvOf(writes), kNow);
  const std::string exported = Export(db_, kNow, {"--format=jsonl"});
  Import(db_ + "2", "", exported, kNow);
  EXPECT_EQ(Export(db_ + "2", kNow, {"--format=jsonl"}), exported);
  EXPECT_EQ(Export(db_ + "2", kNow), Export(db_, kNow));
}

TEST_F(ExportTest, OpenMetricsGoesOutAndInBitForBit) {
  RandomSource random(RandomSource::BaseSeed() + 2);
  SCOPED_TRACE(random.Trace());
  const SeriesWrites writes = OddWrites(&random, /*utf8=*/true);
  Import(db_, "", CsvOf(writes), kNow);
  const std::string exported = Export(db_, kNow, {"--format=openmetrics"});
  Import(db_ + "2", "", exported, kNow);
  EXPECT_EQ(Export(db_ + "2", kNow, {"--format=openmetrics"}), exported);
  EXPECT_EQ(Export(db_ + "2", kNow), Export(db_, kNow));
}

TEST_F(ExportTest, OpenMetricsHasItsForm) {
  Import(db_, "",
         std::string(kHeader) +
             "up,1,1.5\nup,1500,-inf\nup,2000,nan:0x7ff8000000000000\n"
             "a b,3000,nan:0x7ff0000000000002\n",
         kNow);
  EXPECT_EQ(Export(db_, kNow, {"--format=openmetrics"}),
            "{\"a b\"} nan:0x7ff0000000000002 3.000\n"
            "up 1.5 0.001\nup -Inf 1.500\nup NaN 2.000\n# EOF\n");
  const ChildResult plain =
      Varve({"export", "--db=" + db_, "--now", kNow, "--format=openmetrics",
             "--plain_nan", "--series=a"});
  EXPECT_EQ(plain.out, "{\"a b\"} NaN 3.000\n# EOF\n");
}

TEST_F(ExportTest, JsonHasVictoriaMetricsForm) {
  Import(db_, "",
         std::string(kHeader) +
             "\"up{job=\"\"a\"\"}\",1,1.5\n"
             "\"up{job=\"\"a\"\"}\",2,-0\n"
             "\"up{job=\"\"a\"\"}\",3,-inf\n"
             "cpu,4,nan:0x7ff0000000000002\n",
         kNow);
  EXPECT_EQ(Export(db_, kNow, {"--format=jsonl"}),
            "{\"metric\":{\"__name__\":\"cpu\"},\"values\":"
            "[\"nan:0x7ff0000000000002\"],\"timestamps\":[4]}\n"
            "{\"metric\":{\"__name__\":\"up\",\"job\":\"a\"},\"values\":"
            "[1.5,-0.0,\"-Infinity\"],\"timestamps\":[1,2,3]}\n");
}

// VictoriaMetrics 1.79.5 answers 204 to a line with null or a text among its
// values and drops all of it; a bare NaN alone is dropped, and a bare infinity
// is kept. Export had no way to write either.
TEST_F(ExportTest, BareValuesAreForOlderVersionsOfVictoriaMetrics) {
  Import(db_, "",
         std::string(kHeader) +
             "a,1,1\na,2,nan\na,3,nan:0x7ff0000000000002\na,4,-0\n"
             "b,1,inf\nb,2,-inf\n",
         kNow);
  const std::string lines =
      Export(db_, kNow, {"--format=jsonl", "--bare_values"});
  EXPECT_EQ(lines,
            "{\"metric\":{\"__name__\":\"a\"},\"values\":[1,NaN,NaN,-0.0],"
            "\"timestamps\":[1,2,3,4]}\n"
            "{\"metric\":{\"__name__\":\"b\"},\"values\":[+Inf,-Inf],"
            "\"timestamps\":[1,2]}\n");
  Import(db_ + "2", "", lines, kNow);
  EXPECT_EQ(Export(db_ + "2", kNow, {"--format=jsonl", "--bare_values"}),
            lines);
  EXPECT_EQ(Export(db_ + "2", kNow, {"--plain_nan"}),
            Export(db_, kNow, {"--plain_nan"}));
  for (const char* const format : {"csv", "openmetrics"}) {
    const ChildResult result = Varve({"export", "--db=" + db_, "--bare_values",
                                      std::string("--format=") + format});
    EXPECT_EQ(result.exit_code, 2) << result.ToString();
    EXPECT_NE(result.err.find("--bare_values goes with --format=jsonl"),
              std::string::npos)
        << result.err;
  }
}

// What a format cannot hold is left out and named; nothing else is.
TEST_F(ExportTest, JsonAndOpenMetricsCannotHoldEverySeries) {
  Import(db_, "", std::string(kHeader) + "a,1,1\nb\xff\x1b,1,1\nc,1,1\n", kNow);
  const std::pair<std::string, std::string> expected[] = {
      {"jsonl",
       "{\"metric\":{\"__name__\":\"a\"},\"values\":[1],\"timestamps\":[1]}\n"
       "{\"metric\":{\"__name__\":\"c\"},\"values\":[1],\"timestamps\":[1]}\n"},
      {"openmetrics", "a 1 0.001\nc 1 0.001\n# EOF\n"}};
  for (const auto& [format, text] : expected) {
    const ChildResult result =
        Varve({"export", "--db=" + db_, "--now", kNow, "--format=" + format});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.out, text);
    EXPECT_EQ(result.err.find("varve: the rest of series b\\xff\\x1b is left "
                              "out: Invalid argument: series 62FF1B is not "
                              "UTF-8"),
              0u)
        << result.err;
  }
}

TEST_F(ExportTest, LinesOfALongSeriesAreBounded) {
  std::string csv = kHeader;
  for (int i = 0; i < 20000; ++i) csv += "a," + std::to_string(i) + ",1\n";
  Import(db_, "", csv, kNow);
  const std::string json = Export(db_, kNow, {"--format=jsonl"});
  EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 3);
  EXPECT_EQ(Export(db_, kNow), csv);
}

TEST_F(ExportTest, SelectsSeriesAndTimes) {
  const std::string h = kHeader;
  Import(db_, "", h + "a,1,1\na,2,2\na,3,3\nab,2,4\nb,2,5\n", kNow);
  EXPECT_EQ(Export(db_, kNow, {"--series=a"}),
            h + "a,1,1\na,2,2\na,3,3\nab,2,4\n");
  EXPECT_EQ(Export(db_, kNow, {"--series=a", "--start=2", "--end=2"}),
            h + "a,2,2\nab,2,4\n");
  EXPECT_EQ(Export(db_, kNow, {"--series=c"}), h);
  EXPECT_EQ(Export(db_, kNow, {"--series=*b"}), h + "ab,2,4\nb,2,5\n");
  EXPECT_EQ(Export(db_, kNow, {"--series=a?"}), h + "ab,2,4\n");
}

// One database looked at from several times, before and after a compaction.
TEST_F(ExportTest, PrintsTheViewAtAnyNow) {
  for (const std::string window : {"floor", "ceil"}) {
    RandomSource random(RandomSource::BaseSeed() + 2);
    SCOPED_TRACE(random.Trace() + " window=" + window);
    const std::string text =
        "downsampling_period=2d:5m,10d:1h;"
        "dedup_interval=10s;retention_period=20d;"
        "bucket=6h;window=" +
        window;
    Policy policy;
    ASSERT_TRUE(Policy::Parse(text, &policy).ok());
    SeriesWrites writes;
    for (const char* const series : {"a", "b"}) {
      writes[series] = random.Writes(2000, kTestNowMs, 25 * kMillisPerDay);
    }
    const std::string db = db_ + window;
    Import(db, text, CsvOf(writes), kNow);
    auto check = [&](int64_t after_ms) {
      const int64_t now_ms = kTestNowMs + after_ms;
      EXPECT_EQ(Export(db, std::to_string(now_ms)),
                CsvOfView(writes, policy, now_ms))
          << "now " << now_ms;
    };
    for (const int64_t days : {0, 1, 9, 30}) check(days * kMillisPerDay);
    Out({"compact", "--db=" + db, "--now", kNow});
    for (const int64_t days : {0, 1, 9, 30}) check(days * kMillisPerDay);
    const int64_t later = 5 * kMillisPerDay + 12345;
    Out({"compact", "--db=" + db,
         "--now=" + std::to_string(kTestNowMs + later)});
    check(later);
    check(40 * kMillisPerDay);
  }
}

TEST_F(ExportTest, CompactThinsAtNowAndSaysSo) {
  std::string csv = kHeader;
  for (int i = 0; i < 3600; ++i)
    csv += "a," + std::to_string(i * 1000) + ",1\n";
  Import(db_, "downsampling_period=1d:1h", csv, "4000000");
  EXPECT_EQ(Out({"compact", "--db=" + db_, "--now=4000000"})
                .find("samples_downsampled"),
            std::string::npos);
  const std::string out = Out({"compact", "--db=" + db_, "--now", kNow});
  EXPECT_NE(out.find("samples_downsampled=3599"), std::string::npos) << out;
  const std::string json =
      Out({"compact", "--db=" + db_, "--now", kNow, "--json"});
  EXPECT_EQ(json.find("[{\"column_family\":\"default\",\"files_before\":1,"),
            0u)
      << json;
  EXPECT_NE(json.find("\"counters\":{\"samples_merged\":0,"), std::string::npos)
      << json;
  EXPECT_EQ(Export(db_, kNow), std::string(kHeader) + "a,3599000,1\n");
}

// Names, sizes, times and bytes of everything in a directory.
std::map<std::string, std::string> FilesOf(const std::string& dir) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    const auto changed = entry.last_write_time().time_since_epoch().count();
    files[entry.path().filename()] =
        std::to_string(changed) + " " + ReadFile(entry.path());
  }
  return files;
}

TEST_F(ExportTest, LeavesEveryFileAsItWas) {
  Import(db_, "retention_period=1d", std::string(kHeader) + "a,1,1\n", kNow);
  const auto before = FilesOf(db_);
  Export(db_, kNow);
  Export(db_, "1", {"--format=jsonl"});
  EXPECT_EQ(FilesOf(db_), before);
}

// A row that nobody can read costs its series, not the others.
TEST_F(ExportTest, ReportsARowThatCannotBeRead) {
  Import(db_, "", std::string(kHeader) + "a,1,1\nb,1,1\nc,1,1\n", kNow);
  {
    rocksdb::Options options;
    Options varve_options;
    ASSERT_TRUE(Policy::Parse("", &varve_options.policy).ok());
    ASSERT_TRUE(ConfigureColumnFamily(varve_options, &options).ok());
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, db_, &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    std::string key;
    ASSERT_TRUE(EncodeRowKey(RowShape(), "b", 1, &key).ok());
    ASSERT_TRUE(db->Merge(rocksdb::WriteOptions(), key, "garbage").ok());
  }
  const ChildResult result = Varve({"export", "--db=" + db_, "--now", kNow});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, std::string(kHeader) + "a,1,1\nc,1,1\n");
  EXPECT_EQ(result.err.find("varve: the rest of series b is left out: "), 0u)
      << result.err;
}

TEST_F(ExportTest, SaysWhereThereIsNoDatabase) {
  for (const char* const command : {"export", "compact"}) {
    const ChildResult result = Varve({command, "--db=" + db_});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.err, "varve: no database in " + db_ +
                              ": --db names the directory with its CURRENT\n");
    EXPECT_FALSE(std::filesystem::exists(db_));
  }
}

TEST_F(ExportTest, SaysWhereAColumnFamilyCarriesNoVarve) {
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, db_, &opened).ok());
    delete opened;
  }
  EXPECT_EQ(Varve({"export", "--db=" + db_}).exit_code, 1);
  const ChildResult result = Varve({"compact", "--db=" + db_});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "varve: no column family of " + db_ +
                            " carries Varve: 'varve import --policy=... "
                            "--column_family=NEW' adds one\n");
}

TEST_F(ExportTest, SaysThatStandardOutputIsFull) {
  Import(db_, "", std::string(kHeader) + "a,1,1\n", kNow);
  const ChildResult result = RunChild(
      {"sh", "-c",
       "exec " VARVE_TOOL_FILE " export --db='" + db_ + "' > /dev/full"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("standard output: No space left"),
            std::string::npos)
      << result.err;
}

}  // namespace
}  // namespace varve
