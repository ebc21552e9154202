// Little-endian bit streams: field i follows field i - 1, lowest bit first,
// and the last byte is filled with zero bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "format/coding/varint.h"

namespace varve {

inline uint64_t LowBits(unsigned width) {
  return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
}

inline unsigned BitLength(uint64_t v) {
  return v == 0 ? 0 : 64u - static_cast<unsigned>(__builtin_clzll(v));
}

inline size_t BytesOfBits(uint64_t bits) {
  return static_cast<size_t>((bits + 7) / 8);
}

// Eight bytes at p; those at or beyond limit read as zero.
// REQUIRES: p <= limit.
inline uint64_t LoadBelow(const char* p, const char* limit) {
  if (limit - p >= 8) return LoadLittle64(p);
  char padded[8] = {};
  std::memcpy(padded, p, static_cast<size_t>(limit - p));
  return LoadLittle64(padded);
}

// The `width` bits from bit position `bit` on, with anything above them.
// REQUIRES: the first of them lies below limit.
inline uint64_t LoadBits(const char* p, const char* limit, size_t bit,
                         unsigned width) {
  const char* const at = p + bit / 8;
  const unsigned shift = bit % 8;
  uint64_t bits = LoadBelow(at, limit) >> shift;
  if (shift + width > 64 && limit - at > 8) {
    bits |= static_cast<uint64_t>(static_cast<unsigned char>(at[8]))
            << (64 - shift);
  }
  return bits;
}

// Writes a bit stream. May write up to 8 bytes past the last field.
class BitWriter {
 public:
  explicit BitWriter(char* p) : p_(p) {}

  // REQUIRES: width <= 64 and no bit of `field` beyond it.
  void Put(uint64_t field, unsigned width) {
    held_ |= field << used_;
    if (used_ + width < 64) {
      used_ += width;
      return;
    }
    StoreLittle64(p_, held_);
    p_ += 8;
    held_ = used_ == 0 ? 0 : field >> (64 - used_);
    used_ = used_ + width - 64;
    if (used_ == 0) held_ = 0;
  }

  // Returns the byte after the last field.
  char* Finish() {
    StoreLittle64(p_, held_);
    p_ += (used_ + 7) / 8;
    held_ = 0;
    used_ = 0;
    return p_;
  }

 private:
  char* p_;
  uint64_t held_ = 0;
  unsigned used_ = 0;  // bits in held_, below 64
};

}  // namespace varve
