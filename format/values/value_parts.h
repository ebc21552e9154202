// The first bytes of a value column: where its integers come from and where
// they lie.
#pragma once

#include <cstddef>
#include <cstdint>

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
  Slice corrections;  // empty without
  Slice integers;
};

// Reads a source's parameter and returns the byte after it; nullptr when the
// bytes are not such a parameter.
const char* ReadSource(uint8_t encoding, const char* p, const char* limit,
                       ColumnSource* source);

// False when the bytes are not a column without exceptions.
bool FindParts(const Slice& column, ColumnParts* parts);

// Whether the column is one with exceptions; any bytes are safe.
bool HasExceptions(const Slice& column);

// Integers to words.
void Express(const ColumnSource& source, const ValueKernels& kernels,
             uint64_t* integers, size_t count);

}  // namespace varve
