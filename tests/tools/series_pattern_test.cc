// Prefixes and globs over series.
#include "tools/series_pattern.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "tests/random_source.h"

namespace varve::tools {
namespace {

TEST(SeriesPattern, WithoutAStarItIsAPrefix) {
  const SeriesPattern pattern("up{job=");
  EXPECT_EQ(pattern.prefix(), "up{job=");
  EXPECT_TRUE(pattern.Matches("up{job=\"a\"}"));
  EXPECT_FALSE(pattern.Matches("up"));
  EXPECT_TRUE(SeriesPattern("").Matches("anything"));
}

TEST(SeriesPattern, WithAStarItMatchesAsAWhole) {
  const SeriesPattern pattern("node_*{*mode=\"idle\"*}");
  EXPECT_EQ(pattern.prefix(), "node_");
  EXPECT_TRUE(pattern.Matches("node_cpu{cpu=\"0\",mode=\"idle\"}"));
  EXPECT_FALSE(pattern.Matches("node_cpu{cpu=\"0\",mode=\"user\"}"));
  EXPECT_FALSE(SeriesPattern("a*b").Matches("abc"));
  EXPECT_TRUE(SeriesPattern("a?c").Matches("abc"));
  EXPECT_FALSE(SeriesPattern("a?c").Matches("ac"));
}

TEST(SeriesPattern, ABackslashTakesTheNextByteAsItIs) {
  const SeriesPattern pattern("a\\*b\\\\?");
  EXPECT_EQ(pattern.prefix(), "a*b\\");
  EXPECT_TRUE(pattern.Matches("a*b\\x"));
  EXPECT_FALSE(pattern.Matches("axb\\x"));
}

TEST(SeriesPattern, AgreesWithARegularExpression) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  for (int i = 0; i < 20000; ++i) {
    std::string glob, expression, text;
    for (uint64_t n = random.Below(7); n > 0; --n) {
      const char c = "ab*?"[random.Below(4)];
      glob += c;
      expression += c == '*' ? ".*" : c == '?' ? "." : std::string(1, c);
    }
    for (uint64_t n = random.Below(9); n > 0; --n) {
      text += static_cast<char>('a' + random.Below(2));
    }
    if (glob.find_first_of("*?") == std::string::npos) expression += ".*";
    EXPECT_EQ(SeriesPattern(glob).Matches(text),
              std::regex_match(text, std::regex(expression)))
        << glob << " " << text;
  }
}

}  // namespace
}  // namespace varve::tools
