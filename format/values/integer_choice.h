// Which predictor and packing an integer column gets, judged by a sample.
// Integer arithmetic only, so that every machine chooses alike.
#pragma once

#include <cstddef>
#include <cstdint>

#include "format/values/value_constants.h"
#include "format/values/value_kernels.h"

namespace varve {

// The predictor that leaves the narrowest residuals for mini-blocks.
Predictor ChooseMiniBlockPredictor(const int64_t* values, size_t count);

struct TokenChoice {
  Predictor predictor = kFromLast;
  Sign sign = Sign::kZigZag;
  // Eighths of the sample that repeat runs of residuals seen before. With
  // many, matches over bytes, with this predictor and sign, may be smaller;
  // with some, matches over tokens.
  unsigned repeat_eighths = 0;
  Predictor repeats_predictor = kFromLast;
  Sign repeats_sign = Sign::kZigZag;
};

// The predictor and sign whose tokens and raw bits are fewest.
// REQUIRES: count >= 3.
TokenChoice ChooseTokens(const int64_t* values, size_t count,
                         const ValueKernels& kernels);

// The factor common to all residuals when it is worth its bytes, else 1; 0
// when all residuals are zero.
// REQUIRES: any_bits has the bits that any of them has.
uint64_t CommonFactor(const int64_t* residuals, size_t count,
                      uint64_t any_bits);
// The same, of powers of two: by any_bits alone.
uint64_t CommonPowerOfTwo(size_t count, uint64_t any_bits);

// residuals[i] /= factor. REQUIRES: the factor divides each of them.
void DivideExactly(int64_t* residuals, size_t count, uint64_t factor);

}  // namespace varve
