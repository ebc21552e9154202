// The text form of a file's properties, sound and damaged. What they hold is
// tested in sample_properties_collector_test.cc.
#include "compaction/sample_properties.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

namespace varve {
namespace {

using rocksdb::UserCollectedProperties;

SampleProperties Sound() {
  SampleProperties properties;
  properties.shape.partition = Partition::kWeek;
  properties.now_ms = 1700000000000;
  properties.rows = 2;
  properties.samples = 12;
  properties.tombstones = 3;
  properties.range_tombstones = 4;
  properties.foreign_rows = 5;
  properties.foreign_tombstones = 6;
  properties.range_last_ms = 1600041599999;
  properties.aged = {{3600000, 1600002000000}, {300000, 1600002300000}};
  properties.first_timestamp_ms = 1600000000000;
  properties.last_timestamp_ms = 1600000000011;
  properties.has_row_keys = true;
  properties.bucket_last_ms = 1600041599999;
  properties.resolutions.push_back(
      {0, 7, 70, 1599955200000, kMillisPerDay, {3, 0, 4}});
  properties.resolutions.push_back(
      {300000, 5, 50, 1599955200000, kMillisPerDay, {5}});
  return properties;
}

UserCollectedProperties Good() {
  UserCollectedProperties properties;
  Sound().AppendTo(&properties);
  return properties;
}

TEST(SampleProperties, WhatIsWrittenReadsBack) {
  SampleProperties result;
  ASSERT_TRUE(ParseSampleProperties(Good(), &result).ok());
  UserCollectedProperties again;
  result.AppendTo(&again);
  EXPECT_EQ(again, Good());
  EXPECT_EQ(result.shape, Sound().shape);
  EXPECT_EQ(result.tombstones, 3u);
  EXPECT_EQ(result.range_tombstones, 4u);
  EXPECT_EQ(result.foreign_rows, 5u);
  EXPECT_EQ(result.foreign_tombstones, 6u);
  EXPECT_EQ(result.range_last_ms, Sound().range_last_ms);
  EXPECT_EQ(result.aged, Sound().aged);
  ASSERT_EQ(result.resolutions.size(), 2u);
  EXPECT_EQ(result.resolutions[0].bins, Sound().resolutions[0].bins);
  EXPECT_EQ(result.resolutions[1].interval_ms, 300000);
}

TEST(SampleProperties, MissingNewerAndDamagedOnesAreToldApart) {
  SampleProperties result;
  EXPECT_TRUE(ParseSampleProperties({}, &result).IsNotFound());
  EXPECT_TRUE(
      ParseSampleProperties({{"rocksdb.merge", "1"}}, &result).IsNotFound());
  const UserCollectedProperties good = Good();
  UserCollectedProperties newer = good;
  newer["varve.version"] = "2";
  EXPECT_TRUE(ParseSampleProperties(newer, &result).IsNotSupported());

  for (const auto& item : good) {
    if (item.first == "varve.version") continue;
    for (const std::string& value :
         {std::string(), std::string("x"), item.second + "x", item.second + " ",
          "-" + item.second, "+" + item.second,
          item.second.substr(0, item.second.size() - 1) + "\xff",
          std::string("99999999999999999999999999"),
          item.second + std::string("\0", 1)}) {
      UserCollectedProperties bad = good;
      bad[item.first] = value;
      const Status status = ParseSampleProperties(bad, &result);
      const bool number =
          value[0] == '-' && (item.first == "varve.now_ms" ||
                              item.first == "varve.bucket_last_ms" ||
                              item.first == "varve.range_last_ms" ||
                              item.first == "varve.timestamps_ms");
      EXPECT_EQ(status.IsCorruption(), !number)
          << item.first << " = '" << value << "': " << status.ToString();
      if (status.IsCorruption()) {
        EXPECT_NE(status.ToString().find(item.first), std::string::npos);
      }
    }
    if (item.first == "varve.bucket_last_ms" || item.first == "varve.aged" ||
        item.first.find("resolution") != std::string::npos) {
      continue;
    }
    UserCollectedProperties bad = good;
    bad.erase(item.first);
    EXPECT_TRUE(ParseSampleProperties(bad, &result).IsCorruption())
        << item.first;
  }
}

TEST(SampleProperties, AnyResolutionTextIsSafe) {
  const UserCollectedProperties good = Good();
  EXPECT_TRUE(rc::check([&] {
    UserCollectedProperties properties = good;
    const auto digits = rc::gen::elementOf(std::string("0123456789,=+-:"));
    const auto text = *rc::gen::container<std::string>(
        rc::gen::oneOf(digits, rc::gen::arbitrary<char>()));
    properties["varve.resolution." +
               *rc::gen::element<std::string>("raw", "5m", "0", "", "1q")] =
        *rc::gen::element<std::string>("", "samples=1,bytes=2,bins=0+1000:") +
        text;
    SampleProperties result;
    const Status status = ParseSampleProperties(properties, &result);
    RC_ASSERT(status.ok() || status.IsCorruption());
  }));
}

TEST(SampleProperties, TimesAreFarFromOverflow) {
  for (const char* key : {"varve.now_ms", "varve.bucket_last_ms"}) {
    for (const char* value : {"9223372036854775807", "-9223372036854775807"}) {
      UserCollectedProperties properties = Good();
      properties[key] = value;
      SampleProperties result;
      EXPECT_TRUE(ParseSampleProperties(properties, &result).IsCorruption());
    }
  }
}

// With window=ceil the first bucket starts before 1970, and its bin as far
// before as it is wide. Bins of more than 732 days were refused there, though
// a file that reaches from 1970 beyond 2059 has them.
TEST(SampleProperties, TheBinBefore1970IsAsWideAsOthers) {
  UserCollectedProperties properties = Good();
  SampleProperties result;
  properties["varve.resolution.raw"] =
      "samples=5,bytes=110,bins=-88473600000+88473600000:1,2,0,2";
  const Status status = ParseSampleProperties(properties, &result);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(result.resolutions[0].bins_start_ms, -88473600000);
  properties["varve.resolution.raw"] =
      "samples=5,bytes=110,bins=-88473600001+88473600000:1,2,0,2";
  EXPECT_TRUE(ParseSampleProperties(properties, &result).IsCorruption());
}

TEST(SampleProperties, TooManyBinsAreRefused) {
  UserCollectedProperties properties = Good();
  std::string text = "samples=1,bytes=2,bins=0+1000:1";
  for (size_t i = 1; i < kHistogramBinsMax; ++i) text += ",1";
  SampleProperties result;
  properties["varve.resolution.raw"] = text;
  EXPECT_TRUE(ParseSampleProperties(properties, &result).ok());
  properties["varve.resolution.raw"] = text + ",1";
  EXPECT_TRUE(ParseSampleProperties(properties, &result).IsCorruption());
}

}  // namespace
}  // namespace varve
