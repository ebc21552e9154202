// The first bytes of a value column: where its integers come from and where
// they lie.
#pragma once

#include <cstddef>
#include <cstdint>

#include "format/coding/column_bytes.h"
#include "format/values/fault.h"
#include "format/values/value_kernels.h"
#include "rocksdb/slice.h"

namespace varve {

using rocksdb::Slice;

// Where a column's integers come from.
struct ColumnSource {
  uint8_t source = 0;
  uint64_t divisor = 1;  // of rationals
  unsigned shift = 0;    // of words
};

// The integer columns of a column without exceptions, found by its first
// bytes.
struct ColumnParts {
  ColumnSource source;
  ColumnBytes corrections;  // empty without
  ColumnBytes integers;
};

// Takes a source's parameter off what lies behind the encoding.
Fault TakeSource(uint8_t encoding, ColumnBytes* column, ColumnSource* source);

// False where the column is damaged, has exceptions, or is not made of integer
// columns at all.
bool FindParts(const Slice& column, ColumnParts* parts);

// Whether the column is one with exceptions; any bytes are safe.
bool HasExceptions(const Slice& column);

// Integers to words.
void Express(const ColumnSource& source, const ValueKernels& kernels,
             uint64_t* integers, size_t count);

}  // namespace varve
