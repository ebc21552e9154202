// A file of another program read here and there, through a window of bounded
// size; and the numbers in its bytes. No length in a file is believed: what
// would lie beyond the file, or beyond the caller's bound, is Corruption that
// names file and offset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "rocksdb/status.h"

namespace varve::tools {

using rocksdb::Status;

class FileBytes {
 public:
  // Asked of the file at a time, at least.
  static constexpr size_t kWindowBytes = 128 << 10;

  static Status Open(const std::string& path, std::unique_ptr<FileBytes>* file,
                     size_t window_bytes = kWindowBytes);
  ~FileBytes();
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  // Exactly `count` bytes, which stay until the next call.
  // REQUIRES: the caller bounds `count`: so much may be held.
  Status Read(uint64_t offset, size_t count, std::string_view* bytes);

  // Up to `count` bytes: fewer at the file's end.
  Status ReadSome(uint64_t offset, size_t count, std::string_view* bytes);

  // CRC-32C of a span of any length.
  Status Checksum(uint64_t offset, uint64_t count, uint32_t* crc);

  // Corruption at an offset of this file.
  Status Corrupt(uint64_t offset, const std::string& what) const;

  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }

 private:
  FileBytes(int file, std::string path, uint64_t size, size_t window_bytes);

  const int file_;
  const std::string path_;
  const uint64_t size_;
  const size_t window_bytes_;
  std::string window_;
  uint64_t window_begin_ = 0;
};

// Takes numbers off the front of bytes. Once they do not suffice, or a varint
// is longer than 64 bits, is_bad() stays true and all is 0.
class ByteCursor {
 public:
  explicit ByteCursor(std::string_view bytes) : rest_(bytes) {}

  uint8_t Byte();
  uint32_t Fixed32();  // big-endian
  uint64_t Fixed64();
  uint64_t Varint();
  int64_t SignedVarint();  // zigzag
  std::string_view Bytes(uint64_t count);

  bool is_bad() const { return bad_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool bad_ = false;
};

}  // namespace varve::tools
