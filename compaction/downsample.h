// Downsampling, dedup and retention of one row as pure functions: what the
// policy asks of a bucket at a time, and doing it.
//
// A tier offset:interval asks of every window that ends at or before
// at - offset that only its sample with the largest timestamp stays; the
// coarsest tier that asks applies. Since intervals divide each other, that
// cuts a bucket into stretches, coarsest first, each thinned to one interval;
// dedup_interval covers what is left. Retention drops the samples before
// at - retention.
// Law: Thin at `a`, then at `b` >= a, equals Thin at `b`; samples may be
// added in between (they merge, last write wins) and nothing differs.
// Pure: no clock, no I/O; `at` is the caller's: a reader's exact now, or now
// less the safety lag for what is done on disk.
#pragma once

#include <cstddef>
#include <cstdint>

#include "format/row/sample_block.h"
#include "format/row/sample_run.h"
#include "varve/policy.h"

namespace varve {

// What a policy asks of one bucket at one time.
struct Thinning {
  // Ascending by up_to, descending by interval; each stretch begins where the
  // one before it ends. Window ends are `<= up_to`. The last two have one
  // interval where dedup_interval is the finest tier's.
  size_t stretch_count = 0;
  ThinnedInterval stretches[kThinnedIntervalsMax];
  size_t tier_stretches = 0;  // of these, the first so many come from tiers
  int64_t expire_before_ms = INT64_MIN;  // samples before this are gone

  bool empty() const {
    return stretch_count == 0 && expire_before_ms == INT64_MIN;
  }
};

// REQUIRES: at_ms >= -kDurationMaxMs, here and in RowExpired.
Thinning ThinningAt(const Policy& policy, int64_t at_ms,
                    int64_t bucket_start_ms);

// Whether a block's header shows that Thin would leave it as it is, and that
// it says so for every stretch that `thinning` asks for.
bool IsThinned(const BlockHeader& header, const Thinning& thinning);

// Thinned intervals as a block's header holds them, after Thin: finest first,
// each once.
void DescribeThinning(const Thinning& thinning, BlockSpec* spec);

struct ThinCounts {
  size_t expired = 0;
  size_t downsampled = 0;
  size_t deduplicated = 0;
};

// Applies `thinning` in place to samples of its bucket in strictly ascending
// time.
void Thin(const Thinning& thinning, WindowRule window, SampleRun* run,
          ThinCounts* counts);

// Whether every sample that the bucket can hold has expired at `at_ms`.
bool RowExpired(const Policy& policy, int64_t at_ms, int64_t bucket_start_ms);

}  // namespace varve
