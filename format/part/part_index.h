// The index of a part: leaves that lead to its boxes of rows, and the root
// that leads to the leaves and to the filter's shards. A reader holds the
// root; leaves and shards load when first needed.
//
//   leaf := flags:u8 entry list of (separator -> handle of a rows box)
//   root  := flags:u8 rows_end:varint
//            filter_flags:u8 probe_count:u8 shard_count:varint
//            lines_per_shard:varint handle{shard_count}
//            entry list of (last separator of a leaf -> handle of the leaf)
//
// A separator is at or after the last key of its box and before the first of
// the next. Bit 0 of flags: separators are internal keys; without it, user
// keys, which suffices where no user key spans two boxes. Bytes only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/part/entry_list.h"
#include "format/part/part_file.h"
#include "format/part/part_filter.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

// On disk: bits never change their meaning.
inline constexpr uint8_t kFilterWholeKeys = 1;
inline constexpr uint8_t kFilterRowPrefixes = 2;
inline constexpr uint8_t kFilterExtractorPrefixes = 4;

// Collects separators as internal keys and writes them without their last 8
// bytes where no user key spans two boxes.
class IndexLeafBuilder {
 public:
  // needs_sequence: the next box begins with the same user key.
  void Add(const Slice& separator, bool needs_sequence,
           const BoxHandle& handle);
  bool empty() const { return entries_.empty(); }
  // About what Finish gives.
  size_t CurrentBytes() const { return bytes_; }
  const std::string& last_separator() const { return entries_.back().first; }
  // The last separator itself needs its sequence.
  bool last_needs_sequence() const { return last_needs_sequence_; }
  // Fills *list, which is empty, and empties the builder.
  void Finish(uint8_t* flags, EntryListBuilder* list);

 private:
  std::vector<std::pair<std::string, BoxHandle>> entries_;
  bool needs_sequence_ = false;
  bool last_needs_sequence_ = false;
  size_t bytes_ = 0;
};

// `payload` is a leaf: its flag and its list of entries.
Status SplitIndexLeaf(const Slice& payload, bool* internal_keys,
                      Slice* entries);

struct PartRoot {
  struct Leaf {
    Slice separator;  // into the payload
    BoxHandle handle;
  };

  bool internal_keys = false;
  uint64_t rows_end = 0;  // where the boxes of rows end
  uint8_t filter_flags = 0;
  FilterShape filter;
  std::vector<BoxHandle> filter_shards;
  std::vector<Leaf> leaves;
};

// What comes before the list of leaves.
void AppendRootFront(const PartRoot& root, std::string* out);

// `payload` outlives *root; boxes lie in the first boxes_end bytes of the
// file.
Status DecodeRoot(const Slice& payload, uint64_t boxes_end, PartRoot* root);

}  // namespace varve
