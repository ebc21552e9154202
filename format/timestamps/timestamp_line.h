// Lines of timestamp columns: what lies in front of their residuals, and lines
// whose residuals are packed, group by group in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "format/timestamps/timestamp_packed.h"
#include "format/timestamps/timestamp_packing.h"
#include "format/timestamps/timestamp_sparse.h"

namespace varve {

struct Line {
  uint64_t step = 0;
  uint64_t fraction = 0;
};

// Returns the byte after the line, nullptr when they are not one; its gaps
// go to *gaps.
const char* ReadLine(const char* p, const char* limit, size_t residuals,
                     Line* line, std::vector<SparseEntry>* gaps);

// Group g of a packed line holds the timestamps from 1 + g * kGroupValues on.
// Keeps its memory from one column to the next.
class PackedLine {
 public:
  // False when [p, limit) is not a line of `count` timestamps with packed
  // residuals; slots are not looked at. REQUIRES: count >= 2.
  bool Open(const char* p, const char* limit, int64_t first, size_t count);

  size_t group_count() const { return stream_.group_count(); }
  size_t group_size(size_t g) const { return stream_.group_size(g); }

  // The group's first timestamp: without unpacking it.
  int64_t FirstOf(size_t g) const;

  // Writes the group's timestamps, which need not ascend: any slots are some.
  void Read(size_t g, const TimestampKernels& kernels,
            int64_t* timestamps) const;

 private:
  // The index on the line of residual i, and the first gap behind it.
  uint64_t Place(size_t i, std::vector<SparseEntry>::const_iterator* gap) const;

  int64_t first_ms_ = 0;
  Line line_;
  PackedStream stream_;
  std::vector<SparseEntry> gaps_;  // each with those before it added
  std::vector<SparseEntry> exceptions_;
};

}  // namespace varve
