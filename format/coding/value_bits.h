// Between a float64 and its IEEE-754 bits, which keep what arithmetic and
// comparing may lose: NaN payloads, the sign of zero.
#pragma once

#include <cstdint>
#include <cstring>

namespace varve {

inline uint64_t BitsOf(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline double ValueOf(uint64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace varve
