// A float64's word as an integer of the same order, so that near values have
// near integers whatever their sign.
#pragma once

#include <cstdint>

namespace varve {

inline bool IsFinite(uint64_t word) {
  return (word & 0x7ff0000000000000) != 0x7ff0000000000000;
}

// Without the word's `shift` lowest bits; WordOfOrdered is the way back when
// those are zero. -0 and +0 stay apart.
inline int64_t OrderedOfWord(uint64_t word, unsigned shift) {
  const auto magnitude = static_cast<int64_t>((word & INT64_MAX) >> shift);
  return static_cast<int64_t>(word) < 0 ? ~magnitude : magnitude;
}

inline uint64_t WordOfOrdered(uint64_t ordered, unsigned shift) {
  const uint64_t negative = ordered >> 63;
  const uint64_t magnitude = ordered ^ (0 - negative);
  return ((magnitude << shift) & INT64_MAX) | (negative << 63);
}

}  // namespace varve
