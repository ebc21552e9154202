// A sparse list: the few positions of a column that hold something else than
// the rest (a gap in a line, a residual beyond the packed width), each with a
// value that is not zero. One bit string of entries: how many positions to
// skip (a Golomb-Rice code), then the value (an exponential Golomb code, since
// values have long tails). Grammar and numbers: FORMAT-timestamps.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/timestamps/timestamp_bits.h"
#include "format/timestamps/timestamp_format.h"

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

// The skips' bits and the values' order, one byte or two. Returns the byte
// after them; nullptr when they are no such numbers.
inline const char* ReadSparseShape(const char* p, const char* limit,
                                   unsigned* skip_bits, unsigned* order) {
  if (p == limit) return nullptr;
  const auto first = static_cast<unsigned char>(*p++);
  *skip_bits = first & 15;
  *order = first >> 4;
  if (*order == kSparseOrderNext) {
    if (p == limit) return nullptr;
    *order = static_cast<unsigned char>(*p++);
    if (*order < kSparseOrderNext || *order > kSparseOrderMax) return nullptr;
  }
  return *skip_bits <= kSkipBitsMax ? p : nullptr;
}

// Reads one entry: returns its skip and sets *code, to ~0 when the bits are
// no value.
inline size_t NextEntry(unsigned skip_bits, unsigned order,
                        BitStringReader* reader, uint64_t* code) {
  // At once, when all is in the bits at hand: nearly always.
  const uint64_t word = reader->Peek();
  const auto skip_ones =
      static_cast<unsigned>(__builtin_ctzll(~word | 1ull << 56));
  const unsigned skip_end = skip_ones + 1 + skip_bits;
  if (skip_ones < kSkipOnesMax && skip_end <= 28) {
    const uint64_t rest = word >> skip_end;
    const auto ones =
        static_cast<unsigned>(__builtin_ctzll(~rest | 1ull << 56));
    const unsigned bits = order + ones;
    const unsigned end = skip_end + ones + 1 + bits;
    if (end <= 56) {
      reader->Skip(end);
      *code = (rest >> (ones + 1) & LowBits(bits)) + (uint64_t{1} << bits) -
              (uint64_t{1} << order);
      return (size_t{skip_ones} << skip_bits) +
             (word >> (skip_ones + 1) & LowBits(skip_bits));
    }
  }
  const unsigned ones = reader->GetOnes(kSkipOnesMax);
  const size_t skip = ones < kSkipOnesMax
                          ? (size_t{ones} << skip_bits) + reader->Get(skip_bits)
                          : reader->Get(kSkipFullBits);
  unsigned bits = order + reader->GetOnes(32);
  if (bits == order + 32) bits += reader->GetOnes(32);
  *code = bits > 64
              ? ~uint64_t{0}
              : reader->GetWide(bits) + (bits < 64 ? uint64_t{1} << bits : 0) -
                    (uint64_t{1} << order);
  return skip;
}

// Reads a list from [p, limit) and calls visit(position, value) for each
// entry, positions ascending and below `positions`. Returns the byte after the
// list; nullptr when it is not a list of such entries.
template <typename Visit>
const char* ReadSparse(const char* p, const char* limit, size_t positions,
                       Visit visit) {
  uint64_t count;
  unsigned skip_bits;
  unsigned order;
  p = DecodeVarint(p, limit, &count);
  if (p == nullptr || count == 0 || count > positions) return nullptr;
  p = ReadSparseShape(p, limit, &skip_bits, &order);
  if (p == nullptr) return nullptr;
  BitStringReader reader(p, limit);
  size_t position = 0;
  for (; count > 0; --count, ++position) {
    uint64_t code;
    position += NextEntry(skip_bits, order, &reader, &code);
    if (position >= positions) return nullptr;
    if (code == ~uint64_t{0}) return nullptr;  // would be the value 0
    visit(position, SparseValue(code));
  }
  return reader.Finish();
}

}  // namespace varve
