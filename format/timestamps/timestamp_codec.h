// The timestamp column of one piece: strictly ascending int64 timestamps
// (milliseconds), all but the first, which the caller keeps beside it. Two
// pieces with the same first timestamp and equal columns hold equal
// timestamps, and the column does not depend on the values: a part stores a
// column that many series share once.
//
// Column grammar: encoding:u8 body; empty when count is 1. The numbers are in
// timestamp_format.h and in FORMAT-timestamps.md; they never change.
//
// What is tried: one step; a line through the timestamps (scrapes at a fixed
// rate with jitter, some of them missing); steps; steps between steps. Samples
// of the piece choose. Residuals are packed at a width with exceptions, which
// decodes fastest, or (kCompact, kSmallest) written as Huffman tokens where
// that is smaller. All arithmetic is of integers, modulo 2^64: every strictly
// ascending sequence is exact, and bytes are the same on every machine.
//
// Thread safety: see value_codec.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "format/coding/column_bytes.h"
#include "format/coding/column_cache.h"
#include "format/coding/index_range.h"
#include "format/coding/profile.h"
#include "format/coding/time_range.h"
#include "format/timestamps/timestamp_packing.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

using rocksdb::Slice;
using rocksdb::Status;

class TimestampEncoder {
 public:
  // The level changes the speed, never the bytes.
  explicit TimestampEncoder(CpuLevel level = BestCpuLevel());
  ~TimestampEncoder();
  TimestampEncoder(const TimestampEncoder&) = delete;
  TimestampEncoder& operator=(const TimestampEncoder&) = delete;

  // Appends the column for timestamps[0, count) to *out.
  // REQUIRES: 1 <= count <= kPieceSamplesMax; strictly ascending.
  void Encode(const int64_t* timestamps, size_t count, Profile profile,
              std::string* out);

 private:
  struct Scratch;
  const TimestampKernels& kernels_;
  std::unique_ptr<Scratch> scratch_;  // made at first need
};

// Consecutive timestamps of a piece, which lie in a decoder's memory until its
// next call.
struct TimestampRange : IndexRange {
  const int64_t* timestamps;
};

class TimestampDecoder {
 public:
  explicit TimestampDecoder(CpuLevel level = BestCpuLevel());
  ~TimestampDecoder();
  TimestampDecoder(const TimestampDecoder&) = delete;
  TimestampDecoder& operator=(const TimestampDecoder&) = delete;

  // Decodes exactly `count` timestamps, the first of which is `first`, into
  // timestamps[0, count). On OK they are strictly ascending. Any bytes are
  // safe to pass: Corruption when `column` is not exactly one column of
  // `count` ascending timestamps, NotSupported when its encoding number is
  // not known to this version (written by a newer one).
  // REQUIRES: 1 <= count <= kPieceSamplesMax.
  Status Decode(const Slice& column, int64_t first, size_t count,
                int64_t* timestamps);

  // Finds and decodes those within `times`, none if it is empty: of regular
  // timestamps and packed lines no more than the groups of 256 that hold them.
  // Without any, *range is empty and begins where they would.
  // With a cache, others are opened for the ranges that follow.
  // Errors as Decode's, for what is looked at.
  // REQUIRES: 1 <= count <= kPieceSamplesMax.
  Status DecodeRange(const Slice& column, int64_t first, size_t count,
                     TimeRange times, ColumnCache* cache,
                     TimestampRange* range);

 private:
  struct Scratch;
  enum class Residuals : uint8_t { kPacked, kTokens };
  Status DecodeBody(uint8_t encoding, ColumnBytes body, int64_t first,
                    size_t count, int64_t* timestamps);
  bool DecodeLine(Residuals residuals, ColumnBytes body, int64_t first,
                  size_t count, int64_t* timestamps);
  bool DecodeRangeOfLine(ColumnBytes body, int64_t first, size_t count,
                         TimeRange times, IndexRange* decoded);
  void DecodeRangeOfSteps(uint64_t step, int64_t first, size_t count,
                          TimeRange times, TimestampRange* range);
  bool DecodeRangeOpened(const ColumnCache::Key& key, int64_t first,
                         size_t count, TimeRange times, ColumnCache* cache,
                         TimestampRange* range);
  bool ReadResiduals(Residuals residuals, ColumnBytes bytes, size_t count,
                     uint64_t* values);

  const CpuLevel level_;
  const TimestampKernels& kernels_;
  std::unique_ptr<Scratch> scratch_;  // made at first need
};

// True when the column says that `count` timestamps from `first` on lie one
// step apart, and they fit int64: timestamp i is first + i * *step. In O(1),
// for what merges and thins without expanding. False for a count of 1, for
// other encodings and for bytes that Decode would refuse.
bool ReadConstantStep(const Slice& column, int64_t first, size_t count,
                      uint64_t* step);

}  // namespace varve
