// A database of samples into which files are ingested, by IngestFiles or by
// RocksDB's own call, under a preset that the test names.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/sst_file_writer.h"
#include "tests/mock_clock.h"
#include "tests/random_source.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {

// By series, in ascending time.
using SamplesBySeries = std::map<std::string, std::map<int64_t, double>>;

inline constexpr int64_t kIngestDay = kTestNowMs - 10 * kMillisPerDay;

class IngestDb {
 public:
  // Compacts nothing by itself unless `adjust` says so.
  explicit IngestDb(const std::string& varve_options,
                    void (*adjust)(rocksdb::Options*) = nullptr,
                    FileFormat format = FileFormat::kPart) {
    options_.create_if_missing = true;
    options_.disable_auto_compactions = true;
    Options ours;
    EXPECT_EQ(Options::Parse(varve_options, &ours).ToString(), "OK");
    ours.file_format = format;
    ours.clock = std::make_shared<MockClock>(kTestNowMs);
    shape_ = ours.policy.shape;
    EXPECT_EQ(ConfigureColumnFamily(ours, &options_).ToString(), "OK");
    if (adjust != nullptr) adjust(&options_);
    Open();
  }
  ~IngestDb() { Close(); }

  rocksdb::DB* db() { return db_.get(); }
  rocksdb::ColumnFamilyHandle* cf() { return db_->DefaultColumnFamily(); }
  const std::string& dir() const { return dir_.path(); }
  std::string path() const { return dir_ / "db"; }
  rocksdb::Options& options() { return options_; }
  SampleReader* reader() { return reader_.get(); }

  rocksdb::Status TryOpen() {
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options_, path(), &db);
    db_.reset(db);
    return status;
  }
  void Open() {
    ASSERT_EQ(TryOpen().ToString(), "OK");
    OpenReader();
  }
  void OpenReader() {
    ASSERT_EQ(SampleReader::Open(db(), cf(), &reader_).ToString(), "OK");
    ASSERT_EQ(SampleWriter::Open(db(), cf(), &writer_).ToString(), "OK");
  }
  void Close() {
    reader_.reset();
    writer_.reset();
    db_.reset();
  }
  void Reopen() {
    Close();
    Open();
  }

  std::string Key(const std::string& series,
                  int64_t timestamp_ms = kIngestDay) const {
    std::string key;
    EXPECT_EQ(EncodeRowKey(shape_, series, timestamp_ms, &key).ToString(),
              "OK");
    return key;
  }

  // `count` samples a second apart from `first_ms` on, all of this value, in
  // one write.
  rocksdb::Status TryWrite(const std::string& series, double value,
                           int count = 1, int64_t first_ms = kIngestDay) {
    rocksdb::WriteBatch batch;
    const auto samples = Run(value, count, first_ms);
    const rocksdb::Status status =
        writer_->Add(series, samples.data(), samples.size(), &batch);
    return status.ok() ? db_->Write({}, &batch) : status;
  }
  void Write(const std::string& series, double value, int count = 1,
             int64_t first_ms = kIngestDay) {
    ASSERT_EQ(TryWrite(series, value, count, first_ms).ToString(), "OK");
  }
  // A file with as many of each of these series, in ascending order of rows.
  std::string File(const std::vector<std::string>& series, double value,
                   int count = 1, int64_t first_ms = kIngestDay) {
    rocksdb::SstFileWriter file(rocksdb::EnvOptions(), db_->GetOptions(cf()));
    const std::string path =
        dir_ / ("in-" + std::to_string(file_count_++) + ".sst");
    EXPECT_EQ(file.Open(path).ToString(), "OK");
    for (const std::string& name : series) {
      const auto samples = Run(value, count, first_ms);
      std::string operand;
      EXPECT_EQ(EncodeSamples(shape_, samples.data(), samples.size(), &operand)
                    .ToString(),
                "OK");
      EXPECT_EQ(file.Merge(Key(name, first_ms), operand).ToString(), "OK");
    }
    EXPECT_EQ(file.Finish().ToString(), "OK");
    return path;
  }
  void Ingest(const std::vector<std::string>& files) {
    ASSERT_EQ(IngestFiles(db(), cf(), files).ToString(), "OK");
  }
  // As RocksDB does it.
  void IngestRaw(const std::vector<std::string>& files) {
    ASSERT_EQ(db_->IngestExternalFile(files, {}).ToString(), "OK");
  }

  void Flush() { ASSERT_EQ(db_->Flush({}).ToString(), "OK"); }
  void CompactAll() {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_EQ(db_->CompactRange(options, nullptr, nullptr).ToString(), "OK");
  }
  // Newest first at level 0, as RocksDB orders them.
  std::vector<std::string> FilesAt(int level) {
    rocksdb::ColumnFamilyMetaData metadata;
    db_->GetColumnFamilyMetaData(&metadata);
    std::vector<std::string> names;
    for (const auto& file : metadata.levels[level].files) {
      names.push_back(file.name);
    }
    return names;
  }
  void CompactFiles(const std::vector<std::string>& names, int level) {
    ASSERT_EQ(db_->CompactFiles({}, names, level).ToString(), "OK");
  }

  // All samples, as a scan sees them; Read must see the same of each series.
  SamplesBySeries All(const rocksdb::Snapshot* snapshot = nullptr) {
    SamplesBySeries all;
    SampleReadOptions read;
    read.rocksdb.snapshot = snapshot;
    const auto cursor = reader_->Scan(read, {});
    while (cursor->NextSeries()) {
      auto& samples = all[cursor->series()];
      while (cursor->Next()) {
        for (size_t i = 0; i < cursor->size(); ++i) {
          samples[cursor->timestamps_ms()[i]] = cursor->values()[i];
        }
      }
      EXPECT_EQ(cursor->status().ToString(), "OK");
      if (samples.empty()) all.erase(cursor->series());
    }
    EXPECT_EQ(cursor->status().ToString(), "OK");
    for (const auto& [series, samples] : all) {
      EXPECT_EQ(ReadOne(series, read), samples) << series;
    }
    return all;
  }
  std::map<int64_t, double> ReadOne(const std::string& series,
                                    const SampleReadOptions& read = {}) {
    std::vector<Sample> found;
    EXPECT_EQ(reader_->Read(read, series, 0, kTimestampMax, &found).ToString(),
              "OK");
    std::map<int64_t, double> samples;
    for (const Sample& sample : found) {
      samples[sample.timestamp_ms] = sample.value;
    }
    return samples;
  }
  // What Write and File make of their arguments.
  static std::map<int64_t, double> Samples(double value, int count = 1,
                                           int64_t first_ms = kIngestDay) {
    std::map<int64_t, double> samples;
    for (const Sample& sample : Run(value, count, first_ms)) {
      samples[sample.timestamp_ms] = sample.value;
    }
    return samples;
  }

 private:
  static std::vector<Sample> Run(double value, int count, int64_t first_ms) {
    std::vector<Sample> samples;
    for (int i = 0; i < count; ++i) {
      samples.push_back({first_ms + i * kMillisPerSecond, value});
    }
    return samples;
  }

  TempDir dir_;
  rocksdb::Options options_;
  RowShape shape_;
  int file_count_ = 0;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<SampleReader> reader_;
  std::unique_ptr<SampleWriter> writer_;
};

}  // namespace varve
