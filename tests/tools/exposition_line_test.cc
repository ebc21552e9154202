// Lines of Prometheus' text format and of OpenMetrics, read and written.
#include "tools/exposition_line.h"

#include <gtest/gtest.h>

#include <cmath>

namespace varve::tools {
namespace {

struct Line {
  bool ok = false;
  TimeUnit unit = TimeUnit::kUnknown;
  std::string series;
  Sample sample = {0, 0};
  std::string error;
};

Line Parse(const std::string& text, TimeUnit unit = TimeUnit::kUnknown) {
  Line line;
  line.unit = unit;
  line.ok = ParseExpositionLine(text, &line.unit, &line.series, &line.sample,
                                &line.error);
  return line;
}

TEST(ExpositionLine, LabelsAreSortedAndEscaped) {
  const Line line =
      Parse("m { b = \"2\" , a=\"\\\"\\\\\\n\", } 1.5 1700000000000");
  ASSERT_TRUE(line.ok) << line.error;
  EXPECT_EQ(line.series, "m{a=\"\\\"\\\\\\n\",b=\"2\"}");
  EXPECT_EQ(line.sample.value, 1.5);
  EXPECT_EQ(line.sample.timestamp_ms, 1700000000000);
}

TEST(ExpositionLine, TheFirstTimestampSettlesTheUnit) {
  EXPECT_EQ(Parse("m 1 1700000000000").unit, TimeUnit::kMillis);
  EXPECT_EQ(Parse("m 1 10000000000").unit, TimeUnit::kMillis);
  EXPECT_EQ(Parse("m 1 9999999999").sample.timestamp_ms, 9999999999000);
  EXPECT_EQ(Parse("m 1 1700000000.5").sample.timestamp_ms, 1700000000500);
  EXPECT_EQ(Parse("m 1 1.7e9").sample.timestamp_ms, 1700000000000);
  EXPECT_FALSE(Parse("m 1 1.5", TimeUnit::kMillis).ok);
  EXPECT_EQ(Parse("m 1 5", TimeUnit::kMillis).sample.timestamp_ms, 5);
  EXPECT_EQ(Parse("m 1 -1").unit, TimeUnit::kUnknown);
  // Seconds, and settled nothing: the next line could be read otherwise.
  EXPECT_EQ(Parse("m 1 .5").unit, TimeUnit::kSeconds);
}

// Both formats have numbers with a sign; milliseconds with one were taken for
// seconds, and refused.
TEST(ExpositionLine, ATimestampMayHaveASign) {
  EXPECT_EQ(Parse("m 1 +1700000000000").unit, TimeUnit::kMillis);
  EXPECT_EQ(Parse("m 1 +1700000000000").sample.timestamp_ms, 1700000000000);
  EXPECT_EQ(Parse("m 1 +1700000000.123").sample.timestamp_ms, 1700000000123);
  EXPECT_EQ(Parse("m 1 +5", TimeUnit::kMillis).sample.timestamp_ms, 5);
  for (const char* const time : {"+", "++5", "+-5", "-+5"}) {
    EXPECT_FALSE(Parse(std::string("m 1 ") + time).ok) << time;
    EXPECT_FALSE(Parse(std::string("m 1 ") + time, TimeUnit::kMillis).ok);
  }
}

TEST(ExpositionLine, KnowsItsLinesWhateverIsWrongWithThem) {
  for (const char* const text :
       {"m 1 1", "m 1", "m 1 now", "m 1 2 3", "m{a=\"1\",a=\"2\"}",
        "m{a=\"1\",a=\"2\"} 1 2", "{a=\"1\"} x", "{\"m\",a=\"1\"} x",
        "{\"m\"} 1", " m\t1", "m{a=\"1\"}1.5 1"}) {
    EXPECT_TRUE(LooksLikeExposition(text)) << text;
  }
  for (const char* const text :
       {"", "m", "m x", "m{a=\"1\"},1,2", "series,timestamp_ms,value", "m,1,1",
        "{}", "{\"metric\":{}}", "{\"m\"} x", "m{a=b} 1 1", "= 1 1", "[1]"}) {
    EXPECT_FALSE(LooksLikeExposition(text)) << text;
  }
}

TEST(ExpositionLine, EveryMillisecondGoesOutAndIn) {
  for (const int64_t t : {int64_t{0}, int64_t{1}, int64_t{999},
                          int64_t{1727999999123}, kTimestampMax}) {
    std::string text = "m 1 ";
    AppendSeconds(t, &text);
    EXPECT_EQ(Parse(text, TimeUnit::kSeconds).sample.timestamp_ms, t) << text;
  }
}

TEST(ExpositionLine, EverySeriesGoesOutAndIn) {
  for (const std::string series :
       {"up", "a:b", "m{a=\"b\"}", "{a=\"b\"}", "with blanks", "line\nend",
        "with blanks{a=\"b\",c=\"\\\"\"}", "m{\"odd name\"=\"x\"}", "1m", "{",
        "\"", "\xC3\xA4"}) {
    std::string text;
    ASSERT_TRUE(ExpositionName(series, &text).ok());
    const Line line = Parse(text + " 1 1.000");
    EXPECT_TRUE(line.ok) << text << ": " << line.error;
    EXPECT_EQ(line.series, series) << text;
  }
  std::string text;
  EXPECT_TRUE(ExpositionName("\xff", &text).IsInvalidArgument());
}

TEST(ExpositionLine, SaysWhatIsWrong) {
  EXPECT_EQ(Parse("m 1").error, kNoTimestampError);
  EXPECT_EQ(Parse("m 1 # {} 1").error, kNoTimestampError);
  EXPECT_EQ(Parse("m one 1").error, "value 'one' is not a number");
  EXPECT_EQ(Parse("m").error, "a value is missing");
  EXPECT_EQ(Parse("m 1 now").error,
            "timestamp 'now' is not a number of seconds");
  EXPECT_EQ(Parse("m 1 1 1").error, "text behind the timestamp at '1'");
  EXPECT_EQ(Parse("m{a=\"1\",a=\"2\"} 1 1").error, "label 'a' is given twice");
  EXPECT_EQ(Parse("m 1 1.5", TimeUnit::kMillis).error,
            "timestamp '1.5' is not an integer (milliseconds)");
  EXPECT_EQ(Parse("m{a=\"b} 1 1").error,
            "label 'a' has no value in quotation marks at 'b} 1 1'");
  EXPECT_EQ(Parse("m{a=b} 1 1").error,
            "label 'a' has no value in quotation marks at 'b} 1 1'");
  EXPECT_EQ(Parse("m{a} 1 1").error, "label 'a' has no = at '} 1 1'");
  EXPECT_EQ(Parse("m{\"a} 1 1").error,
            "a quotation mark is not closed at '\"a} 1 1'");
  EXPECT_EQ(Parse("m{,} 1 1").error, "no label's name at ',} 1 1'");
  EXPECT_EQ(Parse("m{a=\"b\"").error,
            "no , or } behind a label at the line's end");
  EXPECT_EQ(Parse("m{a=\"b\" 1 1").error, "no , or } behind a label at '1 1'");
  EXPECT_EQ(Parse("= 1 1").error, "no name{label=\"value\",...} at its front");
  EXPECT_EQ(Parse("m{" + std::string(1000, 'a') + "} 1 1").error,
            "label '" + std::string(40, 'a') + "...' has no = at '} 1 1'");
  for (const char* const text :
       {"", "{} 1 1", "m{a=\"b} 1 1", "m{a=b} 1 1", "m{a} 1 1", "= 1 1"}) {
    EXPECT_FALSE(Parse(text).ok) << text;
  }
}

TEST(ExpositionLine, NanAndInfinities) {
  EXPECT_TRUE(std::isnan(Parse("m NaN 1").sample.value));
  EXPECT_EQ(Parse("m -Inf 1").sample.value, -INFINITY);
  EXPECT_TRUE(Parse("m nan:0x7ff0000000000002 1").ok);
}

}  // namespace
}  // namespace varve::tools
