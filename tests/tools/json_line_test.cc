#include "tools/json_line.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "format/coding/value_bits.h"
#include "tests/random_source.h"

namespace varve::tools {
namespace {

// "series: t=v t=v", or what is wrong.
std::string Read(const std::string& line) {
  JsonLineParser parser;
  std::string series, error;
  std::vector<Sample> samples;
  if (!parser.Parse(line, &series, &samples, &error)) return error;
  std::string text = series + ":";
  for (const Sample& sample : samples) {
    char value[64];
    snprintf(value, sizeof value, " %lld=%g",
             static_cast<long long>(sample.timestamp_ms), sample.value);
    text += value;
  }
  return text;
}

TEST(JsonLine, ReadsNumbersTextsAndNull) {
  EXPECT_EQ(Read(R"({"metric":{"__name__":"up","job":"a"},)"
                 R"("values":[1,-2.5e3,"3","Infinity",null,-0 ],)"
                 R"("timestamps":[1,2,3,4,5, 6]})"),
            R"(up{job="a"}: 1=1 2=-2500 3=3 4=inf 5=nan 6=-0)");
}

// VictoriaMetrics 1.79.5 writes infinities without quotation marks, and a NaN
// for a stale marker that begins a series (null for others): as it printed
// them, and as Python's json module has them. All were refused.
TEST(JsonLine, ReadsWhatIsNoJsonForInfinitiesAndNan) {
  EXPECT_EQ(Read(R"({"metric":{"__name__":"rw","c":"infs"},)"
                 R"("values":[+Inf,1,-Inf],"timestamps":[1,2,3]})"),
            R"(rw{c="infs"}: 1=inf 2=1 3=-inf)");
  EXPECT_EQ(Read(R"({"metric":{"__name__":"rw","c":"lead2"},)"
                 R"("values":[NaN,null,2],"timestamps":[1,2,3]})"),
            R"(rw{c="lead2"}: 1=nan 2=nan 3=2)");
  EXPECT_EQ(Read(R"({"metric":{"a":"b"},"values":[NaN],"timestamps":[1]})"),
            R"({a="b"}: 1=nan)");
  EXPECT_EQ(Read(R"({"metric":{"a":"b"},)"
                 R"("values":[ NaN , Infinity, -Infinity ,inf],)"
                 R"("timestamps":[1,2,3,4]})"),
            R"({a="b"}: 1=nan 2=inf 3=-inf 4=inf)");
  for (const char* const bare :
       {"Infinit", "+", "-", "NaN NaN", "nan(1)", "true", "[NaN]", "{}",
        "nan:0x1", "+Inf+Inf"}) {
    const std::string read =
        Read(std::string(R"({"metric":{"a":"b"},)") + R"("values":[)" + bare +
             R"(],"timestamps":[1]})");
    EXPECT_EQ(read.find("{a="), std::string::npos) << bare << ": " << read;
  }
}

TEST(JsonLine, MembersComeInAnyOrderAndOthersAreSkipped) {
  EXPECT_EQ(Read(R"( {"timestamps":[7],"type":{"x":[1]},"values":[1],)"
                 R"("metric":{"__name__":"\u00e4\n"}} )"),
            "\xC3\xA4\n: 7=1");
}

TEST(JsonLine, SaysWhatIsWrong) {
  EXPECT_EQ(Read(R"({"metric":{"a":"b"},"values":[1],"timestamps":[1,2]})"),
            "1 values and 2 timestamps");
  EXPECT_EQ(Read(R"({"metric":{"a":"b"},"values":[1]})"),
            R"(needs "metric", "values" and "timestamps")");
  EXPECT_EQ(Read(R"({"metric":{"a":1},"values":[],"timestamps":[]})"),
            "label 'a' is not a string");
  EXPECT_EQ(Read(R"({"metric":{"a":"1","a":"2"},"values":[],"timestamps":[]})"),
            "label 'a' is given twice");
  EXPECT_EQ(Read(R"({"metric":{"a":"b"},"values":[x],"timestamps":[1]})"),
            "value 'x' is not a number");
  EXPECT_EQ(Read(R"({"metric":{"a":"b"},"values":["x"],"timestamps":[1]})"),
            "value 'x' is not a number");
  EXPECT_EQ(Read(R"({"metric":{"a":"b"},"values":[1],"timestamps":[1.5]})"),
            "timestamp '1.5' is not an integer (milliseconds)");
  EXPECT_EQ(Read(R"({"metric":{},"metric":{},"values":[1],"timestamps":[1]})"),
            "\"metric\" is given twice");
}

TEST(JsonLine, RefusesWhatIsNoJson) {
  const std::string good =
      R"({"metric":{"a":"b"},"values":[1,"2"],"timestamps":[1,2]})";
  ASSERT_EQ(Read(good), R"({a="b"}: 1=1 2=2)");
  for (size_t bytes = 0; bytes < good.size(); ++bytes) {
    EXPECT_EQ(Read(good.substr(0, bytes)).find("{a="), std::string::npos)
        << bytes;
  }
  for (const char* const text : {"{", R"({"metric":)", R"({"values":[1)"}) {
    EXPECT_EQ(Read(text),
              "JSON: the line ends within an object or a list; every object is "
              "one line: jq -c . makes it one")
        << text;
  }
  EXPECT_EQ(Read(good + "x").substr(0, 5), "JSON:");
  EXPECT_EQ(Read(good + good), "JSON: text behind the object");
  for (const char* const text : {"[]", "1", "\"a\"", "null", "garbage"}) {
    EXPECT_EQ(Read(text), "JSON: no object") << text;
  }
  EXPECT_EQ(Read("{\"\xff\":1}").substr(0, 5), "JSON:");
}

TEST(JsonLine, ReadsBackWhatItWrites) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  JsonLineParser parser;
  for (int i = 0; i < 300; ++i) {
    const std::string series =
        random.OneIn(2) ? "m{a=\"b\\\"\\n\"}"
                        : std::string("odd {\x01\"\t", random.Between(1, 8));
    std::vector<int64_t> timestamps_ms;
    std::vector<double> values;
    for (uint64_t n = random.Below(200); n > 0; --n) {
      timestamps_ms.push_back(random.Between(0, kTimestampMax));
      values.push_back(ValueOf(random.ValueBits()));
    }
    std::string line, read_series, error;
    ASSERT_TRUE(AppendJsonLine(series, timestamps_ms.data(), values.data(),
                               values.size(), JsonValues::kJson, &line)
                    .ok());
    std::vector<Sample> samples;
    ASSERT_TRUE(parser.Parse(line, &read_series, &samples, &error)) << error;
    ASSERT_EQ(read_series, series);
    ASSERT_EQ(samples.size(), values.size());
    for (size_t k = 0; k < values.size(); ++k) {
      ASSERT_EQ(samples[k].timestamp_ms, timestamps_ms[k]);
      ASSERT_EQ(std::memcmp(&samples[k].value, &values[k], 8), 0);
    }
  }
}

TEST(JsonLine, RefusesToWriteASeriesThatIsNotUtf8) {
  std::string line;
  const int64_t t = 1;
  const double v = 1;
  EXPECT_TRUE(AppendJsonLine("\xff", &t, &v, 1, JsonValues::kJson, &line)
                  .IsInvalidArgument());
  EXPECT_EQ(line, "");
}

}  // namespace
}  // namespace varve::tools
