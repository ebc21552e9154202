// Writing the front of a block; reading it is PeekBlock in sample_block.h.
//
//   A7 02 flags:u8 bucket_width_s:varint bucket_index:zigzag
//   [count:varint]              absent when flags say: one sample
//   [first_offset:varint]       from the bucket's first ms; absent when empty
//   [span:varint timestamp_bytes:varint]      two samples or more
//   [thinned_count:varint (interval_ms:varint windows:varint)+]
#pragma once

#include <cstddef>
#include <cstdint>

#include "format/coding/varint.h"
#include "format/row/sample_block.h"

namespace varve {

// No header is longer than this.
inline constexpr size_t kBlockHeaderBytesMax =
    3 + (6 + 1 + 2 * kThinnedIntervalsMax) * kVarint64Bytes;

// How many samples a block's pieces have.
enum class PieceSizes : uint8_t {
  kFull,    // kPieceSamplesMax, but for the last
  kListed,  // what the directory of timestamps says
};

// What a header says of the samples behind it.
struct BlockContent {
  size_t count = 0;
  int64_t first_ms = 0;  // of 0 samples, anything
  int64_t last_ms = 0;
  size_t timestamp_bytes = 0;  // of the column
  PieceSizes piece_sizes = PieceSizes::kFull;
};

// Reads the header of a block of one sample that was not thinned, quickly.
// False for any other bytes, good ones and bad: PeekBlock tells.
bool PeekSingle(const Slice& block, int64_t* timestamp_ms,
                size_t* header_bytes);

// Writes the header at p and returns the byte after it.
// REQUIRES: room for kBlockHeaderBytesMax; all samples in the bucket of spec;
// two or more of them with PieceSizes::kListed.
// Of spec.thinned it lists what PeekBlock takes, and leaves out the rest: no
// header is written that PeekBlock refuses.
char* EncodeBlockHeader(const BlockSpec& spec, const BlockContent& content,
                        char* p);

}  // namespace varve
