// An environment for databases whose clock a bench moves: the time of day is
// the given clock's, and bytes of SST files that are read and written are
// counted. Everything else is the system's.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "rocksdb/system_clock.h"

namespace varve::bench {

struct IoCounts {
  std::atomic<uint64_t> read{0};
  std::atomic<uint64_t> written{0};
};

class CountedRead : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  CountedRead(std::unique_ptr<rocksdb::FSRandomAccessFile> file,
              IoCounts* counts)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), counts_(counts) {}

  rocksdb::IOStatus Read(uint64_t offset, size_t n,
                         const rocksdb::IOOptions& options,
                         rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext* dbg) const override {
    const rocksdb::IOStatus status =
        target()->Read(offset, n, options, result, scratch, dbg);
    if (status.ok()) counts_->read += result->size();
    return status;
  }
  rocksdb::IOStatus MultiRead(rocksdb::FSReadRequest* requests, size_t count,
                              const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* dbg) override {
    const rocksdb::IOStatus status =
        target()->MultiRead(requests, count, options, dbg);
    for (size_t i = 0; status.ok() && i < count; ++i) {
      counts_->read += requests[i].result.size();
    }
    return status;
  }

 private:
  IoCounts* const counts_;
};

class CountedWrite : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  CountedWrite(std::unique_ptr<rocksdb::FSWritableFile> file, IoCounts* counts)
      : FSWritableFileOwnerWrapper(std::move(file)), counts_(counts) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data,
                           const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* dbg) override {
    counts_->written += data.size();
    return target()->Append(data, options, dbg);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data,
                           const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& info,
                           rocksdb::IODebugContext* dbg) override {
    counts_->written += data.size();
    return target()->Append(data, options, info, dbg);
  }

 private:
  IoCounts* const counts_;
};

class CountedFiles : public rocksdb::FileSystemWrapper {
 public:
  explicit CountedFiles(IoCounts* counts)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), counts_(counts) {}

  static const char* kClassName() { return "VarveCountedFiles"; }
  const char* Name() const override { return kClassName(); }

  rocksdb::IOStatus NewRandomAccessFile(
      const std::string& name, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
      rocksdb::IODebugContext* dbg) override {
    rocksdb::IOStatus status =
        target()->NewRandomAccessFile(name, options, file, dbg);
    if (status.ok() && IsTable(name)) {
      file->reset(new CountedRead(std::move(*file), counts_));
    }
    return status;
  }
  rocksdb::IOStatus NewWritableFile(
      const std::string& name, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSWritableFile>* file,
      rocksdb::IODebugContext* dbg) override {
    rocksdb::IOStatus status =
        target()->NewWritableFile(name, options, file, dbg);
    if (status.ok() && IsTable(name)) {
      file->reset(new CountedWrite(std::move(*file), counts_));
    }
    return status;
  }

 private:
  static bool IsTable(const std::string& name) {
    return name.size() > 4 && name.compare(name.size() - 4, 4, ".sst") == 0;
  }

  IoCounts* const counts_;
};

// Only the time of day is moved: what RocksDB waits for and measures is real.
class TimeOfDay : public rocksdb::SystemClockWrapper {
 public:
  explicit TimeOfDay(std::shared_ptr<rocksdb::SystemClock> moved)
      : SystemClockWrapper(rocksdb::SystemClock::Default()),
        moved_(std::move(moved)) {}

  static const char* kClassName() { return "VarveTimeOfDay"; }
  const char* Name() const override { return kClassName(); }
  rocksdb::Status GetCurrentTime(int64_t* unix_time) override {
    return moved_->GetCurrentTime(unix_time);
  }

 private:
  const std::shared_ptr<rocksdb::SystemClock> moved_;
};

class CountedEnv : public rocksdb::EnvWrapper {
 public:
  explicit CountedEnv(std::shared_ptr<rocksdb::SystemClock> moved)
      : EnvWrapper(rocksdb::Env::Default()) {
    file_system_ = std::make_shared<CountedFiles>(&counts_);
    system_clock_ = std::make_shared<TimeOfDay>(std::move(moved));
  }

  const IoCounts& counts() const { return counts_; }

 private:
  IoCounts counts_;
};

}  // namespace varve::bench
