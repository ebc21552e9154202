// See view.h. Each law is a step; none is clever.
#include "compaction/view.h"

#include <utility>

namespace varve {
namespace {

// The window of `interval_ms` that holds t, by its end.
int64_t WindowEnd(WindowRule rule, int64_t t, int64_t interval_ms) {
  if (rule == WindowRule::kFloor) return (t / interval_ms + 1) * interval_ms;
  return (t + interval_ms - 1) / interval_ms * interval_ms;
}

// The interval that applies to a sample at t, 0 for none: that of the
// coarsest tier whose window lies in the past by its offset, else dedup's.
int64_t IntervalAt(const Policy& policy, int64_t t, int64_t now_ms) {
  int64_t coarsest = policy.dedup_interval_ms;
  for (const Tier& tier : policy.tiers) {
    const int64_t end = WindowEnd(policy.shape.window, t, tier.interval_ms);
    if (end <= now_ms - tier.offset_ms && tier.interval_ms > coarsest) {
      coarsest = tier.interval_ms;
    }
  }
  return coarsest;
}

}  // namespace

std::map<int64_t, uint64_t> View(const std::vector<SampleWrite>& writes,
                                 const Policy& policy, int64_t now_ms) {
  // 1. Last write wins.
  std::map<int64_t, uint64_t> samples;
  for (const SampleWrite& write : writes) {
    samples[write.timestamp_ms] = write.value_bits;
  }
  // 2 and 3. Dedup and downsampling: the last sample of each window. Later
  // timestamps come later and replace.
  std::map<std::pair<int64_t, int64_t>, int64_t> last_of_window;
  std::map<int64_t, uint64_t> view;
  for (const auto& [t, bits] : samples) {
    const int64_t interval = IntervalAt(policy, t, now_ms);
    if (interval > 0) {
      const auto window =
          std::make_pair(interval, WindowEnd(policy.shape.window, t, interval));
      const auto found = last_of_window.find(window);
      if (found != last_of_window.end()) view.erase(found->second);
      last_of_window[window] = t;
    }
    view[t] = bits;
  }
  // 4. Retention.
  if (policy.retention_ms > 0) {
    view.erase(view.begin(), view.lower_bound(now_ms - policy.retention_ms));
  }
  return view;
}

}  // namespace varve
