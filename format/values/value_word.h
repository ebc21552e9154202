// Between float64 values, their words and integers: a word as an integer of
// the same order, so that near values have near integers whatever their sign;
// and decimals and rationals one by one.
#pragma once

#include <cmath>
#include <cstdint>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#include "format/coding/value_bits.h"

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

// To nearest even in the default rounding mode. REQUIRES: |value| < 2^53.
inline int64_t RoundToInteger(double value) {
#if defined(__x86_64__)
  return _mm_cvtsd_si64(_mm_set_sd(value));
#else
  return static_cast<int64_t>(std::nearbyint(value));
#endif
}

// The word of integer / divisor.
inline uint64_t QuotientWord(int64_t integer, double divisor) {
  return BitsOf(static_cast<double>(integer) / divisor);
}

}  // namespace varve
