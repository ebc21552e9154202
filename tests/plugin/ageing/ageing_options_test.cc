// The table of VarveTierScheduler's options, as RocksDB walks it.
#include "plugin/ageing/ageing_options.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "rocksdb/convenience.h"

namespace varve {
namespace {

// A value of each option that is not its default, and of no other option.
const std::map<std::string, std::string>& OddValues() {
  static const std::map<std::string, std::string> kValues = {
      {"ageing_min_due_ratio", "0.25"},
      {"ageing_max_delay", "11m"},
      {"ageing_max_compaction_bytes", "1200"},
      {"ageing_interval", "13m"},
      {"ageing_rate", "1400"}};
  return kValues;
}

// Any of the options may be asked for by any name: their table is one.
Status Set(const std::string& name, const std::string& value,
           AgeingOptions* options) {
  return AgeingOptionsInfo().begin()->second.Parse(rocksdb::ConfigOptions(),
                                                   name, value, options);
}

Status Get(const std::string& name, const AgeingOptions& options,
           std::string* value) {
  return AgeingOptionsInfo().begin()->second.Serialize(rocksdb::ConfigOptions(),
                                                       name, &options, value);
}

std::string MustGet(const std::string& name, const AgeingOptions& options) {
  std::string value;
  EXPECT_TRUE(Get(name, options, &value).ok()) << name;
  return value;
}

TEST(AgeingOptions, AnOptionIsItselfAndNoOther) {
  const AgeingOptions defaults;
  ASSERT_EQ(AgeingOptionsInfo().size(), OddValues().size());
  for (const auto& [name, value] : OddValues()) {
    AgeingOptions options;
    ASSERT_EQ(AgeingOptionsInfo().count(name), 1u) << name;
    ASSERT_TRUE(Set(name, value, &options).ok()) << name;
    for (const auto& [other, unused] : OddValues()) {
      EXPECT_EQ(MustGet(other, options),
                other == name ? value : MustGet(other, defaults))
          << other << " after " << name;
      std::string mismatch;
      EXPECT_EQ(
          AgeingOptionsInfo().at(other).AreEqual(
              rocksdb::ConfigOptions(), other, &options, &defaults, &mismatch),
          other != name);
      EXPECT_EQ(mismatch, other == name ? name : "");
    }
  }
}

TEST(AgeingOptions, AllOptionsKeepTheirOwnValues) {
  AgeingOptions options;
  for (const auto& [name, value] : OddValues()) {
    ASSERT_TRUE(Set(name, value, &options).ok()) << name;
  }
  for (const auto& [name, value] : OddValues()) {
    EXPECT_EQ(MustGet(name, options), value) << name;
  }
}

// A name that nobody knows was once max_compaction_bytes.
TEST(AgeingOptions, AnUnknownNameIsNotFound) {
  AgeingOptions options;
  std::string value;
  for (const char* name : {"", "ageing", "ageing_rates", "bucket"}) {
    EXPECT_TRUE(Set(name, "1", &options).IsNotFound()) << name;
    EXPECT_TRUE(Get(name, options, &value).IsNotFound()) << name;
  }
  for (const auto& [name, unused] : OddValues()) {
    EXPECT_EQ(MustGet(name, options), MustGet(name, AgeingOptions())) << name;
  }
}

}  // namespace
}  // namespace varve
