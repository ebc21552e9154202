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

#include "format/coding/column_bytes.h"
#include "format/coding/index_range.h"
#include "format/coding/profile.h"
#include "format/values/fault.h"
#include "format/values/integer_packing.h"

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

// Decodes those of `range` from what is exactly a column of `count` integers
// into out[0, range.size()). What lies behind it in out is rubbish:
// a predictor runs through it. What a range does not need may be damaged.
// REQUIRES: range.begin < range.end <= count; room for count - range.begin.
Fault DecodeIntegers(ColumnBytes column, size_t count, IndexRange range,
                     PackingDecodeScratch* scratch, uint64_t* out);

// Whether ranges are decoded without what lies before them: mini-blocks, zeros.
bool IntegersHaveAWayIn(ColumnBytes column);

// Whether the column is of tokens that OpenIntegers opens.
bool IntegersCanBeOpened(ColumnBytes column);

// Opens the column, and decodes all of it into out[0, count).
// REQUIRES: IntegersCanBeOpened; count >= 2.
Fault OpenIntegers(ColumnBytes column, size_t count,
                   PackingDecodeScratch* scratch, OpenedIntegers* opened,
                   uint64_t* out);

// DecodeIntegers of a column that has been opened: in the time that the range
// takes. REQUIRES: as DecodeIntegers.
Fault DecodeOpenedIntegers(ColumnBytes column, size_t count, IndexRange range,
                           const OpenedIntegers& opened,
                           PackingDecodeScratch* scratch, uint64_t* out);

// Whether its residuals are all zero or entropy-coded, not mini-blocks.
bool IntegersArePackedSmall(ColumnBytes column);

// The last value of a column of at least one, without its residuals.
Fault PeekLastInteger(ColumnBytes column, uint64_t* last);

}  // namespace varve
