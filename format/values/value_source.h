// Turns the values of a column into integers and back: decimals, rationals,
// or the IEEE-754 words themselves, whichever leaves the fewest bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "format/values/value_constants.h"
#include "format/values/value_kernels.h"
#include "format/values/value_word.h"

namespace varve {

struct SourceChoice {
  uint8_t source = kWords;   // a decimal exponent, kRational or kWords
  double divisor = 1;        // of decimals and rationals, an exact integer
  unsigned shift = 0;        // of words
  unsigned sample_bits = 0;  // a value, by the sample
};

// The source whose integers and corrections cost least, judged by a sample.
SourceChoice ChooseSource(const uint64_t* words, size_t count,
                          const ValueKernels& kernels);

// For few values, at a small part of ChooseSource's cost: whether all of them
// are decimals of one exponent, which is looked for from the first one's on.
// Then integers[0, count) are theirs, and corrections[0, count) zeros. False
// also where words may be shorter.
bool ChooseDecimal(const uint64_t* words, size_t count,
                   const ValueKernels& kernels, SourceChoice* choice,
                   int64_t* integers, int64_t* corrections);

// The integer k and exponent e <= exponent_max with value == k / 10^e bit for
// bit and |k| < 2^53. False when there is none.
bool FindDecimal(uint64_t word, int exponent_max, int* exponent,
                 int64_t* integer);

}  // namespace varve
