// The timestamp column of one piece: strictly ascending int64 timestamps
// (milliseconds), all but the first, which the caller keeps beside it. Two
// pieces with the same first timestamp and equal columns hold equal
// timestamps, and the column does not depend on the values: a part stores a
// column that many series share once.
//
// Column grammar: encoding:u8 body; empty when count is 1. The numbers are in
// timestamp_codec.cc and in FORMAT.md; they never change.
//
// Thread safety: see value_codec.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "format/profile.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

using rocksdb::Slice;
using rocksdb::Status;

class TimestampEncoder {
 public:
  TimestampEncoder();
  ~TimestampEncoder();
  TimestampEncoder(const TimestampEncoder&) = delete;
  TimestampEncoder& operator=(const TimestampEncoder&) = delete;

  // Appends the column for timestamps[0, count) to *out.
  // REQUIRES: 1 <= count <= kPieceSamplesMax; strictly ascending; the last
  // minus the first fits an int64.
  void Encode(const int64_t* timestamps, size_t count, Profile profile,
              std::string* out);

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;  // made at first need
};

class TimestampDecoder {
 public:
  TimestampDecoder();
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

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;  // made at first need
};

}  // namespace varve
