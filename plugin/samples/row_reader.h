// From the bytes of one row to what a reader sees of it: View(now) of the
// asked range, decoding no piece that lies outside it.
//
// A sample shows when it is the last of its window, so a range is read up to
// the end of the window that holds its last timestamp: see ReadUpTo.
// Pure but for the scratch memory, which is worth keeping from read to read:
// one thread at a time. See row_cursor.h for where the bytes come from.
#pragma once

#include <cstdint>

#include "compaction/downsample.h"
#include "compaction/sample_merge.h"
#include "format/coding/time_range.h"
#include "format/row/row_key.h"
#include "format/row/sample_block.h"
#include "format/row/sample_run.h"
#include "varve/policy.h"

namespace varve {

// What is left of `asked` at `now_ms`: valid timestamps within retention.
TimeRange VisibleRange(const Policy& policy, int64_t now_ms,
                       const TimeRange& asked);

// The last timestamp that decides whether a sample at `timestamp_ms` shows at
// `now_ms`: at least that, and in the same bucket.
int64_t ReadUpTo(const Policy& policy, int64_t now_ms, int64_t timestamp_ms);

class RowReader {
 public:
  // Replaces *run by what of the row's samples shows at `now_ms` within
  // `range`, which VisibleRange has returned. Corruption or NotSupported
  // names the row and what of it cannot be read.
  Status Read(const Policy& policy, int64_t now_ms, const ParsedRowKey& row,
              const Slice& value, const TimeRange& range, SampleRun* run);

  // The same for the newest of these samples alone: *run holds one or none.
  // Where the row ends within the range, decodes but its last value.
  Status ReadLast(const Policy& policy, int64_t now_ms, const ParsedRowKey& row,
                  const Slice& value, const TimeRange& range, SampleRun* run);

  // See BlockDecoder::UseCache.
  void UseCache(ColumnCache* cache) { decoder_.UseCache(cache); }

  // Samples that the scratch memory has room for.
  size_t scratch_samples() const { return scratch_.spare.capacity(); }

 private:
  // Appends the samples within `range` of all entries in write order.
  Status Collect(const RowShape& shape, const ParsedRowKey& row,
                 const Slice& value, const TimeRange& range, SampleRun* run);

  BlockDecoder decoder_;
  MergeScratch scratch_;
};

// Bytes for a message: printable ASCII as it is, other bytes as \xHH, at most
// 64 bytes of them.
std::string PrintableSeries(const Slice& series);

}  // namespace varve
