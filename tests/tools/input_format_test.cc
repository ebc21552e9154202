// The format of a file by its first line. What is said where there is none:
// tests/docs/import_document_test.cc.
#include "tools/input_format.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/random_source.h"

namespace varve::tools {
namespace {

InputFormat FormatOf(const std::string& line) {
  std::string why;
  const InputFormat format = FormatOfFirstLine(line, &why);
  EXPECT_EQ(why.empty(), format != InputFormat::kAuto) << line << ": " << why;
  return format;
}

TEST(InputFormat, TextOfPrometheusBeginsWithASeriesOrAComment) {
  for (const char* const line :
       {"# HELP m of it", "m 1 1", "m 1", "m{a=\"b\"} 1 1", "{\"m\"} 1 1",
        "{a=\"b\"} 1 1", "{\"m\",a=\"b\"} 1 1", "a.b.c 1 1700000000"}) {
    EXPECT_EQ(FormatOf(line), InputFormat::kOpenMetrics) << line;
  }
}

// Bad or not: the line is reported, and the next one read in its format.
TEST(InputFormat, ABadLineHasAFormatAllTheSame) {
  for (const char* const line :
       {"m{a=\"1\",a=\"2\"}", "m{a=\"1\",a=\"2\"} 1 2", "m 1 now", "m 1 2 3",
        "{\"m\",a=\"1\",a=\"2\"} 1 2", "{a=\"1\"} one"}) {
    EXPECT_EQ(FormatOf(line), InputFormat::kOpenMetrics) << line;
  }
  for (const char* const line :
       {"{\"metric\":{\"a\":1}}", "{", "{}", "{ \"metric\" : 1", "{\"met",
        "{\"metric\"", "{'metric': {}}", "{metric:{}}", "{\"a\\\"b\":1}",
        "{\"status\":\"success\",\"data\":{}}"}) {
    EXPECT_EQ(FormatOf(line), InputFormat::kJson) << line;
  }
}

TEST(InputFormat, CsvIsWhateverHasTheHeader) {
  for (const char* const line :
       {"series,timestamp_ms,value", "\"series\",timestamp_ms,value", "time,v",
        "series;timestamp_ms;value", "up{job=\"a\"},1,1", "cpu,1,1", "<html>",
        "time of day,value", ",", "\"", "cpu"}) {
    EXPECT_EQ(FormatOf(line), InputFormat::kCsv) << line;
  }
}

TEST(InputFormat, WhatIsInDoubtIsNone) {
  for (const char* const line :
       {"m x 1", "c{ 1 2", "m{a=b} 1 1", "{\"m\"} x 1", "{\"m\",a=b} 1 1",
        "[{\"metric\":{}}]", "BZh91AY", "PK\x03\x04"}) {
    EXPECT_EQ(FormatOf(line), InputFormat::kAuto) << line;
  }
}

// Any bytes: an answer, and a message of few and printable bytes.
TEST(InputFormat, SaysSomethingShortOfAnyLine) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  const std::string alphabet("{}\"'=:,; \\a1.\x00\xff[#\t", 18);
  size_t none = 0;
  for (int i = 0; i < 50000; ++i) {
    std::string line;
    for (uint64_t n = 1 + random.Below(random.OneIn(50) ? 1000 : 12); n > 0;
         --n) {
      line += alphabet[random.Below(alphabet.size())];
    }
    if (line[0] == ' ' || line[0] == '\t') line[0] = 'a';
    std::string why;
    const InputFormat format = FormatOfFirstLine(line, &why);
    ASSERT_EQ(why.empty(), format != InputFormat::kAuto);
    ASSERT_LT(why.size(), 700u) << why;
    for (const char c : why) ASSERT_TRUE(c >= ' ' && c <= '~') << why;
    none += format == InputFormat::kAuto;
  }
  printf("%zu of 50000 lines in doubt\n", none);
  EXPECT_GT(none, 500u);
}

}  // namespace
}  // namespace varve::tools
