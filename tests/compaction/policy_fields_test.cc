// The table of a policy's fields: a name is one field and no other.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "varve/policy.h"

namespace varve {
namespace {

// A value of each field that is not its default, and of no other field.
const std::map<std::string, std::string>& OddValues() {
  static const std::map<std::string, std::string> kValues = {
      {"downsampling_period", "30d:5m"},
      {"dedup_interval", "11s"},
      {"retention_period", "12d"},
      {"bucket", "13s"},
      {"partition", "week"},
      {"window", "ceil"},
      {"safety_lag", "14s"},
      {"future_limit", "15s"},
      {"ageing", "off"}};
  return kValues;
}

TEST(PolicyFields, AFieldIsItselfAndNoOther) {
  const Policy defaults;
  ASSERT_EQ(PolicyFieldNames().size(), OddValues().size());
  for (const auto& [name, value] : OddValues()) {
    Policy policy;
    ASSERT_TRUE(policy.Set(name, value).ok()) << name;
    EXPECT_NE(policy, defaults) << name;
    EXPECT_EQ(
        policy.Difference(defaults, "here", "there"),
        name + " is " + value + " here and " + defaults.Get(name) + " there");
    for (const std::string& other : PolicyFieldNames()) {
      EXPECT_EQ(policy.Get(other), other == name ? value : defaults.Get(other))
          << other << " after " << name;
    }
    ASSERT_TRUE(policy.Set(name, defaults.Get(name)).ok()) << name;
    EXPECT_EQ(policy, defaults) << name;
  }
}

TEST(PolicyFields, AllFieldsKeepTheirOwnValues) {
  Policy policy;
  std::string text;
  for (const std::string& name : PolicyFieldNames()) {
    const std::string& value = OddValues().at(name);
    ASSERT_TRUE(policy.Set(name, value).ok()) << name;
    text += (text.empty() ? "" : ";") + name + "=" + value;
  }
  for (const auto& [name, value] : OddValues()) {
    EXPECT_EQ(policy.Get(name), value) << name;
  }
  EXPECT_EQ(policy.ToString(), text);
}

TEST(PolicyFields, AnUnknownNameSetsNothing) {
  Policy policy;
  for (const char* name : {"", "Bucket", "bucket ", "ageing_rate", "buckets"}) {
    EXPECT_TRUE(policy.Set(name, "1h").IsNotFound()) << name;
    EXPECT_EQ(policy.Get(name), "") << name;
  }
  EXPECT_EQ(policy, Policy());
}

}  // namespace
}  // namespace varve
