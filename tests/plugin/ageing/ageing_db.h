// A database of samples whose scheduler works only when the test says so.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/convenience.h"
#include "rocksdb/listener.h"
#include "tests/mock_clock.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {

inline constexpr int64_t kAgeingDay = kMillisPerDay;

inline size_t CountIn(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

class AgeingDb {
 public:
  using Adjust = std::function<void(rocksdb::Options*)>;

  // `adjust` has the last word about the options.
  explicit AgeingDb(const std::string& policy, int64_t day,
                    const std::string& ageing = "ageing_interval=0",
                    Adjust adjust = nullptr)
      : policy_(policy),
        ageing_(ageing),
        adjust_(std::move(adjust)),
        clock_(std::make_shared<MockClock>(day * kAgeingDay)) {
    Open();
  }
  ~AgeingDb() { Close(); }

  rocksdb::Options MakeOptions() {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.disable_auto_compactions = true;
    options.num_levels = 3;
    options.target_file_size_base = 64 << 10;
    Options ours;
    EXPECT_TRUE(Policy::Parse(policy_, &ours.policy).ok()) << policy_;
    ours.clock = clock_;
    EXPECT_TRUE(ConfigureColumnFamily(ours, &options).ok());
    std::shared_ptr<rocksdb::EventListener> listener;
    const Status status = rocksdb::EventListener::CreateFromString(
        rocksdb::ConfigOptions(), "id=VarveTierScheduler;" + ageing_,
        &listener);
    EXPECT_TRUE(status.ok()) << status.ToString();
    options.listeners.push_back(listener);
    if (adjust_ != nullptr) adjust_(&options);
    return options;
  }
  void Open() {
    rocksdb::DB* db = nullptr;
    ASSERT_EQ(rocksdb::DB::Open(MakeOptions(), path(), &db).ToString(), "OK");
    db_.reset(db);
    ASSERT_TRUE(SampleWriter::Open(db, cf(), &writer_).ok());
    ASSERT_TRUE(SampleReader::Open(db, cf(), &reader_).ok());
  }
  void Close() {
    reader_.reset();
    writer_.reset();
    db_.reset();
  }

  // For the next Open.
  void SetPolicyText(const std::string& policy) { policy_ = policy; }

  // A sample a minute of the whole day, valued by `value`.
  void WriteDay(const std::string& series, int64_t day, double value = 1,
                int64_t step_ms = 60000) {
    std::vector<Sample> samples;
    for (int64_t t = 0; t < kAgeingDay; t += step_ms) {
      samples.push_back({day * kAgeingDay + t, value + static_cast<double>(t)});
    }
    rocksdb::WriteBatch batch;
    ASSERT_EQ(
        writer_->Add(series, samples.data(), samples.size(), &batch).ToString(),
        "OK");
    ASSERT_TRUE(db_->Write({}, &batch).ok());
  }
  void Flush() { ASSERT_EQ(db_->Flush({}).ToString(), "OK"); }
  void CompactAll() {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_EQ(db_->CompactRange(options, nullptr, nullptr).ToString(), "OK");
  }
  void SetDay(int64_t day) { clock_->SetMs(day * kAgeingDay); }

  AgeingPlan Plan(const std::string& changes = "") {
    AgeingPlanOptions options;
    options.changes = changes;
    AgeingPlan plan;
    const Status status = varve::PlanAgeing(db(), cf(), options, &plan);
    EXPECT_EQ(status.ToString(), "OK");
    return plan;
  }
  AgeingCounters Age() {
    EXPECT_EQ(AgeNow(db()).ToString(), "OK");
    return Counters();
  }
  AgeingCounters Counters() {
    AgeingStatus status;
    EXPECT_TRUE(GetAgeingStatus(db(), &status).ok());
    return status.counters;
  }
  std::map<int64_t, double> Read(const std::string& series) {
    std::vector<Sample> samples;
    EXPECT_EQ(reader_->Read({}, series, 0, kTimestampMax, &samples).ToString(),
              "OK");
    std::map<int64_t, double> map;
    for (const Sample& sample : samples)
      map[sample.timestamp_ms] = sample.value;
    return map;
  }
  std::vector<rocksdb::LiveFileMetaData> Files() {
    std::vector<rocksdb::LiveFileMetaData> files;
    db_->GetLiveFilesMetaData(&files);
    return files;
  }

  // What LOG and its predecessors say, once the database is closed.
  std::string Log() const {
    std::string text;
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
      if (entry.path().filename().string().compare(0, 3, "LOG") != 0) continue;
      std::ifstream file(entry.path());
      text.append(std::istreambuf_iterator<char>(file), {});
    }
    return text;
  }

  rocksdb::DB* db() { return db_.get(); }
  rocksdb::ColumnFamilyHandle* cf() { return db_->DefaultColumnFamily(); }
  SampleWriter* writer() { return writer_.get(); }
  SampleReader* reader() { return reader_.get(); }
  std::string path() const { return dir_ / "db"; }
  const std::shared_ptr<MockClock>& clock() const { return clock_; }

 private:
  std::string policy_;
  const std::string ageing_;
  const Adjust adjust_;
  TempDir dir_;
  std::shared_ptr<MockClock> clock_;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<SampleWriter> writer_;
  std::unique_ptr<SampleReader> reader_;
};

}  // namespace varve
