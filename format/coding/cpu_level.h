// Which instructions the kernels may use, found at run time: the library is
// built for baseline x86-64 (or another processor) and picks faster kernels by
// itself. Every level gives the same bytes and the same values.
#pragma once

#include <cstdint>

namespace varve {

enum class CpuLevel : uint8_t {
  kPlain,   // C++ only, any processor
  kAvx2,    // as x86-64-v3 without FMA
  kAvx512,  // as x86-64-v4: F, BW, CD, DQ, VL
};

// The best level of this processor; asked once.
CpuLevel BestCpuLevel();

}  // namespace varve
