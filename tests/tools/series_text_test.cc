#include "tools/series_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/random_source.h"

namespace varve::tools {
namespace {

using Labels = std::vector<Label>;

TEST(SeriesText, SortsLabelsAndEscapesValues) {
  EXPECT_EQ(
      SeriesText(
          {{"job", "a\"b\\c\nd"}, {"__name__", "up"}, {"instance", "x:1"}}),
      R"(up{instance="x:1",job="a\"b\\c\nd"})");
  EXPECT_EQ(SeriesText({{"__name__", "up"}}), "up");
  EXPECT_EQ(SeriesText({{"a", "b"}}), R"({a="b"})");
}

TEST(SeriesText, QuotesNamesThatAreNotPlain) {
  EXPECT_EQ(SeriesText({{"__name__", "m"}, {"a.b", "c"}}), R"(m{"a.b"="c"})");
}

TEST(SeriesText, EmptyValuesAreNoLabels) {
  EXPECT_EQ(SeriesText({{"__name__", "m"}, {"a", ""}}), "m");
  EXPECT_EQ(SeriesText({{"a", ""}}), "");
  EXPECT_EQ(SeriesText({}), "");
}

TEST(SeriesText, LabelsComeBack) {
  const Labels labels = {{"__name__", "up"},
                         {"a.b", "x"},
                         {"instance", "q\"\\\n}{,="},
                         {"job", "y"}};
  EXPECT_EQ(SeriesLabels(SeriesText(labels)), labels);
}

TEST(SeriesText, AnyOtherTextIsTheMetricsName) {
  const std::vector<std::string> texts = {"cpu",
                                          "42",
                                          "m{}",
                                          "m{a}",
                                          "m{a=\"b\"",
                                          "m{a=\"b}",
                                          "m{b=\"\"}",
                                          "m{b=\"1\",a=\"2\"}",
                                          "m{a=\"b\"}x",
                                          "m{a=b}",
                                          "m{a=\"b\",}",
                                          "m{a=\"\\q\"}",
                                          "{",
                                          "}",
                                          "m{a=\"b\\",
                                          "m{a=\"1\",a=\"1\"}",
                                          "m{__name__=\"x\"}",
                                          "{__name__=\"x\"}"};
  for (const std::string& text : texts) {
    EXPECT_EQ(SeriesLabels(text), (Labels{{"__name__", text}})) << text;
  }
}

// The law that import and export rest on.
TEST(SeriesText, LabelsOfAnyTextGiveThatText) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  const std::string alphabet = "ab{}=\",\\n_.";
  for (int i = 0; i < 200000; ++i) {
    std::string text;
    for (uint64_t n = random.Between(1, 14); n > 0; --n) {
      text.push_back(alphabet[random.Below(alphabet.size())]);
    }
    ASSERT_EQ(SeriesText(SeriesLabels(text)), text);
  }
}

}  // namespace
}  // namespace varve::tools
