// varve import --bulk: the same database as without, by ingested files.
#include <filesystem>
#include <string>

#include "tests/random_source.h"
#include "tests/tools/tool_run.h"
#include "tools/value_text.h"

namespace varve {
namespace {

const char kNow[] = "1728000000000";
const char kHeader[] = "series,timestamp_ms,value\n";

class BulkLoadTest : public ToolTest {
 protected:
  static std::string Line(const std::string& series, int64_t timestamp_ms,
                          double value) {
    std::string line = series + "," + std::to_string(timestamp_ms) + ",";
    tools::AppendValue(value, &line);
    return line + "\n";
  }

  // Samples of a hundred days, out of order and with repeats.
  static std::string RandomCsv(RandomSource* random, size_t lines) {
    std::string csv = kHeader;
    for (size_t i = 0; i < lines; ++i) {
      csv += Line("s" + std::to_string(random->Below(20)),
                  kTestNowMs -
                      static_cast<int64_t>(random->Below(100)) * kMillisPerDay +
                      static_cast<int64_t>(random->Below(500)) * 1000,
                  static_cast<double>(random->Below(1000)));
    }
    return csv;
  }

  static void Bulk(const std::string& db, const std::string& csv,
                   std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"import", "--db=" + db, "--bulk",
                                      "--now",  kNow,         "-"};
    words.insert(words.end(), more.begin(), more.end());
    Out(words, csv);
  }
};

TEST_F(BulkLoadTest, GivesTheSameViewAsTheWritePath) {
  for (const std::string policy :
       {"", "bucket=6h;partition=day;window=ceil;dedup_interval=10s",
        "bucket=7d;partition=none;downsampling_period=30d:5m"}) {
    RandomSource random(RandomSource::BaseSeed());
    SCOPED_TRACE(random.Trace() + " " + policy);
    const std::string name = std::to_string(random.Bits()) + policy;
    const std::string plain = dir_ / ("plain" + name);
    const std::string bulk = dir_ / ("bulk" + name);
    const std::string first = RandomCsv(&random, 20000);
    const std::string second = RandomCsv(&random, 5000);
    Import(plain, policy, first, kNow);
    Import(plain, policy, second, kNow);
    Bulk(bulk, first, {"--policy=" + policy});
    Bulk(bulk, second);
    const std::string view = Export(plain, kNow);
    EXPECT_EQ(Export(bulk, kNow), view);
    Out({"verify", "--db=" + bulk, "--now", kNow});
    Out({"compact", "--db=" + bulk, "--now", kNow});
    EXPECT_EQ(Export(bulk, kNow), view);
  }
}

// Runs of bounded memory: a later one overwrites an earlier one.
TEST_F(BulkLoadTest, TheLastWriteWinsOverRuns) {
  std::string csv = kHeader;
  for (int i = 0; i < 200000; ++i) csv += Line("a", i % 100000, i);
  Bulk(db_, csv, {"--policy=", "--bulk_mb=1"});
  std::string expected = kHeader;
  for (int i = 0; i < 100000; ++i) expected += Line("a", i, i + 100000);
  EXPECT_EQ(Export(db_, kNow), expected);
}

// A value that the database already holds in its memtable is older.
TEST_F(BulkLoadTest, OverwritesWhatWasThere) {
  Import(db_, "", std::string(kHeader) + "a,1,1\na,2,2\n", kNow);
  Bulk(db_, std::string(kHeader) + "a,2,20\na,3,30\n");
  Import(db_, "", std::string(kHeader) + "a,3,300\n", kNow);
  EXPECT_EQ(Export(db_, kNow),
            std::string(kHeader) + "a,1,1\na,2,20\na,3,300\n");
}

TEST_F(BulkLoadTest, CutsFilesByPartition) {
  Bulk(db_,
       std::string(kHeader) + Line("a", 0, 1) +
           Line("a", 40 * kMillisPerDay, 2) + Line("b", 0, 3),
       {"--policy="});
  const std::string stats = Out({"stats", "--db=" + db_, "--json"});
  EXPECT_NE(stats.find("{\"first_day\":\"1970-01-01\",\"files\":1,"),
            std::string::npos)
      << stats;
  EXPECT_NE(stats.find("{\"first_day\":\"1970-02-01\",\"files\":1,"),
            std::string::npos)
      << stats;
  EXPECT_FALSE(std::filesystem::exists(db_ + "/varve-bulk"));
}

TEST_F(BulkLoadTest, LeavesNothingBehindWhenALineIsBad) {
  const ChildResult result =
      Varve({"import", "--db=" + db_, "--policy=", "--bulk", "-"},
            std::string(kHeader) + "a,1,1\nbad\n");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(Export(db_, kNow), std::string(kHeader) + "a,1,1\n");
  EXPECT_FALSE(std::filesystem::exists(db_ + "/varve-bulk"));
}

}  // namespace
}  // namespace varve
