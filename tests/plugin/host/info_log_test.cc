// OpenInfoLog's LOG on a disk that becomes full. RocksDB's own asserts there,
// with a library that has assertions, at the first line behind the one that
// failed: the process ended in whatever it was doing, and DB::Resume and the
// writes after it ended it as well, though no acknowledged write was lost.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/file_system.h"
#include "rocksdb/listener.h"
#include "tests/mock_clock.h"
#include "tests/plugin/no_recovery_by_itself.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

constexpr int64_t kNowMs = 1728000000000;

// What adds bytes to a file, or a file to a directory, fails from a certain
// time on.
class FillingDisk : public rocksdb::FileSystemWrapper {
 public:
  FillingDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  static const char* kClassName() { return "FillingDisk"; }
  const char* Name() const override { return kClassName(); }

  void ExemptLogsOfWrites() { exempts_logs_of_writes_ = true; }
  void FillAfter(int64_t writes) { left_ = writes; }
  void Free() { left_ = INT64_MAX; }

  rocksdb::IOStatus NewWritableFile(
      const std::string& name, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSWritableFile>* file,
      rocksdb::IODebugContext* debug) override {
    const bool is_log_of_writes =
        name.size() > 4 && name.compare(name.size() - 4, 4, ".log") == 0;
    if (is_log_of_writes && exempts_logs_of_writes_) {
      return FileSystemWrapper::NewWritableFile(name, options, file, debug);
    }
    rocksdb::IOStatus status = Take();
    std::unique_ptr<rocksdb::FSWritableFile> inner;
    if (status.ok()) {
      status = FileSystemWrapper::NewWritableFile(name, options, &inner, debug);
    }
    if (status.ok()) *file = std::make_unique<File>(std::move(inner), this);
    return status;
  }
  // Or RocksDB's logger would be made on the file system below.
  rocksdb::IOStatus NewLogger(const std::string& name,
                              const rocksdb::IOOptions& options,
                              std::shared_ptr<rocksdb::Logger>* log,
                              rocksdb::IODebugContext* debug) override {
    return FileSystem::NewLogger(name, options, log, debug);
  }

 private:
  class File : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile>&& inner, FillingDisk* disk)
        : FSWritableFileOwnerWrapper(std::move(inner)), disk_(*disk) {}
    rocksdb::IOStatus Append(const rocksdb::Slice& data,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      const rocksdb::IOStatus status = disk_.Take();
      return status.ok()
                 ? FSWritableFileOwnerWrapper::Append(data, options, debug)
                 : status;
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data,
                             const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& /*info*/,
                             rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }

   private:
    FillingDisk& disk_;
  };

  rocksdb::IOStatus Take() {
    return left_-- > 0 ? rocksdb::IOStatus::OK()
                       : rocksdb::IOStatus::NoSpace("the disk is full");
  }

  std::atomic<int64_t> left_{INT64_MAX};
  bool exempts_logs_of_writes_ = false;
};

class InfoLogTest : public testing::Test {
 protected:
  InfoLogTest()
      : disk_(std::make_shared<FillingDisk>()),
        env_(rocksdb::NewCompositeEnv(disk_)) {}

  rocksdb::Options MakeOptions() const {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.env = env_.get();
    return options;
  }

  std::string Log() const {
    std::ifstream file(dir_ / "db/LOG");
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  TempDir dir_;
  const std::shared_ptr<FillingDisk> disk_;
  const std::unique_ptr<rocksdb::Env> env_;
};

// A service: writes until it cannot, is told of it, resumes, writes on.
class ServiceOnAFullDisk : public InfoLogTest {
 protected:
  void Open() {
    rocksdb::Options options = MakeOptions();
    ASSERT_EQ(OpenInfoLog(dir_ / "db", options, &options.info_log).ToString(),
              "OK");
    Options varve_options;
    varve_options.clock = std::make_shared<MockClock>(kNowMs);
    ASSERT_TRUE(ConfigureDB(varve_options, &options).ok());
    options.listeners.push_back(std::make_shared<NoRecoveryByItself>());
    ASSERT_TRUE(ConfigureColumnFamily(varve_options, &options).ok());
    rocksdb::DB* db = nullptr;
    const Status status = rocksdb::DB::Open(options, dir_ / "db", &db);
    ASSERT_TRUE(status.ok()) << status.ToString();
    db_.reset(db);
    ASSERT_TRUE(
        SampleWriter::Open(db, db->DefaultColumnFamily(), &writer_).ok());
  }
  void Close() {
    writer_.reset();
    db_.reset();
  }

  // A sample of its own for each.
  Status Write() {
    rocksdb::WriteBatch batch;
    const int64_t timestamp_ms = kNowMs - 1000000 + written_ * 1000;
    Status status = writer_->Add("a", timestamp_ms, 1, &batch);
    if (status.ok()) status = db_->Write({}, &batch);
    if (status.ok()) acknowledged_.push_back(timestamp_ms);
    ++written_;
    return status;
  }

  Status WriteFlushAndCompact() {
    Status status;
    for (int round = 0; round < 2 && status.ok(); ++round) {
      for (int i = 0; i < 2 && status.ok(); ++i) status = Write();
      if (status.ok()) status = db_->Flush({});
    }
    return status.ok() ? db_->CompactRange({}, nullptr, nullptr) : status;
  }

  // None of it ends the process.
  void TryOnTheFullDisk() {
    for (int i = 0; i < 3; ++i) Write().PermitUncheckedError();
    db_->Flush({}).PermitUncheckedError();
    rocksdb::Warn(db_->GetDBOptions().info_log, "a line on a full disk");
    AgeNow(db_.get()).PermitUncheckedError();
  }

  // Runs the scenario with a disk that is full after ever more writes, until
  // that is after its end; how often it was not.
  uint64_t ForEachWrite(const std::function<bool(int64_t writes)>& scenario) {
    uint64_t failures = 0;
    for (int64_t writes = 0; !HasFailure(); ++writes) {
      SCOPED_TRACE("full after " + std::to_string(writes) + " writes");
      Open();
      const bool failed = scenario(writes);
      Close();
      if (!failed) break;
      ++failures;
    }
    return failures;
  }

  void ExpectAllAcknowledged() {
    std::unique_ptr<SampleReader> reader;
    ASSERT_TRUE(
        SampleReader::Open(db_.get(), db_->DefaultColumnFamily(), &reader)
            .ok());
    std::vector<Sample> samples;
    const Status status = reader->Read({}, "a", 0, kTimestampMax, &samples);
    ASSERT_TRUE(status.ok()) << status.ToString();
    for (const int64_t timestamp_ms : acknowledged_) {
      EXPECT_TRUE(std::any_of(samples.begin(), samples.end(),
                              [&](const Sample& sample) {
                                return sample.timestamp_ms == timestamp_ms;
                              }))
          << timestamp_ms;
    }
  }

  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<SampleWriter> writer_;
  int64_t written_ = 0;
  std::vector<int64_t> acknowledged_;
};

// RocksDB 7.8.3 goes on with a log of writes that could not be written, after
// DB::Resume as well, and asserts at the next write to it; so a service that
// was told that a write failed opens the database again.
TEST_F(ServiceOnAFullDisk, OpensAgainWhateverFailed) {
  const uint64_t failures = ForEachWrite([this](int64_t writes) {
    disk_->FillAfter(writes);
    const bool failed = !WriteFlushAndCompact().ok();
    TryOnTheFullDisk();
    ExpectAllAcknowledged();
    if (writes % 2 == 0) Close();
    disk_->Free();
    if (writes % 2 != 0) Close();
    Open();
    ExpectAllAcknowledged();
    const Status written = WriteFlushAndCompact();
    EXPECT_TRUE(written.ok()) << written.ToString();
    return failed;
  });
  EXPECT_GT(failures, 20u);
}

// What else fails can be resumed from.
TEST_F(ServiceOnAFullDisk, ResumesWhereTheLogOfWritesHasRoom) {
  disk_->ExemptLogsOfWrites();
  const uint64_t failures = ForEachWrite([this](int64_t writes) {
    disk_->FillAfter(writes);
    const bool failed = !WriteFlushAndCompact().ok();
    TryOnTheFullDisk();
    ExpectAllAcknowledged();
    disk_->Free();
    const Status resumed = db_->Resume();
    EXPECT_TRUE(resumed.ok()) << resumed.ToString();
    const Status written = WriteFlushAndCompact();
    EXPECT_TRUE(written.ok()) << written.ToString();
    ExpectAllAcknowledged();
    return failed;
  });
  EXPECT_GT(failures, 10u);
}

TEST_F(InfoLogTest, SaysHowMuchIsMissing) {
  std::shared_ptr<rocksdb::Logger> log;
  rocksdb::Options options = MakeOptions();
  ASSERT_EQ(OpenInfoLog(dir_ / "db", options, &log).ToString(), "OK");
  rocksdb::Info(log, "the first line");
  log->Flush();
  disk_->FillAfter(0);
  for (int i = 0; i < 3; ++i) {
    rocksdb::Info(log, "a line that is lost");
    log->Flush();
  }
  disk_->Free();
  rocksdb::Info(log, "the last line");
  ASSERT_EQ(log->Close().ToString(), "OK");
  const std::string text = Log();
  const size_t first = text.find("the first line\n");
  const size_t gap =
      text.find(" bytes of this log could not be written here\n");
  EXPECT_LT(first, gap) << text;
  EXPECT_LT(gap, text.find("the last line\n")) << text;
  EXPECT_EQ(text.find("lost"), std::string::npos) << text;
}

TEST_F(InfoLogTest, ALogThatCannotBeMadeIsNone) {
  std::filesystem::create_directory(dir_ / "db");
  disk_->FillAfter(0);
  std::shared_ptr<rocksdb::Logger> log;
  ASSERT_EQ(OpenInfoLog(dir_ / "db", MakeOptions(), &log).ToString(), "OK");
  rocksdb::Info(log, "a line");
  log->Flush();
  EXPECT_EQ(log->Close().ToString(), "OK");
  EXPECT_FALSE(std::filesystem::exists(dir_ / "db/LOG"));
}

// What else stops a log from being made is said.
TEST_F(InfoLogTest, ADirectoryThatCannotBeMadeIsAnError) {
  std::shared_ptr<rocksdb::Logger> log;
  EXPECT_FALSE(OpenInfoLog(dir_ / "no/such/db", MakeOptions(), &log).ok());
}

// As RocksDB names, rolls and trims it.
TEST_F(InfoLogTest, RollsAsTheOptionsSay) {
  rocksdb::Options options = MakeOptions();
  options.max_log_file_size = 1000;
  options.keep_log_file_num = 3;
  options.info_log_level = rocksdb::WARN_LEVEL;
  const auto files = [this] {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(dir_ / "db")) {
      count += entry.path().filename().string().find("LOG") == 0 ? 1 : 0;
    }
    return count;
  };
  for (int round = 0; round < 2; ++round) {
    std::shared_ptr<rocksdb::Logger> log;
    ASSERT_EQ(OpenInfoLog(dir_ / "db", options, &log).ToString(), "OK");
    rocksdb::Info(log, "below the level");
    for (int i = 0; i < 100; ++i) {
      // Full while it rolls, and not.
      if (i % 40 == 20) disk_->FillAfter(0);
      if (i % 40 == 39) disk_->Free();
      rocksdb::Warn(log, "line %d of some length, so that it rolls", i);
      log->Flush();
    }
    rocksdb::Warn(log, "the end");
    ASSERT_EQ(log->Close().ToString(), "OK");
    const std::string text = Log();
    EXPECT_NE(text.find("[WARN] the end\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("below"), std::string::npos);
    EXPECT_LE(files(), 3u);
  }
}

}  // namespace
}  // namespace varve
