// Bit strings, least significant bit first, over bytes, for fields that are
// written in chunks and read one by one. The reader is bounded: beyond its
// limit it reads zeros, and says so when asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "format/coding/bit_stream.h"
#include "format/coding/varint.h"

namespace varve {

class BitStringWriter {
 public:
  // REQUIRES: 8 bytes of room beyond those that will be written.
  explicit BitStringWriter(char* p) : p_(p) {}

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

class BitStringReader {
 public:
  BitStringReader(const char* p, const char* limit)
      : bytes_(p), size_(static_cast<size_t>(limit - p)) {}

  // The next 57 bits at least.
  uint64_t Peek() const {
    const size_t byte = bit_ / 8;
    if (byte + 8 <= size_) return LoadLittle64(bytes_ + byte) >> (bit_ % 8);
    if (byte >= size_) return 0;
    return LoadBelow(bytes_ + byte, bytes_ + size_) >> (bit_ % 8);
  }
  void Skip(unsigned bits) { bit_ += bits; }
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
  // How many ones come before the next zero, at most `most`; takes the zero
  // too, if there are fewer. REQUIRES: most <= 56.
  unsigned GetOnes(unsigned most) {
    const uint64_t bits = ~Peek() | uint64_t{1} << most;
    const auto ones = static_cast<unsigned>(__builtin_ctzll(bits));
    Skip(ones + (ones < most));
    return ones;
  }
  // The byte after the last one touched; nullptr when reading went beyond the
  // limit or a padding bit is not zero.
  const char* Finish() const {
    const size_t bytes = (bit_ + 7) / 8;
    if (bytes > size_) return nullptr;
    if (bit_ % 8 != 0 &&
        static_cast<unsigned char>(bytes_[bytes - 1]) >> (bit_ % 8) != 0) {
      return nullptr;
    }
    return bytes_ + bytes;
  }

 private:
  const char* bytes_;
  size_t size_;
  size_t bit_ = 0;  // may be beyond the limit, where all bits are zeros
};

}  // namespace varve
