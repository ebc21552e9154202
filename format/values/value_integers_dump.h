// Integer columns, line by line, for value_column_dump.h. Finds its way by
// FORMAT-values.md and shares no code with the decoder: what the two make of
// the same bytes is compared by a test and by a fuzzer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "format/coding/column_lines.h"

namespace varve {

// Shows the integer column of `count` integers that is exactly what is left of
// the part in hand, and sets *integers. False when it is none.
// REQUIRES: count >= 1.
bool DumpIntegers(size_t count, ColumnLines* lines,
                  std::vector<uint64_t>* integers);

// The same of the body of packing 2: residuals as tokens, with their bias
// unless they are zigzag.
bool DumpTokens(size_t count, bool zigzag, ColumnLines* lines,
                std::vector<uint64_t>* residuals);

// What an unsigned residual of tokens and of bytes stands for.
uint64_t SignedResidual(uint64_t residual, bool zigzag, uint64_t bias);

// Shows the bias of tokens and of bytes; zigzag has none.
bool DumpBias(bool zigzag, ColumnLines* lines, uint64_t* bias);

}  // namespace varve
