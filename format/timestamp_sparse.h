// A sparse list: the few positions of a column that hold something else than
// the rest (a gap in a line, a residual beyond the packed width), each with a
// value that is not zero. One bit string of entries: how many positions to
// skip, then the value. Grammar and numbers: FORMAT-timestamps.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/timestamp_bits.h"
#include "format/timestamp_format.h"

namespace varve {

struct SparseEntry {
  uint32_t position;  // ascending within a list
  uint64_t value;     // signed; never 0
};

// What is written for a value, small for values near zero, +1 first of all,
// since a gap and a late scrape are what is seen most.
inline uint64_t SparseCode(uint64_t value) {
  return ZigZag(static_cast<int64_t>(0 - value)) - 1;
}
inline uint64_t SparseValue(uint64_t code) {
  return 0 - static_cast<uint64_t>(UnZigZag(code + 1));
}

// Appends entries[0, count). REQUIRES: count >= 1.
void AppendSparse(const SparseEntry* entries, size_t count, std::string* out);

// Reads a list from [p, limit) and calls visit(position, value) for each
// entry, positions ascending and below `positions`. Returns the byte after the
// list; nullptr when it is not a list of such entries.
template <typename Visit>
const char* ReadSparse(const char* p, const char* limit, size_t positions,
                       Visit visit) {
  uint64_t count;
  p = DecodeVarint(p, limit, &count);
  if (p == nullptr || count == 0 || count > positions || limit - p < 2) {
    return nullptr;
  }
  const unsigned skip_width = static_cast<unsigned char>(p[0]);
  const unsigned value_byte = static_cast<unsigned char>(p[1]);
  const unsigned value_width = value_byte & (kSparseEscapes - 1);
  if (skip_width > kSkipWidthMax || value_width > kWidthMax) return nullptr;
  const uint64_t skip_on = LowBits(skip_width);
  const bool escapes = (value_byte & kSparseEscapes) != 0;
  if (escapes && value_width == 0) return nullptr;
  const uint64_t escape = LowBits(value_width);

  BitReader reader(p + 2, limit);
  size_t position = 0;
  for (; count > 0; --count, ++position) {
    uint64_t skip = reader.Get(skip_width);
    while (skip == skip_on && skip_width != 0) {
      position += skip;
      if (position >= positions) return nullptr;
      skip = reader.Get(skip_width);
    }
    position += skip;
    if (position >= positions) return nullptr;
    uint64_t code = reader.GetWide(value_width);
    if (escapes && code == escape) {
      const auto bits = static_cast<unsigned>(reader.Get(6)) + 1;
      code = reader.GetWide(bits);
    }
    if (code == ~uint64_t{0}) return nullptr;  // would be the value 0
    visit(position, SparseValue(code));
  }
  return reader.Finish();
}

}  // namespace varve
