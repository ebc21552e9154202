// The generator of policies: everything that validates may come of it, and
// each class comes when it is asked for.
#include "tests/policy_generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace varve {
namespace {

TEST(PolicyGenerator, DrawsEveryClassByChance) {
  constexpr uint64_t kDraws = 20000;
  PolicyCoverage coverage;
  for (uint64_t round = 0; round < kDraws; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    const Policy policy = DrawPolicy(&random);
    ASSERT_TRUE(policy.Validate().ok()) << policy.ToString();
    coverage.Count(policy);
  }
  std::printf("%s", coverage.ToString().c_str());
  EXPECT_EQ(coverage.policies(), kDraws);
  EXPECT_EQ(coverage.Missing(), std::vector<std::string>());
}

TEST(PolicyGenerator, DrawsAClassWhenItIsAskedFor) {
  for (size_t i = 0; i < PolicyClasses().size(); ++i) {
    SCOPED_TRACE(PolicyClasses()[i].name);
    for (uint64_t seed = 0; seed < 20; ++seed) {
      RandomSource random(seed);
      EXPECT_TRUE(PolicyClasses()[i].holds(DrawPolicyOfClass(i, &random)));
    }
  }
}

TEST(PolicyGenerator, DrawsOfAShapeThatIsGiven) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    RandomSource random(seed);
    const RowShape shape = DrawPolicy(&random).shape;
    EXPECT_EQ(DrawPolicyOfShape(shape, &random).shape, shape);
  }
}

TEST(PolicyCoverage, NamesTheClassesThatNeverCame) {
  PolicyCoverage coverage;
  EXPECT_EQ(coverage.Missing().size(), PolicyClasses().size());
  Policy policy;
  ASSERT_TRUE(
      Policy::Parse("dedup_interval=1m;downsampling_period=1h:1m", &policy)
          .ok());
  coverage.Count(policy);
  const std::vector<std::string> missing = coverage.Missing();
  const auto is_missing = [&](const char* name) {
    return std::count(missing.begin(), missing.end(), name) == 1;
  };
  EXPECT_FALSE(is_missing("dedup equal to a tier"));
  EXPECT_TRUE(is_missing("dedup finer than the tiers"));
  EXPECT_NE(coverage.ToString().find("        1  dedup equal to a tier\n"),
            std::string::npos)
      << coverage.ToString();
}

// What OPTIONS hold of a policy is its text: every policy comes back from it.
TEST(PolicyGenerator, TextOfEveryPolicyReadsBack) {
  for (uint64_t round = 0; round < 5000; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    const Policy policy =
        DrawPolicyOfClass(round % PolicyClasses().size(), &random);
    Policy read;
    const Status status = Policy::Parse(policy.ToString(), &read);
    ASSERT_TRUE(status.ok()) << status.ToString();
    ASSERT_TRUE(read == policy) << policy.ToString();
  }
}

}  // namespace
}  // namespace varve
