// What three versions of VictoriaMetrics exported of the same samples
// (moving/make_victoriametrics_export.sh), and what export writes for others.
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "tests/tools/read_source.h"
#include "tests/tools/tool_run.h"
#include "tools/exposition_line.h"
#include "tools/influx_line.h"
#include "tools/value_text.h"

namespace varve::tools {
namespace {

const std::string kMoving = VARVE_SOURCE_DIR "/tests/tools/moving/";
const char kNow[] = "1800000000000";

using VictoriaMetricsExportTest = ToolTest;
using ExportForOthersTest = ToolTest;

// What promtool printed of one of the series, which Prometheus got from the
// same request.
std::map<int64_t, uint64_t> SeriesOfDump(const std::string& wanted) {
  std::map<int64_t, uint64_t> samples;
  std::ifstream dump(kMoving + "prometheus-dump.txt");
  for (std::string line; std::getline(dump, line);) {
    TimeUnit unit = TimeUnit::kMillis;
    std::string series, error;
    Sample sample;
    if (ParseExpositionLine(line, &unit, &series, &sample, &error) &&
        series == wanted) {
      samples[sample.timestamp_ms] = BitsOf(sample.value);
    }
  }
  return samples;
}

TEST_F(VictoriaMetricsExportTest, ThreeVersionsReadAlike) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  // Beside 1.8e308 its blocks have no room for 0.1, 1 and 1e15.
  const std::map<int64_t, uint64_t> odd = {
      {1700000000000, BitsOf(0.0)},
      {1700000001000, BitsOf(0.0)},
      {1700000003000, BitsOf(kInfinity)},
      {1700000004000, BitsOf(-kInfinity)},
      {1700000005000, BitsOf(0.0)},
      {1700000006000, BitsOf(1.7976931348623151e308)},
      {1700000007000, BitsOf(0.0)},
      {1700000008000, kStaleMarkerBits},
      {1700000009000, BitsOf(0.0)},
      {1700000010000, BitsOf(0.0)}};
  const std::string walk = "walk{i=\"0\",job=\"a\"}";
  for (const char* const version : {"1.79.5", "1.112.0", "1.145.0"}) {
    SCOPED_TRACE(version);
    SourceOptions options;
    options.null_value = JsonNull::kStaleMarker;
    const ReadSource read =
        ReadAll(kMoving + "victoriametrics-" + version + ".jsonl", options);
    EXPECT_TRUE(read.status.ok()) << read.status.ToString();
    EXPECT_EQ(read.bad_lines, std::vector<std::string>());
    EXPECT_EQ(read.series.size(), 4u);
    EXPECT_EQ(read.series.at(walk), SeriesOfDump(walk));
    EXPECT_EQ(read.series.at("odd{text=\"a \\\"quote\\\" \\\\ and\\nline é\"}"),
              odd);
  }
}

TEST_F(VictoriaMetricsExportTest, NullIsTheCommonNanUnlessItIsSaidToBeStale) {
  const std::string line =
      "{\"metric\":{\"__name__\":\"m\"},\"values\":[null,NaN,\"NaN\",1],"
      "\"timestamps\":[1,2,3,4]}\n";
  Import(db_, "", line, kNow);
  const std::string plain = "nan:0x7ff8000000000000\n";
  const std::string stale = "nan:0x7ff0000000000002\n";
  const std::string head = "series,timestamp_ms,value\n";
  EXPECT_EQ(Export(db_, kNow), head + "m,1," + plain + "m,2," + plain + "m,3," +
                                   plain + "m,4,1\n");
  Out({"import", "--db=" + db_, "--null_is_stale", "-"}, line);
  EXPECT_EQ(Export(db_, kNow), head + "m,1," + stale + "m,2," + stale + "m,3," +
                                   plain + "m,4,1\n");
  EXPECT_EQ(Export(db_, kNow, {"--leave_out_stale"}),
            head + "m,3," + plain + "m,4,1\n");
  EXPECT_EQ(Export(db_, kNow, {"--leave_out_stale", "--format=jsonl"}),
            "{\"metric\":{\"__name__\":\"m\"},\"values\":[null,1],"
            "\"timestamps\":[3,4]}\n");
}

TEST_F(ExportForOthersTest, OpenMetricsWarnsOfStaleMarkersThatBecomeNan) {
  Import(db_, "",
         "series,timestamp_ms,value\nm,1,nan:0x7ff0000000000002\nm,2,1\n",
         kNow);
  const std::vector<std::string> words = {
      "export", "--db=" + db_, "--format=openmetrics", "--plain_nan"};
  const ChildResult result = Varve(words);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "m NaN 0.001\nm 1 0.002\n# EOF\n");
  EXPECT_EQ(result.err,
            "varve: 1 stale markers are written as NaN: promtool makes "
            "ordinary samples of them, over which every sum() is NaN; "
            "--leave_out_stale leaves them out\n");
  EXPECT_EQ(
      Export(db_, kNow,
             {"--format=openmetrics", "--plain_nan", "--leave_out_stale"}),
      "m 1 0.002\n# EOF\n");
}

// InfluxDB 1.6.7 took these lines and answered with these numbers.
TEST_F(ExportForOthersTest, LineProtocolHasItsForm) {
  Import(db_, "",
         "series,timestamp_ms,value\n"
         "\"cpu{host=\"\"a b,c=d\"\",path=\"\"x\\\\,y\"\"}\",1700000000123,"
         "-0\n"
         "\"we ird,name\",1700000000000,5e-324\n"
         "\"we ird,name\",1700000001000,1.7976931348623157e308\n"
         "\"we ird,name\",1700000002000,1\n",
         kNow);
  const std::string lines = Export(db_, kNow, {"--format=influx"});
  EXPECT_EQ(lines,
            "cpu,host=a\\ b\\,c\\=d,path=x\\\\,y value=-0 "
            "1700000000123000000\n"
            "we\\ ird\\,name value=5e-324 1700000000000000000\n"
            "we\\ ird\\,name value=1.7976931348623157e+308 "
            "1700000001000000000\n"
            "we\\ ird\\,name value=1 1700000002000000000\n");
  // What goes out comes back, as the field value of the same names.
  const ReadSource read = ReadAll(WriteFile("points", lines));
  EXPECT_EQ(read.bad_lines, std::vector<std::string>());
  EXPECT_EQ(read.samples, 4u);
  EXPECT_EQ(read.series.count("cpu_value{host=\"a b,c=d\","
                              "path=\"x\\\\,y\"}"),
            1u);
  EXPECT_EQ(read.series.count("we ird,name_value"), 1u);
}

TEST_F(ExportForOthersTest, LineProtocolSaysWhatItCannotHold) {
  Import(db_, "",
         "series,timestamp_ms,value\n"
         "m,1,inf\nm,2,nan\nm,9223372036855,1\nm,9223372036854,2\n"
         "\"m{a=\"\"b\\\\\"\"}\",1,1\n\"m{a=\"\"b\\nc\"\"}\",1,1\n"
         "\"{a=\"\"b\"\"}\",1,1\n#m,1,1\n",
         "9223372036855");
  const ChildResult result = Varve(
      {"export", "--db=" + db_, "--now=9223372036855", "--format=influx"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "m value=2 9223372036854000000\n");
  EXPECT_NE(result.err.find("varve: 3 samples are left out: the line protocol "
                            "has no NaN, no infinity and no time behind 2262"),
            std::string::npos)
      << result.err;
  size_t series = 0;
  for (size_t at = 0; (at = result.err.find("the line protocol cannot hold the "
                                            "series",
                                            at)) != std::string::npos;
       ++at) {
    ++series;
  }
  EXPECT_EQ(series, 4u) << result.err;
}

}  // namespace
}  // namespace varve::tools
