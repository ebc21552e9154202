// A token names an unsigned integer up to some raw bits: below 16 the integer
// itself, else its bit length and the two bits after its highest, so that it
// is off by a quarter at most. 256 tokens cover 64 bits.
#pragma once

#include <cstdint>

#include "format/coding/bit_stream.h"

namespace varve {

inline constexpr uint8_t kTokenExact = 16;   // tokens below have no raw bits
inline constexpr uint8_t kTokenRaw57 = 236;  // from here on 57 or more

inline uint8_t TokenOf(uint64_t value) {
  if (value < kTokenExact) return static_cast<uint8_t>(value);
  const unsigned length = BitLength(value);
  return static_cast<uint8_t>(4 * length - 4 + ((value >> (length - 3)) & 3));
}

inline unsigned TokenRawBits(uint8_t token) {
  return token < kTokenExact ? 0 : token / 4u - 2;
}

inline uint64_t TokenBase(uint8_t token) {
  if (token < kTokenExact) return token;
  return (uint64_t{4} | (token & 3)) << (token / 4u - 2);
}

}  // namespace varve
