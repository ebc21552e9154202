// The text of an input file as a moving window: a plain, zstd or gzip
// file (told apart by its first bytes), or standard input. Reads forward
// once; holds what is not consumed yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rocksdb/status.h"
#include "tools/decompressor.h"

namespace varve::tools {

using rocksdb::Status;

class InputText {
 public:
  // Asked of the file, and of a decompressor, at a time.
  static constexpr size_t kReadBytes = 256 << 10;

  // "-" is standard input. Other `read_bytes` put the window's end elsewhere.
  static Status Open(const std::string& path, std::unique_ptr<InputText>* text,
                     size_t read_bytes = kReadBytes);
  ~InputText();
  InputText(const InputText&) = delete;
  InputText& operator=(const InputText&) = delete;

  // What has been read and not consumed. Moves with the next call of More.
  std::string_view window() const {
    return std::string_view(buffer_).substr(begin_);
  }

  // Reads on: true when the window has grown; false at the end, or on an
  // error: see status().
  bool More();

  // Lets the first `bytes` of the window go.
  void Consume(size_t bytes);

  // The line that the window starts in, counted from 1.
  uint64_t line() const { return line_; }

  // For error messages.
  const std::string& name() const { return name_; }

  // IOError, or Corruption of compressed data.
  const Status& status() const { return status_; }

  // How much of the file has been read, and how much there is (0: unknown).
  uint64_t file_offset() const { return file_offset_; }
  uint64_t file_bytes() const { return file_bytes_; }

 private:
  InputText(int file, std::string name, size_t read_bytes);

  // Appends raw bytes of the file to *chunk; 0 at its end or on an error.
  size_t ReadFile(std::string* chunk);
  bool Decompress();

  const int file_;
  const std::string name_;
  const size_t read_bytes_;
  Status status_;
  uint64_t file_offset_ = 0;
  uint64_t file_bytes_ = 0;
  std::string buffer_;
  size_t begin_ = 0;
  uint64_t line_ = 1;

  // Compressed input only.
  std::unique_ptr<Decompressor> decompressor_;
  std::string compressed_;
  size_t compressed_begin_ = 0;
};

}  // namespace varve::tools
