// Rows that are blocks of samples, taken apart: a box of rows that holds the
// blocks' headers, followed by a box of their value columns and a box of
// their timestamp columns, each as it is. Together they are a stripe.
//
//   stripe   := box(kHeaders) [box(kValues)] [box(kTimestamps)]
//   headers  := values_bytes:varint timestamps_bytes:varint
//               shared_count:varint handle{shared_count}
//               block of (key -> record)
//   record   := 00 value                          any bytes, as given
//             | 01 header_bytes:varint header
//               timestamps_box:varint timestamps_at:varint
//               timestamps_bytes:varint values_at:varint values_bytes:varint
//
// The first two varints are the stored sizes of the boxes that follow, 0 for
// a box that is absent. timestamps_box 0 is the stripe's own; i > 0 is the
// i-th shared one, of an earlier stripe: a timestamp column that occurs more
// than once in a part is stored once. A row is its header, its timestamps and
// its values, one behind the other. Bytes only; what a block is knows
// sample_block.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "format/part_file.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

// Finds the parts of a block of samples; false for any other bytes, and for
// bytes that the three parts do not add up to.
bool SplitBlock(const Slice& row, Slice* header, Slice* timestamps,
                Slice* values);

// One stripe at a time; remembers the timestamp columns of all.
class StripeBuilder {
 public:
  bool empty() const { return values_.empty() && timestamps_.empty(); }
  size_t column_bytes() const { return values_.size() + timestamps_.size(); }

  // Gives the record of a row.
  void AddOpaque(const Slice& row, std::string* record);
  void AddSplit(const Slice& header, const Slice& timestamps,
                const Slice& values, std::string* record);

  const std::string& values() const { return values_; }
  const std::string& timestamps() const { return timestamps_; }
  size_t split_count() const { return split_count_; }
  // Appends what precedes the block of records. The sizes are the stored
  // ones, 0 for an absent box.
  void AppendFront(uint64_t values_bytes, uint64_t timestamps_bytes,
                   std::string* out) const;
  // Starts the next stripe. `timestamps` is where this one's lie.
  void Close(const BoxHandle& timestamps);

  uint64_t shared_columns() const { return shared_columns_; }

 private:
  struct Hash128 {
    uint64_t low, high;
    bool operator==(const Hash128& o) const {
      return low == o.low && high == o.high;
    }
  };
  struct HashOf {
    size_t operator()(const Hash128& h) const {
      return static_cast<size_t>(h.low);
    }
  };
  struct Place {
    BoxHandle box;
    uint64_t at = 0;
    bool own = true;  // in the open stripe: box is not known yet
  };
  uint64_t SharedIndex(const BoxHandle& box);

  std::string values_;
  std::string timestamps_;
  size_t split_count_ = 0;
  std::vector<BoxHandle> shared_;
  uint64_t shared_columns_ = 0;
  std::unordered_map<Hash128, Place, HashOf> places_;
  std::vector<Hash128> own_;  // columns first seen in the open stripe
};

// The front of a headers box.
struct StripeFront {
  BoxHandle values;      // bytes 0: absent
  BoxHandle timestamps;  // bytes 0: absent
  std::vector<BoxHandle> shared;
  Slice block;
};

// `headers` is where the headers box lies; all boxes end by `boxes_end`.
Status DecodeStripeFront(const Slice& payload, const BoxHandle& headers,
                         uint64_t boxes_end, StripeFront* front);

struct StripeRecord {
  bool split = false;
  Slice opaque;
  Slice header;
  uint64_t timestamps_box = 0;
  uint64_t timestamps_at = 0;
  uint64_t timestamps_bytes = 0;
  uint64_t values_at = 0;
  uint64_t values_bytes = 0;

  size_t row_bytes() const {
    return split ? header.size() +
                       static_cast<size_t>(timestamps_bytes + values_bytes)
                 : opaque.size();
  }
};

Status DecodeStripeRecord(const Slice& record, StripeRecord* decoded);

}  // namespace varve
