// A file system on which the process dies, as by kill -9, at a certain
// operation of a certain thread: in the middle of what it was doing.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace varve {

enum class FileOperation {
  kTableWrite,     // half of what is appended to an SST file gets there
  kTableSync,      // all of it; the file is never closed
  kManifestWrite,  // half of a record
  kManifestSync,   // the change has been made
  kTableDelete,    // before a dropped or rewritten file is unlinked
};
inline constexpr FileOperation kFileOperations[] = {
    FileOperation::kTableWrite, FileOperation::kTableSync,
    FileOperation::kManifestWrite, FileOperation::kManifestSync,
    FileOperation::kTableDelete};

struct Death {
  FileOperation at = FileOperation::kTableWrite;
  uint64_t count = 0;  // at the how many-th; 0: never
};

class DeadlyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit DeadlyFileSystem(const Death& death)
      : FileSystemWrapper(rocksdb::FileSystem::Default()),
        death_(death),
        left_(death.count) {}

  // Operations of the thread that holds one count.
  class Armed {
   public:
    Armed() { counts() = true; }
    ~Armed() { counts() = false; }
    Armed(const Armed&) = delete;
    Armed& operator=(const Armed&) = delete;
  };

  static const char* kClassName() { return "DeadlyFileSystem"; }
  const char* Name() const override { return kClassName(); }

  rocksdb::IOStatus NewWritableFile(
      const std::string& name, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSWritableFile>* file,
      rocksdb::IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSWritableFile> inner;
    const rocksdb::IOStatus status =
        FileSystemWrapper::NewWritableFile(name, options, &inner, debug);
    if (status.ok()) {
      *file = std::make_unique<File>(std::move(inner), this, IsTable(name),
                                     name.find("MANIFEST-") != name.npos);
    }
    return status;
  }

  rocksdb::IOStatus DeleteFile(const std::string& name,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    if (IsTable(name)) DieIfItIsTime(FileOperation::kTableDelete);
    return FileSystemWrapper::DeleteFile(name, options, debug);
  }

 private:
  class File : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile>&& inner,
         DeadlyFileSystem* files, bool is_table, bool is_manifest)
        : FSWritableFileOwnerWrapper(std::move(inner)),
          files_(files),
          is_table_(is_table),
          is_manifest_(is_manifest) {}

    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      if ((is_table_ && files_->IsTime(FileOperation::kTableWrite)) ||
          (is_manifest_ && files_->IsTime(FileOperation::kManifestWrite))) {
        FSWritableFileOwnerWrapper::Append(
            rocksdb::Slice(data.data(), data.size() / 2), options, debug)
            .PermitUncheckedError();
        Die();
      }
      return FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data,
                             const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& /*info*/,
                             rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
      const rocksdb::IOStatus status =
          FSWritableFileOwnerWrapper::Sync(options, debug);
      if (is_table_) files_->DieIfItIsTime(FileOperation::kTableSync);
      if (is_manifest_) files_->DieIfItIsTime(FileOperation::kManifestSync);
      return status;
    }

   private:
    DeadlyFileSystem* const files_;
    const bool is_table_;
    const bool is_manifest_;
  };

  static bool IsTable(const std::string& name) {
    return name.size() > 4 && name.compare(name.size() - 4, 4, ".sst") == 0;
  }
  static bool& counts() {
    thread_local bool here = false;
    return here;
  }
  [[noreturn]] static void Die() {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
  bool IsTime(FileOperation operation) {
    return operation == death_.at && counts() && left_ > 0 && --left_ == 0;
  }
  void DieIfItIsTime(FileOperation operation) {
    if (IsTime(operation)) Die();
  }

  const Death death_;
  std::atomic<uint64_t> left_;
};

}  // namespace varve
