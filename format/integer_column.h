// A column of signed 64-bit integers: the last one, a predictor that runs
// from it back to the first, a common factor, and packed residuals.
// Arithmetic wraps modulo 2^64, so that any bytes decode to something.
//
// Running backwards makes the last value, the one that dedup and downsampling
// keep, readable without decoding the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/integer_packing.h"
#include "format/profile.h"

namespace varve {

struct IntegerEncodeScratch {
  explicit IntegerEncodeScratch(CpuLevel level) : packing(level) {}
  PackingEncodeScratch packing;
  std::vector<int64_t> residuals[3];  // by predictor
  std::string candidate;
  std::string best;
};

// Appends the column to *out. REQUIRES: count >= 1.
void EncodeIntegers(const int64_t* values, size_t count, Profile profile,
                    IntegerEncodeScratch* scratch, std::string* out);

// Decodes a column that is exactly [p, limit) into out[0, count).
// REQUIRES: count >= 1.
Fault DecodeIntegers(const char* p, const char* limit, size_t count,
                     PackingDecodeScratch* scratch, uint64_t* out);

// Whether its residuals are all zero or entropy-coded, not mini-blocks.
bool IntegersArePackedSmall(const char* p, const char* limit);

// The last value of a column of at least one, without its residuals.
Fault PeekLastInteger(const char* p, const char* limit, uint64_t* last);

}  // namespace varve
