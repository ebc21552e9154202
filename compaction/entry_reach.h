// Which span of time an entry of a row may say something about: what decides
// whether a read under a ReadHint needs it. The merge operator asks it of each
// entry, a memtable of whole operands before the merge sees them.
// Pure: no clock, no I/O.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "format/row/row_entries.h"
#include "rocksdb/slice.h"
#include "varve/row_shape.h"

namespace varve {

// Of an entry without samples: nothing.
struct EntryReach {
  // Of what nobody can vouch for: it meets every range, empty ones too.
  static EntryReach Everything() {
    return {std::numeric_limits<int64_t>::min(),
            std::numeric_limits<int64_t>::max()};
  }
  bool Meets(int64_t from_ms, int64_t to_ms) const {
    return first_ms <= to_ms && last_ms >= from_ms;
  }
  void Join(const EntryReach& other) {
    first_ms = std::min(first_ms, other.first_ms);
    last_ms = std::max(last_ms, other.last_ms);
  }

  int64_t first_ms = std::numeric_limits<int64_t>::max();
  int64_t last_ms = std::numeric_limits<int64_t>::min();
};

// Reads it off the entries of one row. For one thread.
class RowReach {
 public:
  RowReach(const RowShape& shape, const rocksdb::Slice& key);

  // Whether the key is of no row: all of its entries reach everything.
  bool foreign() const { return foreign_; }

  // Of the entry at which the walk stands.
  EntryReach Of(const RowEntries& entries) const;
  // Of all that an operand or value holds.
  EntryReach OfOperand(const rocksdb::Slice& bytes);

 private:
  const RowShape shape_;
  bool foreign_;
  int64_t bucket_start_ms_;
  RowEntries entries_;
};

}  // namespace varve
