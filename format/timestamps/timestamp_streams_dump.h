// What timestamp columns are made of, line by line, for
// timestamp_column_dump.h: sparse lists, packed streams, token streams. Finds
// its way by FORMAT-timestamps.md and shares no code with the decoder: what the
// two make of the same bytes is compared by a test and by a fuzzer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/coding/column_lines.h"

namespace varve {

// A `bits` string of the document: the lowest bit of a byte first, zeros
// behind the last one.
class BitString {
 public:
  BitString(const char* bytes, size_t size) : bytes_(bytes), bits_(8 * size) {}

  unsigned Bit();
  uint64_t Number(unsigned width);  // width <= 64
  // ones(q) with q < most; `most` ones have no zero after them.
  unsigned Ones(unsigned most);
  // Moves to bit `at`.
  void Seek(size_t at) { at_ = at; }

  size_t at() const { return at_; }
  bool beyond() const { return at_ > bits_; }
  size_t bytes_used() const { return (at_ + 7) / 8; }
  // Takes what fills the last byte; false when it is not zeros.
  bool TakePadding();

 private:
  const char* const bytes_;
  const size_t bits_;
  size_t at_ = 0;
};

// Shows a sparse list over `positions` positions and sets *values to one for
// each of them, 0 where there is no entry. False when it is none.
bool DumpSparseList(const std::string& name, size_t positions,
                    ColumnLines* lines, std::vector<uint64_t>* values);

// Shows the stream of `count` integers that is what is left of the column.
// REQUIRES: count >= 1.
bool DumpPackedStream(size_t count, ColumnLines* lines,
                      std::vector<uint64_t>* integers);
bool DumpTokenStream(size_t count, ColumnLines* lines,
                     std::vector<uint64_t>* integers);

}  // namespace varve
