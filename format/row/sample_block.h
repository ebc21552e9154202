// The bytes of one row: a value or a merge operand. Three forms, told apart
// by their first two bytes (FORMAT.md has the boxes):
//
//   A7 01  plain      (timestamp:i64 value:f64)+, little-endian, any order:
//                     what any language can write. A later pair counts as
//                     written later.
//   A7 02  block      header, timestamp column, value column; samples in
//                     strictly ascending time, all of one bucket
//   A7 03  container  a list of entries, oldest first, each the verbatim
//                     bytes of a write: what a merge could not decode, and
//                     the blocks around it; or a row beyond one block's size
//
// A7 and any other second byte is a form of a newer version; other bytes are
// foreign. Nobody but this room reads a block's bytes:
// compaction/thinned_decode decodes the columns of pieces that block_pieces.h
// found, and part_stripe.h takes blocks apart by what PeekBlock says. Bytes
// only: no clock, no policy.
//
// Everything here accepts any bytes: reads stay within the slice, memory is
// bounded by what the checked header claims, errors are Statuses: Corruption
// for bytes no version writes, NotSupported for a newer version's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/coding/column_cache.h"
#include "format/coding/profile.h"
#include "format/row/sample_run.h"
#include "format/timestamps/timestamp_codec.h"
#include "format/values/value_codec.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"
#include "varve/row_shape.h"

namespace varve {

// On disk: the second byte of a block. Numbers never change.
enum class BlockForm : uint8_t { kPlain = 1, kBlock = 2, kContainer = 3 };

inline constexpr unsigned char kBlockMagic = 0xA7;
inline constexpr size_t kBlockTagBytes = 2;
inline constexpr size_t kPlainSampleBytes = 16;
inline constexpr size_t kBlockSamplesMax = size_t{1} << 24;
inline constexpr size_t kThinnedIntervalsMax = 9;  // tiers and dedup

// A fact about a block: every window of `interval_ms` that ends at or before
// `up_to_ms` holds at most one of its samples.
struct ThinnedInterval {
  int64_t interval_ms = 0;  // > 0, divides the bucket's width
  int64_t up_to_ms = 0;     // a window's end within the bucket, or its end

  bool operator==(const ThinnedInterval& other) const {
    return interval_ms == other.interval_ms && up_to_ms == other.up_to_ms;
  }
};

// What the front of a row's bytes says without decoding a column.
struct BlockHeader {
  BlockForm form = BlockForm::kBlock;

  // kPlain and kBlock:
  size_t sample_count = 0;         // kPlain: repeated timestamps counted each
  int64_t first_timestamp_ms = 0;  // smallest and largest; 0 when count is 0
  int64_t last_timestamp_ms = 0;

  // kBlock only:
  RowShape shape;
  int64_t bucket_start_ms = 0;
  // Finest first, each later one up to less. What PeekBlock leaves behind the
  // first thinned_count is anything.
  size_t thinned_count = 0;
  ThinnedInterval thinned[kThinnedIntervalsMax];
  bool repeats_interval = false;  // an early build's: FORMAT.md, Versions
  bool counted_pieces = false;    // else of kPieceSamplesMax, but the last
  size_t header_bytes = 0;        // the header's own bytes, tag included
  size_t timestamp_bytes = 0;     // the columns lie behind it, in this order
  size_t value_bytes = 0;

  // kContainer only:
  size_t entry_count = 0;
};

// Reads and checks the header (of a plain block: all timestamps; of a
// container: its entries' sizes).
Status PeekBlock(const Slice& block, BlockHeader* header);

// What a block is encoded with, besides its samples.
struct BlockSpec {
  RowShape shape;
  int64_t bucket_start_ms = 0;
  Profile profile = Profile::kFast;
  size_t thinned_count = 0;  // as in BlockHeader; what is not so is left out
  ThinnedInterval thinned[kThinnedIntervalsMax];
};

// One of the pieces that a block's columns are cut into; see block_pieces.h.
struct BlockPiece {
  Slice timestamp_column;
  Slice value_column;
  size_t count = 0;
  int64_t first_ms = 0;
  int64_t limit_ms = 0;     // its last timestamp is at most this
  bool ends_block = false;  // then its last timestamp is limit_ms
};

// See block_header.h.
struct BlockContent;

// Appends a block to *out. Keeps scratch memory: one thread at a time.
class BlockEncoder {
 public:
  // The same samples, spec and profile give the same bytes.
  // REQUIRES: count <= kBlockSamplesMax; timestamps strictly ascending and
  // all within the bucket of spec.
  void Encode(const BlockSpec& spec, const int64_t* timestamps,
              const uint64_t* value_bits, size_t count, std::string* out);

  // The same with `pieces` before the samples: their columns are taken over
  // as they are, so that bytes depend on where they come from.
  // REQUIRES: piece_count >= 1; at most kBlockSamplesMax samples in all; the
  // pieces ascend in time (each one's limit_ms before the next one's first),
  // the samples behind them; without samples the last piece ends its block.
  void Join(const BlockSpec& spec, const BlockPiece* pieces, size_t piece_count,
            const int64_t* timestamps, const uint64_t* value_bits, size_t count,
            std::string* out);

 private:
  enum class Directory : uint8_t { kNone, kSizes, kCounts };
  void Clear();
  BlockPiece EncodePiece(Profile profile, const int64_t* timestamps,
                         const uint64_t* value_bits, size_t count);
  void AppendPiece(const BlockPiece& piece, Directory directory);
  void EncodePieces(Profile profile, Directory directory,
                    const int64_t* timestamps, const uint64_t* value_bits,
                    size_t count);
  void Finish(const BlockSpec& spec, BlockContent content, std::string* out);

  TimestampEncoder timestamp_encoder_;
  ValueEncoder value_encoder_;
  // Directories, and the columns that they list.
  std::string timestamp_directory_;
  std::string value_directory_;
  std::string timestamp_pieces_;
  std::string value_pieces_;
  std::string timestamp_column_;  // of one piece
  std::string value_column_;
  size_t listed_ = 0;
  int64_t listed_first_ms_ = 0;  // of the last piece that was listed
};

// Appends the two-byte tag and the pairs of a plain block.
// REQUIRES: count >= 1 (a plain block without pairs is Corruption).
void AppendPlainBlock(const int64_t* timestamps, const uint64_t* value_bits,
                      size_t count, std::string* out);

// Decodes plain blocks and blocks; a container's entries are the caller's to
// walk. Keeps scratch memory: one thread at a time.
class BlockDecoder {
 public:
  // Appends all samples to *run, in the order in which they lie in the block
  // (ascending for a block, as written for a plain one). On an error *run is
  // as before.
  Status Decode(const Slice& block, SampleRun* run);

  // The same for the samples with from <= timestamp <= to, decoding only the
  // pieces that may hold some, and of those what their encodings need for it
  // (see the column codecs). What is not looked at may be damaged.
  Status DecodeRange(const Slice& block, int64_t from_ms, int64_t to_ms,
                     SampleRun* run);

  // The same with a header that PeekBlock has read off this block.
  Status DecodeRange(const Slice& block, const BlockHeader& header,
                     int64_t from_ms, int64_t to_ms, SampleRun* run);

  // The value at header.last_timestamp_ms (of a plain block, the last one
  // written): from one piece, and mostly from a few bytes of its column.
  // REQUIRES: `header` is PeekBlock's, with a sample; no container.
  Status DecodeLast(const Slice& block, const BlockHeader& header,
                    uint64_t* value_bits);

  // Ranges within a piece look here first from now on, and leave what they
  // open; nullptr for none, as at first. The cache must outlive its use.
  void UseCache(ColumnCache* cache) { cache_ = cache; }

  // Appends the samples of one piece (see block_pieces.h).
  Status DecodePiece(const BlockPiece& piece, SampleRun* run);

 private:
  Status DecodeSingle(const Slice& value_column, int64_t timestamp_ms,
                      SampleRun* run);
  Status DecodePieces(const Slice& block, const BlockHeader& header,
                      int64_t from_ms, int64_t to_ms, SampleRun* run);
  Status DecodePiece(const BlockPiece& piece, int64_t from_ms, int64_t to_ms,
                     SampleRun* run);
  Status DecodePart(const BlockPiece& piece, int64_t from_ms, int64_t to_ms,
                    SampleRun* run);

  TimestampDecoder timestamp_decoder_;
  ValueDecoder value_decoder_;
  ColumnCache* cache_ = nullptr;
  std::vector<BlockPiece> pieces_;
  BlockHeader header_;  // kept, since clearing it costs more than peeking
};

// Builds a container entry by entry.
class ContainerWriter {
 public:
  void Add(const Slice& entry);
  size_t entry_count() const { return entry_count_; }
  // Appends the container; the writer is then empty.
  void Finish(std::string* out);

 private:
  std::string entries_;
  size_t entry_count_ = 0;
};

// Walks the entries of a container that PeekBlock accepted.
class ContainerReader {
 public:
  explicit ContainerReader(const Slice& container);
  // False after the last entry.
  bool Next(Slice* entry);

 private:
  Slice rest_;
};

}  // namespace varve
