// The index of a part: pieces that lead to its boxes of rows, and the root
// that leads to the pieces and to the filter's shards. A reader holds the
// root; pieces and shards load when first needed.
//
//   piece := flags:u8 block of (separator -> handle of a rows box)
//   root  := flags:u8 rows_end:varint
//            filter_flags:u8 probe_count:u8 shard_count:varint
//            lines_per_shard:varint handle{shard_count}
//            block of (last separator of a piece -> handle of the piece)
//
// A separator is at or after the last key of its box and before the first of
// the next. Bit 0 of flags: separators are internal keys; without it, user
// keys, which suffices where no user key spans two boxes. Bytes only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/part/part_block.h"
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
class IndexPieceBuilder {
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
  // Fills *block, which is empty, and empties the builder.
  void Finish(uint8_t* flags, BlockBuilder* block);

 private:
  std::vector<std::pair<std::string, BoxHandle>> entries_;
  bool needs_sequence_ = false;
  bool last_needs_sequence_ = false;
  size_t bytes_ = 0;
};

// `payload` is a piece: its flag and its block.
Status SplitIndexPiece(const Slice& payload, bool* internal_keys, Slice* block);

struct PartRoot {
  struct Piece {
    Slice separator;  // into the payload
    BoxHandle handle;
  };

  bool internal_keys = false;
  uint64_t rows_end = 0;  // where the boxes of rows end
  uint8_t filter_flags = 0;
  FilterShape filter;
  std::vector<BoxHandle> filter_shards;
  std::vector<Piece> pieces;
};

// What comes before the block of pieces.
void AppendRootFront(const PartRoot& root, std::string* out);

// `payload` outlives *root; boxes lie in the first boxes_end bytes of the
// file.
Status DecodeRoot(const Slice& payload, uint64_t boxes_end, PartRoot* root);

}  // namespace varve
