// Float64 bits that arithmetic, comparing, printing or a codec may get wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace varve {

// Golden columns are made of the first so many: append only.
inline constexpr size_t kGoldenOddValues = 20;

inline const std::vector<uint64_t>& OddValueBits() {
  static const std::vector<uint64_t> kOdd = {
      0x0000000000000000,  // 0
      0x8000000000000000,  // -0
      0x7ff0000000000000,  // inf
      0xfff0000000000000,  // -inf
      0x7ff8000000000000,  // quiet NaN
      0x7ff0000000000001,  // the smallest signalling NaN
      0x7ff0000000000002,  // stale marker of Prometheus, a signalling NaN
      0xfff8dead0000beef,  // NaN with a payload
      0xffffffffffffffff,  // the last NaN
      0x0000000000000001,  // smallest denormal
      0x800fffffffffffff,  // largest negative denormal
      0x0010000000000000,  // smallest normal
      0x7fefffffffffffff,  // largest finite
      0x433fffffffffffff,  // 2^53 - 1
      0x4340000000000000,  // 2^53
      0x4340000000000001,  // 2^53 + 2
      0xc3e0000000000000,  // -2^63
      0x3fb999999999999a,  // 0.1
      0x3fd3333333333334,  // 0.1 + 0.2
      0x3ff0000000000001,  // 1 and one unit in the last place
      0x3ff0000000000000,  // 1
      0xfff8000000000000,  // quiet NaN with its sign
      0x7fffffffffffffff,  // NaN with every payload bit
  };
  return kOdd;
}

}  // namespace varve
