// Where the values stand that a column's source cannot express. Their words
// are a value column of their own; the rest is stored without them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/values/integer_column.h"

namespace varve {

struct ExceptionRun {
  uint32_t start;
  uint32_t length;
};

struct ValueExceptions {
  std::vector<ExceptionRun> runs;  // ascending, never adjacent
  std::vector<uint64_t> words;     // of all runs in order
  std::vector<uint64_t> numbers;   // scratch: gaps or lengths
};

void AppendRuns(ValueExceptions* exceptions, Profile profile,
                IntegerEncodeScratch* scratch, std::string* out);

// Takes the runs off a column of `count` values: fills runs and sizes words.
Fault TakeRuns(ColumnBytes* column, size_t count, PackingDecodeScratch* scratch,
               ValueExceptions* exceptions);

// Moves values[0, count - exceptions) apart and puts the exceptions between.
void InsertExceptions(const ValueExceptions& exceptions, size_t count,
                      uint64_t* values);

}  // namespace varve
