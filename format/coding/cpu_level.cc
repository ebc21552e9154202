// See cpu_level.h.
#include "format/coding/cpu_level.h"

namespace varve {
namespace {

CpuLevel Detect() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  // Every processor with AVX2 and BMI2 has LZCNT, which GCC 12 cannot ask for.
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") ||
      !__builtin_cpu_supports("bmi2")) {
    return CpuLevel::kPlain;
  }
  const bool avx512 =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return avx512 ? CpuLevel::kAvx512 : CpuLevel::kAvx2;
#else
  return CpuLevel::kPlain;
#endif
}

}  // namespace

CpuLevel BestCpuLevel() {
  static const CpuLevel level = Detect();
  return level;
}

}  // namespace varve
