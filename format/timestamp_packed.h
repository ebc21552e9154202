// A packed stream: integers as offsets from a base in a fixed width, with a
// sparse list for those that the width does not hold; one base and width for
// all, or for each group of 256. Arithmetic is modulo 2^64, order is signed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/timestamp_packing.h"
#include "format/timestamp_sparse.h"

namespace varve {

// 16 * log2(v), a little off between powers of two. Integer arithmetic, so
// that every machine chooses alike.
inline uint64_t Log2x16(uint64_t v) {  // REQUIRES: v >= 1
  const unsigned top = BitLength(v) - 1;
  const uint64_t part =
      (top >= 8 ? v >> (top - 8) : v << (8 - top)) & 0xff;  // of 256
  return 16 * top + (part * 16 + (part * (256 - part) * 5 >> 8) + 128) / 256;
}

// What an exception costs beside the bits of its skip and value: a skip's
// ones, and four bits that are not there, since each one takes time. In
// sixteenths of a bit.
inline constexpr uint64_t kExceptionCost = 84;

// A base and width, and what a stream of `count` values like the sample would
// take, in sixteenths of a bit.
struct PackedFit {
  uint64_t base = 0;
  unsigned width = 0;
  uint64_t exceptions = 0;  // as many as the sample suggests
  uint64_t cost_x16 = ~uint64_t{0};
};

// REQUIRES: sample[0, size) sorted as signed integers; 1 <= size <= count.
PackedFit FitPacked(const int64_t* sample, size_t size, size_t count);

// Appends the stream of values[0, count), laid out by `fit` or by groups,
// whichever is smaller. *entries is scratch.
void AppendPacked(const uint64_t* values, size_t count, const PackedFit& fit,
                  const TimestampKernels& kernels,
                  std::vector<SparseEntry>* entries, std::string* out);

// Reads the stream that takes all of [p, limit). False when it is none of
// `count` values.
bool ReadPacked(const char* p, const char* limit, size_t count,
                const TimestampKernels& kernels, uint64_t* values);

}  // namespace varve
