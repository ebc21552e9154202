// What a file of samples holds, told without reading data: user properties
// that the properties collector writes into every SST file, whatever its
// table format. All values are text.
//
//   varve.version        1
//   varve.shape          bucket=1d;partition=month;window=floor
//   varve.now_ms         the clock when the file was finished: nothing in it
//                        was thinned or dropped by a later one
//   varve.rows           values and operands of row keys, each version counted
//   varve.samples        in them; a timestamp written twice counts twice
//   varve.tombstones     deletions of single keys
//   varve.range_tombstones
//   varve.foreign_rows   values and operands that are not samples of their
//                        row: foreign key or value, newer version, blob
//   varve.foreign_tombstones  deletions of single keys that are no row's
//   varve.range_last_ms  the last timestamp that the bucket of any row under
//                        a range tombstone can hold; absent without them
//   varve.aged           INTERVAL@UP_TO,...: the windows that the ageing job
//                        which wrote the file asked for, in ms, and with 0 the
//                        rows that it wanted removed (ageing_mark.h); absent
//                        in other files
//   varve.timestamps_ms  first,last; absent without samples
//   varve.bucket_last_ms the last timestamp that the bucket of any row or
//                        tombstone can hold; absent without row keys. Says
//                        nothing of range tombstones and foreign rows.
//   varve.resolution.raw, varve.resolution.5m, ...
//                        samples=12,bytes=345,bins=START+WIDTH:n,n,...
//
// A block's samples count for the coarsest interval that it has been thinned
// to, raw without one; a block thinned in part is split by an estimate: as
// many samples as the part has windows. Bytes are those of key and value
// before compression. Bins count samples by their bucket's start: at most
// kHistogramBinsMax of WIDTH ms each (a multiple of the bucket), from START.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compaction/ageing_mark.h"
#include "rocksdb/status.h"
#include "rocksdb/table_properties.h"
#include "varve/row_shape.h"

namespace varve {

using rocksdb::Status;

inline constexpr size_t kHistogramBinsMax = 64;

// Longer than any interval a file's label may list: tiers and dedup.
inline constexpr size_t kAgedReachesMax = kTiersMax + 2;

// The range_last_ms of a span without an end.
inline constexpr int64_t kRangeLastMaxMs =
    kTimestampMax + 2 * kBucketWidthMaxMs;

struct ResolutionProperties {
  int64_t interval_ms = 0;  // 0: raw
  uint64_t samples = 0;
  uint64_t bytes = 0;
  int64_t bins_start_ms = 0;
  int64_t bin_width_ms = 0;
  std::vector<uint64_t> bins;
};

struct SampleProperties {
  RowShape shape;
  int64_t now_ms = 0;
  uint64_t rows = 0;
  uint64_t samples = 0;
  uint64_t tombstones = 0;
  uint64_t range_tombstones = 0;
  uint64_t foreign_rows = 0;
  uint64_t foreign_tombstones = 0;
  int64_t range_last_ms = 0;  // only with range tombstones
  std::vector<AgedReach> aged;
  int64_t first_timestamp_ms = 0;  // both 0 without samples
  int64_t last_timestamp_ms = 0;
  bool has_row_keys = false;
  int64_t bucket_last_ms = 0;                     // only with row keys
  std::vector<ResolutionProperties> resolutions;  // finest first

  void AppendTo(rocksdb::UserCollectedProperties* properties) const;
};

// NotFound without Varve's properties, NotSupported for those of a newer
// version, Corruption for what no version writes.
Status ParseSampleProperties(const rocksdb::UserCollectedProperties& properties,
                             SampleProperties* result);

}  // namespace varve
