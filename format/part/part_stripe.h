// Rows that are blocks of samples, taken apart: a box that holds the blocks'
// headers, followed by boxes of their columns, each column as it is. Together
// they are a stripe.
//
//   stripe   := box(kHeaders) (box(kTimestamps) | box(kValues))*
//   headers  := own_count:varint own:varint{own_count}
//               shared_count:varint handle{shared_count}
//               entry list of (key -> record)
//   own      := stored bytes << 1 | 1 for timestamps
//   record   := 00 value                          any bytes, as given
//             | 01 header_bytes:varint header
//               timestamps_box:varint timestamps_at:varint
//               timestamps_bytes:varint
//               values_box:varint values_at:varint values_bytes:varint
//
// own are the sizes of the boxes of columns in the order in which they lie:
// that of the first row that needs each, so that reading the rows goes
// forward. values_box is an index into them; timestamps_box is one shifted
// left by 1, or, with bit 0 set, one into the handles of shared boxes, which
// belong to earlier stripes: a timestamp column that occurs more than once in
// a part is stored once. A row is its header, its timestamps and its values,
// one behind the other. Bytes only; what a block is knows sample_block.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "format/part/part_file.h"
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
  // Columns of a kind go into one box until it holds box_bytes.
  explicit StripeBuilder(size_t box_bytes) : box_bytes_(box_bytes) {}

  struct Box {
    BoxKind kind;
    std::string bytes;
    size_t column_count;
  };

  // Gives the record of a row.
  void AddOpaque(const Slice& row, std::string* record);
  void AddSplit(const Slice& header, const Slice& timestamps,
                const Slice& values, std::string* record);

  size_t column_bytes() const { return column_bytes_; }
  size_t box_count() const { return box_count_; }
  // In the order in which they are to be written; i < box_count().
  const Box& box(size_t i) const { return boxes_[i]; }
  // Appends what precedes the list of records. `stored`: the boxes' stored
  // sizes.
  void AppendFront(const std::vector<uint64_t>& stored, std::string* out) const;
  // Starts the next stripe. `handles`: where this one's boxes lie.
  void Close(const std::vector<BoxHandle>& handles);

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
    BoxHandle box;          // of an earlier stripe
    size_t own = SIZE_MAX;  // in the open stripe: index of its box
    uint64_t at = 0;
  };
  static constexpr size_t kNoBox = SIZE_MAX;
  uint64_t SharedIndex(const BoxHandle& box);
  // The open box of a kind, a new one if need be.
  size_t OpenBox(BoxKind kind, size_t* open);
  // Finds the timestamp column's place, appending it if it has none.
  void PlaceTimestamps(const Slice& timestamps, uint64_t* box, uint64_t* at);

  const size_t box_bytes_;
  std::vector<Box> boxes_;  // the first box_count_; the others are spare
  size_t box_count_ = 0;
  size_t open_values_ = kNoBox;
  size_t open_timestamps_ = kNoBox;
  size_t column_bytes_ = 0;
  std::vector<BoxHandle> shared_;
  uint64_t shared_columns_ = 0;
  std::unordered_map<Hash128, Place, HashOf> places_;
  std::vector<Hash128> own_;  // columns first seen in the open stripe
};

// The front of a headers box.
struct StripeFront {
  struct Own {
    BoxHandle handle;
    BoxKind kind;
  };
  std::vector<Own> own;  // as they lie
  std::vector<BoxHandle> shared;
  Slice records;  // an entry list
};

// `headers` is where the headers box lies; all boxes end by `boxes_end`.
Status DecodeStripeFront(const Slice& payload, const BoxHandle& headers,
                         uint64_t boxes_end, StripeFront* front);

struct StripeRecord {
  bool split = false;
  Slice opaque;
  Slice header;
  uint64_t timestamps_box = 0;  // as stored: index << 1 | shared
  uint64_t timestamps_at = 0;
  uint64_t timestamps_bytes = 0;
  uint64_t values_box = 0;
  uint64_t values_at = 0;
  uint64_t values_bytes = 0;

  bool shares_timestamps() const { return (timestamps_box & 1) != 0; }
  size_t row_bytes() const {
    return split ? header.size() +
                       static_cast<size_t>(timestamps_bytes + values_bytes)
                 : opaque.size();
  }
};

Status DecodeStripeRecord(const Slice& record, StripeRecord* decoded);

}  // namespace varve
