#include "tools/held_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace varve::tools {

using rocksdb::FSRandomAccessFile;
using rocksdb::FSSequentialFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

class RandomAccess : public FSRandomAccessFile {
 public:
  explicit RandomAccess(std::shared_ptr<HeldFile> file)
      : file_(std::move(file)) {}
  IOStatus Read(uint64_t offset, size_t bytes, const IOOptions& /*options*/,
                Slice* result, char* scratch,
                IODebugContext* /*debug*/) const override {
    return file_->Read(offset, bytes, result, scratch);
  }

 private:
  const std::shared_ptr<HeldFile> file_;
};

class Sequential : public FSSequentialFile {
 public:
  explicit Sequential(std::shared_ptr<HeldFile> file)
      : file_(std::move(file)) {}
  IOStatus Read(size_t bytes, const IOOptions& /*options*/, Slice* result,
                char* scratch, IODebugContext* /*debug*/) override {
    const IOStatus status = file_->Read(offset_, bytes, result, scratch);
    if (status.ok()) offset_ += result->size();
    return status;
  }
  IOStatus Skip(uint64_t bytes) override {
    offset_ += bytes;
    return IOStatus::OK();
  }

 private:
  const std::shared_ptr<HeldFile> file_;
  uint64_t offset_ = 0;
};

}  // namespace

HeldFile::HeldFile(std::string path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor) {}

HeldFile::~HeldFile() { close(descriptor_); }

IOStatus HeldFile::Read(uint64_t offset, size_t bytes, Slice* result,
                        char* scratch) const {
  size_t got = 0;
  while (got < bytes) {
    const ssize_t some = pread(descriptor_, scratch + got, bytes - got,
                               static_cast<off_t>(offset + got));
    if (some < 0 && errno == EINTR) continue;
    if (some < 0) return IOStatus::IOError(path_, std::strerror(errno));
    if (some == 0) break;
    got += static_cast<size_t>(some);
  }
  *result = Slice(scratch, got);
  return IOStatus::OK();
}

IOStatus HeldFile::GetSize(uint64_t* bytes) const {
  struct stat attributes;
  if (fstat(descriptor_, &attributes) != 0) {
    return IOStatus::IOError(path_, std::strerror(errno));
  }
  *bytes = static_cast<uint64_t>(attributes.st_size);
  return IOStatus::OK();
}

bool HeldFile::IsInPlace() const {
  struct stat held, named;
  return fstat(descriptor_, &held) == 0 && stat(path_.c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

std::unique_ptr<FSRandomAccessFile> HeldFile::ReadAnywhere(
    std::shared_ptr<HeldFile> file) {
  return std::make_unique<RandomAccess>(std::move(file));
}

std::unique_ptr<FSSequentialFile> HeldFile::ReadInSequence(
    std::shared_ptr<HeldFile> file) {
  return std::make_unique<Sequential>(std::move(file));
}

}  // namespace varve::tools
