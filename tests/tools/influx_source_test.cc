// InfluxDB's line protocol: what influx_inspect wrote, by the server's own
// answers; and lines of all kinds, good, bad and any.
// moving/make_influx_export.sh made the first kind.
#include "tools/influx_source.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/random_source.h"
#include "tests/tools/read_source.h"
#include "tests/tools/tool_run.h"

namespace varve::tools {
namespace {

namespace dom = simdjson::dom;

const char kMoving[] = VARVE_SOURCE_DIR "/tests/tools/moving/influxdb-1.6.7";

class InfluxSourceTest : public ToolTest {
 protected:
  ReadSource Read(const std::string& text, const SourceOptions& options) {
    return ReadAll(WriteFile("points", text), options);
  }
  ReadSource Read(const std::string& text) {
    SourceOptions options;
    options.format = InputFormat::kInflux;
    return Read(text, options);
  }
};

using Series = std::map<std::string, std::map<int64_t, uint64_t>>;

// Adds the numbers of one answer's series to what is expected.
void AddAnswer(dom::element answer, const std::string& rp, Series* expected) {
  std::vector<Label> tags = {{"db", "d"}, {"rp", rp}};
  for (const auto tag : dom::object(answer["tags"])) {
    tags.push_back({std::string(tag.key), std::string(tag.value)});
  }
  const std::string name{std::string_view(answer["name"])};
  std::vector<std::string> columns;
  for (const dom::element column : dom::array(answer["columns"])) {
    columns.emplace_back(std::string_view(column));
  }
  for (const dom::element row : dom::array(answer["values"])) {
    const int64_t ms = int64_t(row.at(0)) / 1000000;
    for (size_t i = 1; i < columns.size(); ++i) {
      const dom::element value = row.at(i);
      if (value.is_null() || value.is_string()) continue;
      std::vector<Label> labels = tags;
      labels.push_back({"__name__", name + "_" + columns[i]});
      bool on = false;
      const double number =
          value.get(on) == simdjson::SUCCESS ? (on ? 1 : 0) : double(value);
      (*expected)[SeriesText(labels)][ms] = BitsOf(number);
    }
  }
}

// The answer's -0 is an integer to a reader of JSON.
TEST_F(InfluxSourceTest, ReadsAnExportAsTheServerAnswers) {
  Series expected;
  std::ifstream file(std::string(kMoving) + ".json");
  std::string line;
  for (const char* const rp : {"autogen", "coarse"}) {
    ASSERT_TRUE(std::getline(file, line));
    dom::parser parser;
    dom::element answers = parser.parse(line).at_pointer("/results/0/series");
    for (const dom::element answer : dom::array(answers)) {
      AddAnswer(answer, rp, &expected);
    }
  }
  auto& negative = expected["cpu_usage{db=\"d\",host=\"b\",rp=\"autogen\"}"];
  ASSERT_EQ(negative.at(1700000001000), BitsOf(0.0));
  negative.at(1700000001000) = BitsOf(-0.0);
  const ReadSource read = ReadAll(std::string(kMoving) + ".lp");
  EXPECT_TRUE(read.status.ok()) << read.status.ToString();
  EXPECT_EQ(read.bad_lines, std::vector<std::string>());
  EXPECT_EQ(read.series, expected);
  EXPECT_EQ(expected.size(), 13u);
  EXPECT_EQ(read.Remarked("strings of the line protocol"), 3u);
  EXPECT_EQ(read.Remarked("integers that no float64"), 1u);
  EXPECT_EQ(read.Remarked("times rounded down"), 2u);
}

TEST_F(InfluxSourceTest, ImportsWithItsFlags) {
  const std::string now = "--now=1800000000000";
  const std::string points = WriteFile("points",
                                       "m,t=x a=1i,s=\"no\",b=t 1700000000\n"
                                       "m,t=x a=2 1700000000\n");
  const std::string out =
      Out({"import", "--db=" + db_, "--policy=", now, "--influx_precision=s",
           "--influx_separator=:", points});
  EXPECT_EQ(out.find("imported 3 samples from 2 lines in "), 0u) << out;
  EXPECT_NE(out.find("\nstrings of the line protocol left out: a sample is a "
                     "number: 1, the first at " +
                     points + ":1\n"),
            std::string::npos)
      << out;
  EXPECT_EQ(Export(db_, "1800000000000"),
            "series,timestamp_ms,value\n"
            "\"m:a{t=\"\"x\"\"}\",1700000000000,2\n"
            "\"m:b{t=\"\"x\"\"}\",1700000000000,1\n");
  const ChildResult bulk =
      Varve({"import", "--db=" + (dir_ / "bulk"), "--policy=", now, "--bulk",
             "--json", kMoving + std::string(".lp")});
  EXPECT_EQ(bulk.exit_code, 0) << bulk.ToString();
  EXPECT_NE(bulk.out.find("\"remarks\":[{\"reason\":\"integers that no float64 "
                          "is equal to: the nearest one was taken\",\"count\":"
                          "1,\"first\":\""),
            std::string::npos)
      << bulk.out;
}

TEST_F(InfluxSourceTest, AllFieldsOfABadLineAreOneBadLine) {
  const ChildResult result =
      Varve({"import", "--db=" + db_, "--policy=", "--skip_bad_lines",
             "--now=1800000000000", "--influx_precision=ms", "-"},
            "m a=1,b=2 1900000000000\nm a=3,b=4 1700000000000\n");
  EXPECT_EQ(result.exit_code, 0) << result.ToString();
  EXPECT_NE(result.out.find("skipped 1 bad line\n"), std::string::npos)
      << result.out;
}

// Times in another unit than is thought are the mistake that nobody sees.
TEST_F(InfluxSourceTest, RefusesTimesBefore1990UnlessTheUnitIsSaid) {
  const std::string line = "m v=1 1700000000000\n";
  const ReadSource unsaid = Read(line);
  ASSERT_EQ(unsaid.bad_lines.size(), 1u);
  EXPECT_NE(unsaid.bad_lines[0].find("lies before 1990 as nanoseconds"),
            std::string::npos);
  SourceOptions options;
  const std::vector<std::pair<InfluxPrecision, int64_t>> times = {
      {InfluxPrecision::kNanos, 1700000},
      {InfluxPrecision::kMicros, 1700000000},
      {InfluxPrecision::kMillis, 1700000000000},
      {InfluxPrecision::kSeconds, 1700000000000000},
      {InfluxPrecision::kMinutes, 102000000000000000}};
  for (const auto& [precision, expected] : times) {
    options.influx.precision = precision;
    const ReadSource read = Read(line, options);
    EXPECT_EQ(read.series.at("m_v").begin()->first, expected);
  }
}

TEST_F(InfluxSourceTest, NamesThatCannotBeToldApartAreRefused) {
  const std::string lines =
      "a_b c=1 1700000000000000000\na b_c=2 1700000000000000000\n";
  const ReadSource read = Read(lines);
  EXPECT_EQ(read.series.size(), 1u);
  ASSERT_EQ(read.bad_lines.size(), 1u);
  EXPECT_NE(read.bad_lines[0].find(
                ":2: the name 'a_b_c' is that of measurement 'a_b' and field "
                "'c' already: choose another --influx_separator"),
            std::string::npos)
      << read.bad_lines[0];
  SourceOptions options;
  options.influx.separator = ".";
  EXPECT_EQ(Read(lines, options).series.size(), 2u);
}

TEST_F(InfluxSourceTest, AContextThatIsATagTooIsRefusedUnlessItIsLeftAway) {
  const std::string lines =
      "# DML\n# CONTEXT-DATABASE:d\n# CONTEXT-RETENTION-POLICY:r\n"
      "m,db=x v=1 1700000000000000000\n";
  EXPECT_EQ(Read(lines).bad_lines.size(), 1u);
  SourceOptions options;
  options.influx.context_labels = false;
  EXPECT_EQ(Read(lines, options).series.count("m_v{db=\"x\"}"), 1u);
}

// What InfluxDB 1.6.7 answered to each of them; and inf, nan and a plus sign,
// which it refuses and which are numbers in every format here.
TEST_F(InfluxSourceTest, TakesAndRefusesWhatInfluxDbDoes) {
  for (const char* const good : {"a\\,b v=2",
                                 "a\\=b v=3",
                                 "a2,t=x\\\\\\ y v=6",
                                 "m\"q,t=\"x\\ y\" v=7",
                                 "a4,t=v \"v\"=9",
                                 "a5  v=10  ",
                                 "a9 v=1,v=2",
                                 "a12 v=1.e3",
                                 "a13 v=.5",
                                 "a16 v=-0",
                                 "a20 v=T,w=f,x=False",
                                 "a26,b=1,a=2 v=1",
                                 "  a27 v=1",
                                 "a30 v=1i,w=2",
                                 "a31,t\\ =x v=1",
                                 "a32,t=a\\nb v=\"a\\nb\"",
                                 "a34 v=007",
                                 "a36 time=5,v=1",
                                 "a v=\"\\\"\"",
                                 "a v=\"\\\\\"",
                                 "a v=-9i",
                                 "a v=18446744073709551615u"}) {
    const ReadSource read = Read(std::string(good) + " 1700000000000000000");
    EXPECT_EQ(read.bad_lines, std::vector<std::string>()) << good;
    EXPECT_EQ(read.records, 1u) << good;
  }
  for (const char* const bad : {"a\\b,t=x\\ v=4",
                                "a,t=x\\\\ v=5",
                                "a6,  v=1",
                                "a7,t= v=1",
                                "a8,t=1,t=2 v=1",
                                "a15 v=1e400",
                                "a17 v=0x1",
                                "a18 v=9223372036854775808i",
                                "a21 v=tRue",
                                "a28\tv=1",
                                "a29 v=\"x",
                                "a33 v=1e5i",
                                ",t=1 v=1",
                                "a38,t=x v=1,,w=2",
                                "a39 v=1,",
                                "a40 =1",
                                "a41,=x v=1",
                                "a v=-1u",
                                "a v=i",
                                "a v=\"x\"y",
                                "a",
                                "a v",
                                "a v=18446744073709551616u"}) {
    const ReadSource read = Read(std::string(bad) + " 1700000000000000000\n");
    EXPECT_EQ(read.bad_lines.size(), 1u) << bad;
    EXPECT_EQ(read.samples, 0u) << bad;
  }
  for (const char* const bad : {"a v=1", "a v=1 1.5", "a v=1 1 1", "a v=1 "}) {
    EXPECT_EQ(Read(bad).bad_lines.size(), 1u) << bad;
  }
}

TEST_F(InfluxSourceTest, IsToldByItsFirstLine) {
  for (const char* const text :
       {"cpu,host=a usage=1 1700000000000000000", "m v=\"x y\"", "m,a=b c=1i 1",
        "# DDL\n", "# INFLUXDB EXPORT: 1677\n", "m\\ n,t=x\\,y f=t 1"}) {
    std::string why;
    EXPECT_EQ(FormatOfFirstLine(text, &why), InputFormat::kInflux) << text;
  }
  for (const char* const text :
       {"m{a=b} 1 1", "m x 1", "m,a b=1 1", "a,b,c", "m a b=1"}) {
    std::string why;
    EXPECT_NE(FormatOfFirstLine(text, &why), InputFormat::kInflux) << text;
  }
}

// Any bytes, at any ends of the window: the same points and the same bad
// lines.
TEST_F(InfluxSourceTest, WhereAReadEndsChangesNothing) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  const std::string alphabet = "am,= \\\"\n#1i.t";
  const std::vector<std::string> pieces = {
      "m,t=x ", "v=1", ",w=2i", "=\"a b\"", " 1700000000000000000\n", "\\"};
  size_t points = 0, bad = 0;
  for (int round = 0; round < 400; ++round) {
    std::string text;
    for (uint64_t n = random.Below(40); n > 0; --n) {
      if (random.OneIn(3)) {
        text += alphabet[random.Below(alphabet.size())];
      } else {
        text += random.Pick(pieces);
      }
    }
    SourceOptions options;
    options.format = InputFormat::kInflux;
    const ReadSource whole = Read(text, options);
    ASSERT_TRUE(whole.status.ok());
    options.read_bytes = 1 + random.Below(9);
    const ReadSource stepwise = Read(text, options);
    ASSERT_EQ(stepwise.series, whole.series) << text;
    ASSERT_EQ(stepwise.bad_lines, whole.bad_lines) << text;
    points += whole.samples;
    bad += whole.bad_lines.size();
  }
  printf("%zu points, %zu bad lines\n", points, bad);
  EXPECT_GT(points, 20u);
  EXPECT_GT(bad, 200u);
}

}  // namespace
}  // namespace varve::tools
