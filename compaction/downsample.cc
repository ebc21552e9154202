// See downsample.h.
#include "compaction/downsample.h"

#include <algorithm>

namespace varve {
namespace {

// Keeps the last sample of each window of `interval` among [begin, end) of
// *run, moving what stays to `kept`; returns the new number kept.
size_t KeepLastOfWindows(const RowShape& shape, int64_t interval_ms,
                         size_t begin, size_t end, size_t kept,
                         SampleRun* run) {
  int64_t* const t = run->timestamps();
  uint64_t* const v = run->value_bits();
  size_t i = begin;
  while (i < end) {
    // Windows are ascending like the samples: divide once a window, then
    // compare.
    const int64_t window_last = shape.WindowLast(t[i], interval_ms);
    while (i + 1 < end && t[i + 1] <= window_last) ++i;
    t[kept] = t[i];
    v[kept] = v[i];
    ++kept;
    ++i;
  }
  return kept;
}

bool Covers(const BlockHeader& header, const ThinnedInterval& asked) {
  for (size_t i = 0; i < header.thinned_count; ++i) {
    const ThinnedInterval& done = header.thinned[i];
    if (done.interval_ms % asked.interval_ms != 0) continue;
    if (done.up_to_ms >= asked.up_to_ms ||
        header.last_timestamp_ms <= header.shape.LastBeforeEnd(done.up_to_ms)) {
      return true;
    }
  }
  return false;
}

}  // namespace

Thinning ThinningAt(const Policy& policy, int64_t at_ms,
                    int64_t bucket_start_ms) {
  Thinning thinning;
  const int64_t bucket_end = bucket_start_ms + policy.shape.bucket_width_ms;
  int64_t reached = bucket_start_ms;
  const auto add = [&](int64_t interval_ms, int64_t up_to_ms) {
    up_to_ms = std::min(up_to_ms, bucket_end);
    if (up_to_ms <= reached) return;
    thinning.stretches[thinning.stretch_count++] = {interval_ms, up_to_ms};
    reached = up_to_ms;
  };
  for (size_t i = policy.tiers.size(); i-- > 0;) {  // coarsest first
    const Tier& tier = policy.tiers[i];
    add(tier.interval_ms, AlignDown(at_ms - tier.offset_ms, tier.interval_ms));
  }
  thinning.tier_stretches = thinning.stretch_count;
  if (policy.dedup_interval_ms > 0) add(policy.dedup_interval_ms, bucket_end);
  if (policy.retention_ms > 0) {
    thinning.expire_before_ms = at_ms - policy.retention_ms;
  }
  return thinning;
}

bool IsThinned(const BlockHeader& header, const Thinning& thinning) {
  if (header.form != BlockForm::kBlock) return false;
  if (header.sample_count == 0) return true;
  if (header.first_timestamp_ms < thinning.expire_before_ms) return false;
  int64_t reached = INT64_MIN;
  for (size_t i = 0; i < thinning.stretch_count; ++i) {
    const ThinnedInterval& asked = thinning.stretches[i];
    const RowShape& shape = header.shape;
    const bool touched =
        header.first_timestamp_ms <= shape.LastBeforeEnd(asked.up_to_ms) &&
        (reached == INT64_MIN ||
         header.last_timestamp_ms > shape.LastBeforeEnd(reached));
    if (touched && !Covers(header, asked)) return false;
    reached = asked.up_to_ms;
  }
  return true;
}

void DescribeThinning(const Thinning& thinning, BlockSpec* spec) {
  spec->thinned_count = 0;
  for (size_t i = thinning.stretch_count; i-- > 0;) {
    const ThinnedInterval& stretch = thinning.stretches[i];
    // dedup_interval may be the finest tier's interval: it reaches further.
    if (spec->thinned_count > 0 &&
        spec->thinned[spec->thinned_count - 1].interval_ms ==
            stretch.interval_ms) {
      continue;
    }
    spec->thinned[spec->thinned_count++] = stretch;
  }
}

void Thin(const Thinning& thinning, WindowRule window, SampleRun* run,
          ThinCounts* counts) {
  if (run->empty() || thinning.empty()) return;
  RowShape shape;
  shape.window = window;
  const int64_t* const t = run->timestamps();
  const size_t size = run->size();
  size_t begin = static_cast<size_t>(
      std::lower_bound(t, t + size, thinning.expire_before_ms) - t);
  counts->expired += begin;
  size_t kept = 0;
  for (size_t i = 0; i < thinning.stretch_count; ++i) {
    const ThinnedInterval& stretch = thinning.stretches[i];
    const auto end = static_cast<size_t>(
        std::upper_bound(t + begin, t + size,
                         shape.LastBeforeEnd(stretch.up_to_ms)) -
        t);
    const size_t before = kept;
    kept = KeepLastOfWindows(shape, stretch.interval_ms, begin, end, kept, run);
    const size_t dropped = (end - begin) - (kept - before);
    (i < thinning.tier_stretches ? counts->downsampled
                                 : counts->deduplicated) += dropped;
    begin = end;
  }
  if (kept < begin) {
    std::memmove(run->timestamps() + kept, t + begin,
                 (size - begin) * sizeof(int64_t));
    std::memmove(run->value_bits() + kept, run->value_bits() + begin,
                 (size - begin) * sizeof(uint64_t));
  }
  run->Resize(kept + (size - begin));
}

bool RowExpired(const Policy& policy, int64_t at_ms, int64_t bucket_start_ms) {
  return policy.retention_ms > 0 &&
         policy.shape.BucketLast(bucket_start_ms) < at_ms - policy.retention_ms;
}

}  // namespace varve
