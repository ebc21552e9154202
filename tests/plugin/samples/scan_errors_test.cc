// A scan meets rows and files that cannot be read: the series that they hold
// say so, and the next ones come all the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/plugin/samples/scan_check.h"

namespace varve {
namespace {

constexpr int64_t kDay = kMillisPerDay;
constexpr int64_t kNow = kTestNowMs;

const std::vector<std::string>& Shapes() {
  static const std::vector<std::string> kShapes = {"none", "day", "month"};
  return kShapes;
}

TEST(ScanErrors, ARowOfGarbageEndsItsSeriesAndNoOther) {
  for (const std::string& partition : Shapes()) {
    for (const size_t buffer_bytes : {size_t{0}, size_t{1} << 20}) {
      SCOPED_TRACE(partition + ", " + std::to_string(buffer_bytes));
      SampleDb db("partition=" + partition);
      for (const char* series : {"a", "b", "c"}) {
        for (int day = 0; day < 70; ++day) {
          db.Write(series, kNow - day * kDay, day);
        }
      }
      ASSERT_TRUE(
          db.db()->Merge({}, db.Key("b", kNow - 40 * kDay), "garbage").ok());
      ScanOptions scan;
      scan.buffer_bytes = buffer_bytes;
      ScannedSeries seen = ScanAll(&db, scan);
      ASSERT_EQ(seen.size(), 3u);
      EXPECT_TRUE(seen["a"].status.ok());
      EXPECT_EQ(seen["a"].samples.size(), 70u);
      EXPECT_TRUE(seen["b"].status.IsCorruption());
      EXPECT_NE(seen["b"].status.ToString().find("series \"b\""),
                std::string::npos);
      EXPECT_EQ(seen["b"].samples.size(), 29u);
      EXPECT_TRUE(seen["c"].status.ok());
      EXPECT_EQ(seen["c"].samples.size(), 70u);
      SampleReadOptions options;
      options.now_ms = kNow;
      ASSERT_NO_FATAL_FAILURE(CheckScan(&db, scan, options));
    }
  }
}

// Noise: it does not compress, so a file's place tells the series.
void WriteNoise(SampleDb* db, const std::string& series, int days,
                int samples_per_day = 500) {
  RandomSource random(series[0]);
  for (int day = days - 1; day >= 0; --day) {
    std::vector<Sample> samples;
    for (int i = 0; i < samples_per_day; ++i) {
      const uint64_t bits = random.Bits() & ~(uint64_t{1} << 62);
      samples.push_back({kNow - day * kDay + i, ValueOf(bits)});
    }
    db->Write(series, samples);
  }
}

// Flips bytes in the middle of one of the database's files.
void DamageFile(SampleDb* db) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(db->path())) {
    if (entry.path().extension() == ".sst") files.push_back(entry.path());
  }
  ASSERT_FALSE(files.empty());
  std::sort(files.begin(), files.end());
  const auto& path = files[files.size() / 2];
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<int64_t>(std::filesystem::file_size(path) / 2));
  const auto at = file.tellg();
  char bytes[16];
  file.read(bytes, sizeof bytes);
  for (char& byte : bytes) byte ^= 0x55;
  file.seekp(at);
  file.write(bytes, sizeof bytes);
}

TEST(ScanErrors, ADamagedBlockEndsTheSeriesThatItHolds) {
  for (const std::string partition : {"none", "month"}) {
    for (const size_t buffer_bytes : {size_t{0}, size_t{1} << 20}) {
      SCOPED_TRACE(partition + ", " + std::to_string(buffer_bytes));
      SampleDb db("partition=" + partition);
      const int days = partition == "none" ? 30 : 50;
      for (const char* series : {"a", "b", "c", "d", "e"}) {
        WriteNoise(&db, series, days);
      }
      db.Compact();
      ScanOptions scan;
      scan.buffer_bytes = buffer_bytes;
      const ScannedSeries sound = ScanAll(&db, scan);
      db.Close();
      ASSERT_NO_FATAL_FAILURE(DamageFile(&db));
      db.Open();
      const ScannedSeries seen = ScanAll(&db, scan);
      ASSERT_EQ(seen.size(), 5u);
      int failed = 0;
      for (const auto& [name, one] : seen) {
        const SampleMap& whole = sound.at(name).samples;
        failed += one.status.ok() ? 0 : 1;
        if (one.status.ok()) {
          EXPECT_EQ(one.samples, whole) << name;
        } else {
          EXPECT_TRUE(one.status.IsCorruption()) << one.status.ToString();
          EXPECT_LT(one.samples.size(), whole.size());
          EXPECT_TRUE(std::equal(one.samples.begin(), one.samples.end(),
                                 whole.begin()));
        }
      }
      EXPECT_EQ(failed, 1);
      EXPECT_EQ(db.List().size(), 5u);
    }
  }
}

TEST(ScanErrors, ADamagedSeriesThatNobodyAskedForIsPassed) {
  SampleDb db("partition=none");
  for (const char* series : {"a", "b", "c"}) WriteNoise(&db, series, 3, 375);
  db.Compact();
  db.Close();
  ASSERT_NO_FATAL_FAILURE(DamageFile(&db));
  db.Open();
  ScannedSeries seen = ScanAll(&db);
  EXPECT_TRUE(seen["b"].status.IsCorruption());
  EXPECT_FALSE(seen["b"].samples.empty()) << "not its first row";
  ScanOptions scan;
  scan.matches = [](const Slice& series) { return series != "b"; };
  seen = ScanAll(&db, scan);
  ASSERT_EQ(seen.size(), 2u);
  for (const auto& one : seen) {
    EXPECT_TRUE(one.second.status.ok()) << one.second.status.ToString();
    EXPECT_EQ(one.second.samples.size(), 3u * 375);
  }
  EXPECT_EQ(db.List().size(), 3u);
}

// Not of a series: the scan ends, and says so.
TEST(ScanErrors, AnotherErrorEndsTheScan) {
  SampleDb db("");
  for (const char* series : {"a", "b"}) WriteNoise(&db, series, 3);
  db.Compact();
  db.Reopen();
  SampleReadOptions options;
  options.rocksdb.read_tier = rocksdb::kBlockCacheTier;
  const auto cursor = db.reader()->Scan(options, {});
  EXPECT_FALSE(cursor->NextSeries());
  EXPECT_TRUE(cursor->status().IsIncomplete()) << cursor->status().ToString();
  EXPECT_FALSE(cursor->Next());
  EXPECT_FALSE(cursor->NextSeries());
  EXPECT_TRUE(cursor->status().IsIncomplete());
}

TEST(ScanErrors, WhatAFilterThrowsIsAStatus) {
  SampleDb db("");
  db.Write("a", kNow, 1);
  ScanOptions scan;
  scan.matches = [](const Slice&) -> bool { throw std::bad_alloc(); };
  const auto cursor = db.reader()->Scan({}, scan);
  EXPECT_FALSE(cursor->NextSeries());
  EXPECT_FALSE(cursor->status().ok());
}

}  // namespace
}  // namespace varve
