#include "tools/file_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "tools/crc32c.h"

namespace varve::tools {

FileBytes::FileBytes(int file, std::string path, uint64_t size,
                     size_t window_bytes)
    : file_(file),
      path_(std::move(path)),
      size_(size),
      window_bytes_(window_bytes) {}

FileBytes::~FileBytes() { close(file_); }

Status FileBytes::Open(const std::string& path,
                       std::unique_ptr<FileBytes>* file, size_t window_bytes) {
  const int opened = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0) return Status::IOError(path, std::strerror(errno));
  struct stat attributes;
  if (fstat(opened, &attributes) != 0 || !S_ISREG(attributes.st_mode)) {
    close(opened);
    return Status::IOError(path, "is no regular file");
  }
  file->reset(new FileBytes(
      opened, path, static_cast<uint64_t>(attributes.st_size), window_bytes));
  return Status::OK();
}

Status FileBytes::Corrupt(uint64_t offset, const std::string& what) const {
  return Status::Corruption(path_ + ":" + std::to_string(offset), what);
}

Status FileBytes::ReadSome(uint64_t offset, size_t count,
                           std::string_view* bytes) {
  *bytes = std::string_view();
  if (offset >= size_) return Status::OK();
  count = static_cast<size_t>(std::min<uint64_t>(count, size_ - offset));
  if (offset < window_begin_ ||
      offset + count > window_begin_ + window_.size()) {
    const uint64_t asked =
        std::min<uint64_t>(std::max(count, window_bytes_), size_ - offset);
    window_.resize(static_cast<size_t>(asked));
    window_begin_ = offset;
    for (size_t done = 0; done < window_.size();) {
      const ssize_t got = pread(file_, &window_[done], window_.size() - done,
                                static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        // Also a file that is shorter by now than when it was opened.
        const int error = got < 0 ? errno : EIO;
        window_.clear();
        return Status::IOError(path_, std::strerror(error));
      }
      done += static_cast<size_t>(got);
    }
  }
  *bytes = std::string_view(window_).substr(
      static_cast<size_t>(offset - window_begin_), count);
  return Status::OK();
}

Status FileBytes::Read(uint64_t offset, size_t count, std::string_view* bytes) {
  *bytes = std::string_view();
  if (offset > size_ || count > size_ - offset) {
    return Corrupt(offset, std::to_string(count) +
                               " bytes expected, the file ends at " +
                               std::to_string(size_));
  }
  return ReadSome(offset, count, bytes);
}

Status FileBytes::Checksum(uint64_t offset, uint64_t count, uint32_t* crc) {
  *crc = 0;
  while (count > 0) {
    const uint64_t step = std::min<uint64_t>(count, window_bytes_);
    std::string_view bytes;
    const Status status = Read(offset, static_cast<size_t>(step), &bytes);
    if (!status.ok()) return status;
    *crc = Crc32c(bytes, *crc);
    offset += step;
    count -= step;
  }
  return Status::OK();
}

std::string_view ByteCursor::Bytes(uint64_t count) {
  if (count > rest_.size()) {
    bad_ = true;
    rest_ = std::string_view();
  }
  if (bad_) return std::string_view();
  const std::string_view bytes = rest_.substr(0, static_cast<size_t>(count));
  rest_.remove_prefix(static_cast<size_t>(count));
  return bytes;
}

uint8_t ByteCursor::Byte() {
  const std::string_view byte = Bytes(1);
  return byte.empty() ? 0 : static_cast<uint8_t>(byte[0]);
}

uint32_t ByteCursor::Fixed32() {
  uint32_t value = 0;
  for (const char c : Bytes(4)) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

uint64_t ByteCursor::Fixed64() {
  uint64_t value = 0;
  for (const char c : Bytes(8)) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

uint64_t ByteCursor::Varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const uint64_t byte = Byte();
    if (shift == 63 && byte > 1) break;
    value |= (byte & 127) << shift;
    if (bad_) return 0;
    if (byte < 128) return value;
  }
  bad_ = true;
  rest_ = std::string_view();
  return 0;
}

int64_t ByteCursor::SignedVarint() {
  const uint64_t bits = Varint();
  return static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
}

}  // namespace varve::tools
