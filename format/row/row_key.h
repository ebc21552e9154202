// The key of a row:
//
//   [partition:i32] series-escaped 00 01 bucket_start:i64
//
// partition    first day of the partition since 1970-01-01, big-endian with
//              the sign bit flipped; absent with Partition::kNone
// series       1 to kSeriesBytesMax bytes, every 00 written as 00 FF
// bucket_start milliseconds, big-endian with the sign bit flipped
//
// Keys sort by partition, then series, then time, and a prefix that ends with
// the series' terminator holds the rows of that series alone. Any other bytes
// are a foreign key. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "rocksdb/slice.h"
#include "rocksdb/status.h"
#include "varve/row_shape.h"

namespace varve {

using rocksdb::Slice;
using rocksdb::Status;

inline constexpr size_t kPartitionBytes = 4;
inline constexpr size_t kTerminatorBytes = 2;
inline constexpr size_t kBucketBytes = 8;

// OK, or InvalidArgument for an empty or oversized series.
Status CheckSeries(const Slice& series);

// Appends the prefix common to all rows of `series` in one partition. The
// partition is ignored with Partition::kNone.
// REQUIRES: CheckSeries(series).ok().
void AppendSeriesPrefix(const RowShape& shape, int32_t partition_day,
                        const Slice& series, std::string* key);

// Appends a whole row key.
// REQUIRES: CheckSeries(series).ok() and shape.IsBucketStart(bucket_start_ms).
void AppendRowKey(const RowShape& shape, const Slice& series,
                  int64_t bucket_start_ms, std::string* key);

// Replaces the bucket of a row key, or appends it to a series prefix, whose
// length is `prefix_bytes`.
void SetRowKeyBucket(size_t prefix_bytes, int64_t bucket_start_ms,
                     std::string* key);

// The partition as the first kPartitionBytes of a key.
void AppendPartition(int32_t partition_day, std::string* key);

struct ParsedRowKey {
  int32_t partition_day = 0;
  int64_t bucket_start_ms = 0;
  Slice series_escaped;     // points into the key; without its terminator
  size_t prefix_bytes = 0;  // partition, series and terminator

  std::string series() const;
};

// False for a foreign key: cut short, a stray or missing terminator, a series
// that CheckSeries refuses, a bucket that is not aligned, or a partition that
// is not the bucket's.
bool ParseRowKey(const RowShape& shape, const Slice& key, ParsedRowKey* parsed);

}  // namespace varve
