// The ends of time, 1970-01-01 and 9999-12-31, in one database: what is written
// there is read, and the files that hold it age and pass every check.
//
// With window=ceil the bucket that holds the timestamp 0 starts before 1970.
// A file that held it and a sample beyond 2059 (2040 with bucket=100d) had
// bins so wide in its properties that the first began before any time that
// our own reader took: it called the property damaged, the file never aged,
// and `varve verify` advised to restore it from a backup.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "compaction/sample_properties.h"
#include "tests/plugin/ageing/ageing_db.h"
#include "tests/plugin/samples/sample_db.h"
#include "tools/file_verifier.h"
#include "varve/varve.h"

namespace varve {
namespace {

constexpr int64_t kYear2060 = 32872 * kMillisPerDay;

// Every partition, both windows, and the narrowest and widest buckets of each.
std::vector<std::string> Shapes() {
  std::vector<std::string> shapes;
  for (const std::string window : {"floor", "ceil"}) {
    for (const std::string shape :
         {"bucket=1s;partition=none", "bucket=1d;partition=none",
          "bucket=100d;partition=none", "bucket=366d;partition=none",
          "bucket=1s;partition=day", "bucket=1d;partition=day",
          "bucket=7d;partition=week", "bucket=1d;partition=month"}) {
      shapes.push_back(shape + ";window=" + window);
    }
  }
  return shapes;
}

std::vector<int64_t> Times(const Policy& policy) {
  const int64_t width = policy.shape.bucket_width_ms;
  std::vector<int64_t> times = {
      kTimestampMin, 1,         width - 1,         width,        width + 1,
      kTestNowMs,    kYear2060, kTimestampMax - 1, kTimestampMax};
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

// What the files say of themselves is read, is true, and plans take it.
void ExpectSoundFiles(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf) {
  rocksdb::TablePropertiesCollection tables;
  ASSERT_TRUE(db->GetPropertiesOfAllTables(cf, &tables).ok());
  ASSERT_FALSE(tables.empty());
  for (const auto& [path, table] : tables) {
    SampleProperties properties;
    const Status status =
        ParseSampleProperties(table->user_collected_properties, &properties);
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(properties.foreign_rows, 0u);
    tools::FileFindings findings;
    tools::VerifyFile(
        path, rocksdb::FileSystem::Default(), [](uint64_t) {}, &findings);
    EXPECT_EQ(findings.problem_count, 0u) << findings.problems[0];
  }
  AgeingPlan plan;
  ASSERT_TRUE(PlanAgeing(db, cf, {}, &plan).ok());
  for (const AgeingFileReport& file : plan.files) {
    EXPECT_EQ(file.why.find("no properties"), std::string::npos) << file.why;
  }
}

TEST(TimeEdges, WhatIsWrittenIsRead) {
  for (const std::string& shape : Shapes()) {
    SCOPED_TRACE(shape);
    SampleDb db(shape + ";future_limit=0;dedup_interval=1s");
    std::vector<Sample> samples;
    SampleMap expected;
    for (const int64_t t : Times(db.policy())) {
      samples.push_back({t, static_cast<double>(t)});
    }
    // As dedup leaves them, which both windows' neighbours show.
    std::vector<SampleWrite> writes;
    for (const Sample& sample : samples) {
      writes.push_back({sample.timestamp_ms, BitsOf(sample.value)});
    }
    expected = View(writes, db.policy(), kTestNowMs);
    db.Write("series", samples);
    EXPECT_EQ(db.Read("series"), expected);
    db.Flush();
    db.Reopen();
    EXPECT_EQ(db.Read("series"), expected);
    ASSERT_NO_FATAL_FAILURE(ExpectSoundFiles(db.db(), db.cf()));
    db.Write("series", samples);
    db.Compact();
    EXPECT_EQ(db.Read("series"), expected);
    ASSERT_NO_FATAL_FAILURE(ExpectSoundFiles(db.db(), db.cf()));
    for (const int64_t t : {kTimestampMin, kTimestampMax}) {
      SampleMap seen;
      ASSERT_TRUE(db.Read("series", t, t, &seen).ok());
      EXPECT_EQ(seen.count(t), expected.count(t));
    }
    EXPECT_EQ(db.List(), std::vector<std::string>{"series"});
    ASSERT_TRUE(DeleteSeries({}, db.db(), db.cf(), "series").ok());
    EXPECT_TRUE(db.Read("series").empty());
  }
}

// The file of the bug ages: what is old enough is thinned, what is not stays.
TEST(TimeEdges, AFileOfAllTimesAges) {
  for (const std::string bucket : {"1d", "100d"}) {
    for (const std::string window : {"floor", "ceil"}) {
      SCOPED_TRACE(bucket + " " + window);
      AgeingDb db("bucket=" + bucket + ";partition=none;window=" + window +
                      ";future_limit=0;downsampling_period=30d:1h",
                  20000);
      const std::vector<Sample> samples = {
          {0, 1}, {1, 2}, {2, 3}, {kYear2060, 4}, {kYear2060 + 1, 5}};
      rocksdb::WriteBatch batch;
      ASSERT_TRUE(
          db.writer()->Add("cpu", samples.data(), samples.size(), &batch).ok());
      ASSERT_TRUE(db.db()->Write({}, &batch).ok());
      db.Flush();
      ASSERT_NO_FATAL_FAILURE(ExpectSoundFiles(db.db(), db.cf()));
      // Bins of a file over ninety years are years wide.
      db.SetDay(kYear2060 / kMillisPerDay + 20 * 366);
      db.Age();
      ASSERT_NO_FATAL_FAILURE(ExpectSoundFiles(db.db(), db.cf()));
      const AgeingPlan plan = db.Plan();
      ASSERT_EQ(plan.tiers.size(), 1u);
      EXPECT_EQ(plan.tiers[0].due_samples + plan.tiers[0].waiting_samples, 0u);
      const uint64_t left = window == "ceil" ? 4u : 2u;
      EXPECT_EQ(plan.tiers[0].done_samples, left);
      EXPECT_EQ(db.Read("cpu").size(), left);
    }
  }
}

}  // namespace
}  // namespace varve
