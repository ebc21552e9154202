// A packed stream: integers as offsets from a base in a fixed width, with a
// sparse list for those that the width does not hold; one base and width for
// all, or for each group of 256. Arithmetic is modulo 2^64, order is signed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/timestamps/timestamp_packing.h"
#include "format/timestamps/timestamp_sparse.h"

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

// The fit of all values, their least as its base, without sorting: for few
// values a small part of the time. REQUIRES: 1 <= count <= kGroupValues.
PackedFit FitShort(const uint64_t* values, size_t count);

// Appends the stream of values[0, count), laid out by `fit` or by groups,
// whichever is smaller. *entries is scratch.
void AppendPacked(const uint64_t* values, size_t count, const PackedFit& fit,
                  const TimestampKernels& kernels,
                  std::vector<SparseEntry>* entries, std::string* out);

// A packed stream, group by group, in any order.
class PackedStream {
 public:
  struct Groups {
    unsigned width[kPieceSamplesMax / kGroupValues];
    uint64_t base[kPieceSamplesMax / kGroupValues];
    uint32_t slot[kPieceSamplesMax / kGroupValues];  // from the first one's
  };

  // False when [p, limit) is not a stream of `count` values; the exceptions are
  // not looked at yet.
  bool Open(const char* p, const char* limit, size_t count);

  size_t group_count() const {
    return (count_ + kGroupValues - 1) / kGroupValues;
  }
  size_t group_size(size_t g) const {
    return std::min(kGroupValues, count_ - g * kGroupValues);
  }

  // Writes the group's values, but for what its exceptions add to them.
  void ReadGroup(size_t g, const TimestampKernels& kernels,
                 uint64_t* values) const;

  // The first of the group's values, likewise.
  uint64_t FirstOf(size_t g) const;

  // Calls visit(position, addend) for each exception, positions ascending;
  // false when they are damaged.
  template <typename Visit>
  bool ReadExceptions(Visit visit) const {
    if (!has_exceptions_) return true;
    // A width of 64 holds all: nothing is above it.
    return ReadSparse(exceptions_, slots_, count_,
                      [&](size_t position, uint64_t high) {
                        const unsigned width =
                            groups_.width[position / kGroupValues];
                        visit(position, width < kWidthMax ? high << width : 0);
                      }) == slots_;
  }

 private:
  size_t count_ = 0;
  const char* exceptions_ = nullptr;
  const char* slots_ = nullptr;
  const char* limit_ = nullptr;
  bool has_exceptions_ = false;
  Groups groups_;
};

// Reads the stream that takes all of [p, limit). False when it is none of
// `count` values.
bool ReadPacked(const char* p, const char* limit, size_t count,
                const TimestampKernels& kernels, uint64_t* values);

}  // namespace varve
