// Merges the writes of one row: what the merge operator does, without
// RocksDB's classes.
//
// Entries are the row's blocks from the oldest to the newest write, each in
// any form (sample_block.h). The result holds the same View at every time
// not before `now_ms` + safety_lag of the policy, and the policy has been
// applied to it. A merge never fails: entries that cannot be decoded, or that
// hold samples outside the row's bucket, are kept verbatim and in order in a
// container, around which the decodable runs are merged apart.
//
// Law: Merge(Merge(a, b), c) and Merge(a, Merge(b, c)) hold the same samples
// as Merge(a, b, c).
// Not thread-safe: keeps scratch memory, one RowMerger a thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compaction/counters.h"
#include "compaction/policy.h"
#include "compaction/sample_merge.h"
#include "format/row_key.h"
#include "format/sample_block.h"
#include "format/sample_run.h"

namespace varve {

class RowMerger {
 public:
  // REQUIRES: entry_count >= 1. `now_ms` is the clock's; the policy's
  // safety_lag is taken off here. Either sets *unchanged to the entry that
  // already is the result (*out is then untouched) or replaces *out and
  // clears *unchanged. `entries` must not point into *out.
  void Merge(const Policy& policy, int64_t now_ms, const Slice& key,
             const Slice* entries, size_t entry_count, Profile profile,
             std::string* out, Slice* unchanged, Counters* counters);
};

}  // namespace varve
