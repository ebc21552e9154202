// How a column family cuts time into rows: bucket, partition, window. Fixed
// when the column family is created, recorded in every block's header and in
// the parts' properties. Arithmetic only; see row_key.h for the key's bytes.
//
// Buckets are aligned to the epoch. With WindowRule::kFloor a bucket of width
// W holds the timestamps [start, start + W); with kCeil (start, start + W]:
// windows follow the same rule, so that none crosses a row.
#pragma once

#include <cstddef>
#include <cstdint>

#include "varve/export.h"

namespace varve {

inline constexpr size_t kSeriesBytesMax = 32 * 1024;

// Milliseconds since 1970-01-01T00:00:00Z, up to 9999-12-31T23:59:59.999Z.
inline constexpr int64_t kTimestampMin = 0;
inline constexpr int64_t kTimestampMax = 253402300799999;

inline constexpr int64_t kMillisPerSecond = 1000;
inline constexpr int64_t kMillisPerHour = 3600 * kMillisPerSecond;
inline constexpr int64_t kMillisPerDay = 24 * kMillisPerHour;
inline constexpr int64_t kBucketWidthMaxMs = 366 * kMillisPerDay;

// On disk (block header, properties). Numbers never change.
enum class Partition : uint8_t { kNone = 0, kDay = 1, kWeek = 2, kMonth = 3 };
enum class WindowRule : uint8_t { kFloor = 0, kCeil = 1 };

// The largest multiple of width (> 0) that is not above t; t may be negative.
inline int64_t AlignDown(int64_t t, int64_t width) {
  const int64_t rest = t % width;
  return t - (rest < 0 ? rest + width : rest);
}

struct RowShape {
  int64_t bucket_width_ms = kMillisPerDay;  // a multiple of a second
  Partition partition = Partition::kMonth;
  WindowRule window = WindowRule::kFloor;

  bool operator==(const RowShape& other) const {
    return bucket_width_ms == other.bucket_width_ms &&
           partition == other.partition && window == other.window;
  }
  bool operator!=(const RowShape& other) const { return !(*this == other); }

  // The start (as row keys hold it) of the window of `width` that holds
  // `timestamp_ms`, and that of its bucket.
  int64_t WindowStart(int64_t timestamp_ms, int64_t width) const {
    return AlignDown(timestamp_ms - (window == WindowRule::kCeil ? 1 : 0),
                     width);
  }
  int64_t BucketStart(int64_t timestamp_ms) const {
    return WindowStart(timestamp_ms, bucket_width_ms);
  }

  // First and last timestamp that the bucket starting at `bucket_start_ms`
  // can hold, valid timestamps or not.
  int64_t BucketFirst(int64_t bucket_start_ms) const {
    return bucket_start_ms + (window == WindowRule::kCeil ? 1 : 0);
  }
  int64_t BucketLast(int64_t bucket_start_ms) const {
    return BucketFirst(bucket_start_ms) + bucket_width_ms - 1;
  }

  // The last timestamp of a window or bucket that ends at `end_ms`, and of the
  // window of `width` that holds `timestamp_ms`.
  int64_t LastBeforeEnd(int64_t end_ms) const {
    return end_ms - (window == WindowRule::kCeil ? 0 : 1);
  }
  int64_t WindowLast(int64_t timestamp_ms, int64_t width) const {
    return LastBeforeEnd(WindowStart(timestamp_ms, width) + width);
  }

  // Whether a row may start here: aligned, and some valid timestamp in it.
  bool IsBucketStart(int64_t bucket_start_ms) const {
    return HoldsValidTime(bucket_start_ms) &&
           bucket_start_ms % bucket_width_ms == 0;
  }
  bool HoldsValidTime(int64_t bucket_start_ms) const {
    return bucket_start_ms >= -kBucketWidthMaxMs &&
           bucket_start_ms <= kTimestampMax &&
           BucketLast(bucket_start_ms) >= kTimestampMin &&
           BucketFirst(bucket_start_ms) <= kTimestampMax;
  }
};

// The partition that holds `timestamp_ms`, as its first day counted from
// 1970-01-01; 0 with Partition::kNone. Weeks start on Thursday (k * 7 days
// since 1970), months on their first day, in UTC.
VARVE_EXPORT int32_t PartitionDay(Partition partition, int64_t timestamp_ms);

// First day of the partition after the one that starts at `partition_day`.
// REQUIRES: partition is not kNone.
VARVE_EXPORT int32_t NextPartitionDay(Partition partition,
                                      int32_t partition_day);

// As a policy's text form has them: "none", "day", "week", "month"; "floor",
// "ceil".
VARVE_EXPORT const char* PartitionName(Partition partition);
VARVE_EXPORT const char* WindowRuleName(WindowRule window);

}  // namespace varve
