// See OpenInfoLog in varve.h. RocksDB writes LOG through a WritableFileWriter,
// which asserts that nothing follows a write that failed: so its file here is
// one that never fails. Naming, rolling and trimming stay RocksDB's.
#include <memory>
#include <string>
#include <utility>

#include "plugin/host/no_throw.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "varve/varve.h"

namespace varve {
namespace {

using rocksdb::FileOptions;
using rocksdb::FileSystem;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

// What cannot be written is left out. Where writing works again, a line says
// how much that was. The logger writes from one thread at a time.
class LossyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  using FSWritableFileOwnerWrapper::FSWritableFileOwnerWrapper;

  using FSWritableFileOwnerWrapper::Append;
  IOStatus Append(const Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    IOStatus status;
    if (lost_bytes_ > 0) {
      const std::string gap = "\n" + std::to_string(lost_bytes_) +
                              " bytes of this log could not be written here\n";
      status = FSWritableFileOwnerWrapper::Append(gap, options, debug);
      if (status.ok()) lost_bytes_ = 0;
    }
    if (status.ok()) {
      status = FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    if (!status.ok()) lost_bytes_ += data.size();
    return IOStatus::OK();
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*info*/,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }

  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    FSWritableFileOwnerWrapper::Flush(options, debug).PermitUncheckedError();
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    FSWritableFileOwnerWrapper::Close(options, debug).PermitUncheckedError();
    return IOStatus::OK();
  }

 private:
  uint64_t lost_bytes_ = 0;
};

// A log that could not be made.
class NoFile : public FSWritableFile {
 public:
  using FSWritableFile::Append;
  IOStatus Append(const Slice&, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return 0; }
};

class LogFileSystem : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  static const char* kClassName() { return "VarveLogFileSystem"; }
  const char* Name() const override { return kClassName(); }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* file,
                           IODebugContext* debug) override {
    std::unique_ptr<FSWritableFile> inner;
    const IOStatus status =
        FileSystemWrapper::NewWritableFile(name, options, &inner, debug);
    if (status.ok()) {
      *file = std::make_unique<LossyFile>(std::move(inner));
    } else if (status.IsNoSpace()) {
      *file = std::make_unique<NoFile>();
    } else {
      return status;
    }
    return IOStatus::OK();
  }

  // RocksDB's own logger on the files above; a wrapper would ask its target.
  IOStatus NewLogger(const std::string& name, const IOOptions& options,
                     std::shared_ptr<rocksdb::Logger>* log,
                     IODebugContext* debug) override {
    return FileSystem::NewLogger(name, options, log, debug);
  }
};

}  // namespace

Status OpenInfoLog(const std::string& dir, const rocksdb::DBOptions& options,
                   std::shared_ptr<rocksdb::Logger>* log) {
  return NoThrow([&] {
    // The logger keeps the file system, and nothing of the env.
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(
        std::make_shared<LogFileSystem>(options.env->GetFileSystem()));
    rocksdb::DBOptions log_options = options;
    log_options.env = env.get();
    log_options.info_log = nullptr;
    return rocksdb::CreateLoggerFromOptions(dir, log_options, log);
  });
}

}  // namespace varve
