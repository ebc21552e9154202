// The values that a column's source cannot express, kept as words, and the
// runs of positions where they stand. The rest of the column is stored
// without them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/integer_packing.h"

namespace varve {

struct ExceptionRun {
  uint32_t start;
  uint32_t length;
};

struct ValueExceptions {
  std::vector<ExceptionRun> runs;  // ascending, never adjacent
  std::vector<uint64_t> words;     // of all runs in order
};

void AppendExceptions(const ValueExceptions& exceptions, std::string* out);

// Returns the byte after them, nullptr when they are damaged or do not fit in
// `count` values.
const char* ReadExceptions(const char* p, const char* limit, size_t count,
                           ValueExceptions* exceptions);

// Moves values[0, count - exceptions) apart and puts the exceptions between.
void InsertExceptions(const ValueExceptions& exceptions, size_t count,
                      uint64_t* values);

}  // namespace varve
