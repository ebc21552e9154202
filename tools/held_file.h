// A file that is open, and can be read when its name has gone.
#pragma once

#include <memory>
#include <string>

#include "rocksdb/file_system.h"

namespace varve::tools {

class HeldFile {
 public:
  // Takes over the descriptor. `path` is for messages and IsInPlace.
  HeldFile(std::string path, int descriptor);
  ~HeldFile();
  HeldFile(const HeldFile&) = delete;
  HeldFile& operator=(const HeldFile&) = delete;

  // Less than `bytes` at the file's end only.
  rocksdb::IOStatus Read(uint64_t offset, size_t bytes, rocksdb::Slice* result,
                         char* scratch) const;
  // As it is now.
  rocksdb::IOStatus GetSize(uint64_t* bytes) const;

  // Whether its name still leads to it.
  bool IsInPlace() const;

  // As RocksDB reads tables, and logs.
  static std::unique_ptr<rocksdb::FSRandomAccessFile> ReadAnywhere(
      std::shared_ptr<HeldFile> file);
  static std::unique_ptr<rocksdb::FSSequentialFile> ReadInSequence(
      std::shared_ptr<HeldFile> file);

 private:
  const std::string path_;
  const int descriptor_;
};

}  // namespace varve::tools
