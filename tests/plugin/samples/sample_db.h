// A database of samples in a fresh directory, under a policy and a clock that
// the test sets.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compaction/view.h"
#include "format/coding/value_bits.h"
#include "rocksdb/db.h"
#include "rocksdb/statistics.h"
#include "tests/mock_clock.h"
#include "tests/random_source.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {

// Timestamp to value bits, as View has it.
using SampleMap = std::map<int64_t, uint64_t>;

class SampleDb {
 public:
  explicit SampleDb(const std::string& policy_text, int64_t now_ms = kTestNowMs)
      : clock_(std::make_shared<MockClock>(now_ms)) {
    EXPECT_TRUE(Policy::Parse(policy_text, &policy_).ok()) << policy_text;
    Open();
  }
  ~SampleDb() { Close(); }

  void Open() {
    const rocksdb::Status status = TryOpen(policy_);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  // With another policy than before; on success it is the present one.
  rocksdb::Status TryOpen(const Policy& policy) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.disable_auto_compactions = true;
    options.statistics = statistics_;
    Options varve_options;
    varve_options.policy = policy;
    varve_options.clock = clock_;
    rocksdb::Status status = ConfigureColumnFamily(varve_options, &options);
    if (!status.ok()) return status;
    rocksdb::DB* db = nullptr;
    status = rocksdb::DB::Open(options, dir_ / "db", &db);
    if (!status.ok()) return status;
    db_.reset(db);
    status = SampleWriter::Open(db, cf(), &writer_);
    if (status.ok()) status = SampleReader::Open(db, cf(), &reader_);
    if (status.ok()) {
      policy_ = policy;
    } else {
      Close();
    }
    return status;
  }
  void Close() {
    reader_.reset();
    writer_.reset();
    if (db_ != nullptr) {
      EXPECT_EQ(db_->Close().ToString(), "OK");
    }
    db_.reset();
  }
  void Reopen() {
    Close();
    Open();
  }

  void Flush() { EXPECT_EQ(db_->Flush({}).ToString(), "OK"); }
  // Everything to the bottom, rewritten.
  void Compact() {
    Flush();
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForce;
    EXPECT_EQ(db_->CompactRange(options, nullptr, nullptr).ToString(), "OK");
  }

  void Write(const std::string& series, const std::vector<Sample>& samples) {
    rocksdb::WriteBatch batch;
    ASSERT_EQ(
        writer_->Add(series, samples.data(), samples.size(), &batch).ToString(),
        "OK");
    Commit(&batch);
  }
  void Write(const std::string& series, int64_t timestamp_ms, double value) {
    Write(series, {{timestamp_ms, value}});
  }
  void Commit(rocksdb::WriteBatch* batch) {
    EXPECT_EQ(db_->Write({}, batch).ToString(), "OK");
  }

  // The key of the row that holds `series` at that time.
  std::string Key(const std::string& series, int64_t timestamp_ms) const {
    std::string key;
    EXPECT_TRUE(EncodeRowKey(policy_.shape, series, timestamp_ms, &key).ok());
    return key;
  }

  rocksdb::Status Read(const std::string& series, int64_t start_ms,
                       int64_t end_ms, SampleMap* map,
                       const SampleReadOptions& options = {}) {
    map->clear();
    std::vector<Sample> samples;
    const rocksdb::Status status =
        reader_->Read(options, series, start_ms, end_ms, &samples);
    int64_t last = INT64_MIN;
    for (const Sample& sample : samples) {
      EXPECT_LT(last, sample.timestamp_ms);
      last = sample.timestamp_ms;
      (*map)[sample.timestamp_ms] = BitsOf(sample.value);
    }
    return status;
  }
  // All samples of a series that reads without an error.
  SampleMap Read(const std::string& series,
                 const SampleReadOptions& options = {}) {
    SampleMap map;
    EXPECT_EQ(Read(series, INT64_MIN, INT64_MAX, &map, options).ToString(),
              "OK");
    return map;
  }

  std::vector<std::string> List(const std::string& prefix = "") {
    std::vector<std::string> series;
    const auto cursor = reader_->ListSeries({}, prefix);
    while (cursor->Next()) series.push_back(cursor->series());
    EXPECT_EQ(cursor->status().ToString(), "OK");
    return series;
  }

  // Every key and value as RocksDB has them after its merges.
  std::map<std::string, std::string> Dump() {
    std::map<std::string, std::string> rows;
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      rows[it->key().ToString()] = it->value().ToString();
    }
    EXPECT_EQ(it->status().ToString(), "OK");
    return rows;
  }

  Counters counters() {
    Counters counters;
    EXPECT_TRUE(GetCounters(db_.get(), cf(), &counters).ok());
    return counters;
  }

  rocksdb::DB* db() { return db_.get(); }
  rocksdb::ColumnFamilyHandle* cf() { return db_->DefaultColumnFamily(); }
  SampleWriter* writer() { return writer_.get(); }
  SampleReader* reader() { return reader_.get(); }
  MockClock* clock() { return clock_.get(); }
  rocksdb::Statistics* statistics() { return statistics_.get(); }
  const Policy& policy() const { return policy_; }
  std::string path() const { return dir_ / "db"; }

 private:
  TempDir dir_;
  std::shared_ptr<MockClock> clock_;
  std::shared_ptr<rocksdb::Statistics> statistics_ =
      rocksdb::CreateDBStatistics();
  Policy policy_;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<SampleWriter> writer_;
  std::unique_ptr<SampleReader> reader_;
};

}  // namespace varve
