// Bit strings, least significant bit first, over bytes. The reader is bounded:
// beyond its limit it reads zeros, and says so when asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "format/varint.h"

namespace varve {

inline uint64_t LowBits(unsigned bits) {  // 0..64
  return bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
}
inline unsigned BitLength(uint64_t v) {
  return v == 0 ? 0 : 64 - static_cast<unsigned>(__builtin_clzll(v));
}

class BitWriter {
 public:
  // REQUIRES: 8 bytes of room beyond those that will be written.
  explicit BitWriter(char* p) : p_(p) {}

  // REQUIRES: bits <= 56, value < 2^bits.
  void Put(uint64_t value, unsigned bits) {
    word_ |= value << used_;
    used_ += bits;
    StoreLittle64(p_, word_);
    p_ += used_ >> 3;
    word_ >>= used_ & 56;
    used_ &= 7;
  }
  // REQUIRES: bits <= 64, value < 2^bits.
  void PutWide(uint64_t value, unsigned bits) {
    if (bits > 32) {
      Put(value & 0xffffffff, 32);
      value >>= 32;
      bits -= 32;
    }
    Put(value, bits);
  }
  // The byte that is being filled; Restart goes on at another place with the
  // bits that it holds so far.
  char* at() const { return p_; }
  void Restart(char* p) { p_ = p; }
  // Pads with zero bits to a byte; returns the byte after it.
  char* Finish() {
    if (used_ != 0) *p_++ = static_cast<char>(word_);
    word_ = 0;
    used_ = 0;
    return p_;
  }

 private:
  char* p_;
  uint64_t word_ = 0;
  unsigned used_ = 0;  // < 8 between calls
};

// Eight bytes at p, those from limit on as zeros.
inline uint64_t LoadBounded64(const char* p, const char* limit) {
  if (limit - p >= 8) return LoadLittle64(p);
  char buffer[8] = {};
  if (p < limit) std::memcpy(buffer, p, static_cast<size_t>(limit - p));
  return LoadLittle64(buffer);
}

class BitReader {
 public:
  BitReader(const char* p, const char* limit) : p_(p), limit_(limit) {}

  // The next 57 bits at least.
  uint64_t Peek() const {
    return LoadBounded64(p_, limit_) >> used_;
  }
  void Skip(unsigned bits) {  // <= 57
    used_ += bits;
    const size_t bytes = used_ >> 3;
    p_ = bytes <= static_cast<size_t>(limit_ - p_) ? p_ + bytes : Beyond();
    used_ &= 7;
  }
  // REQUIRES: bits <= 57.
  uint64_t Get(unsigned bits) {
    const uint64_t value = Peek() & LowBits(bits);
    Skip(bits);
    return value;
  }
  uint64_t GetWide(unsigned bits) {  // <= 64
    if (bits <= 32) return Get(bits);
    const uint64_t low = Get(32);
    return low | Get(bits - 32) << 32;
  }
  // The byte after the last one touched; nullptr when reading went beyond the
  // limit or a padding bit is not zero.
  const char* Finish() const {
    if (beyond_) return nullptr;
    if (used_ == 0) return p_;
    if (p_ == limit_) return nullptr;
    const auto last = static_cast<unsigned char>(*p_);
    return last >> used_ == 0 ? p_ + 1 : nullptr;
  }
  bool beyond() const { return beyond_; }

 private:
  const char* Beyond() {
    beyond_ = true;
    return limit_;
  }

  const char* p_;
  const char* limit_;
  unsigned used_ = 0;  // bits of *p_, < 8
  bool beyond_ = false;
};

}  // namespace varve
