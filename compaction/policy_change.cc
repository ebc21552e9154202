// See policy_change.h.
#include "compaction/policy_change.h"

#include <algorithm>

namespace varve {
namespace {

// Whether wherever windows of `interval_ms` that ended `age_ms` ago may have
// been thinned, `after` has windows that are unions of them. A coarser window
// around a thinned one may end later, by the difference of the widths: until
// it is complete `after` would show what is gone.
bool Covered(const Policy& after, int64_t interval_ms, int64_t age_ms) {
  if (after.dedup_interval_ms > 0 &&
      after.dedup_interval_ms % interval_ms == 0) {
    return true;
  }
  return std::any_of(
      after.tiers.begin(), after.tiers.end(), [&](const Tier& tier) {
        return tier.interval_ms % interval_ms == 0 &&
               tier.offset_ms + (tier.interval_ms - interval_ms) <= age_ms;
      });
}

}  // namespace

std::vector<std::string> LostByChange(const Policy& before,
                                      const Policy& after) {
  std::vector<std::string> lost;
  if (!before.ageing) return lost;
  const auto thinned = [&](const std::string& rule) {
    lost.push_back("what " + rule +
                   " has thinned stays thinned, although not every window of "
                   "the new policy is a union of that rule's windows");
  };
  if (before.dedup_interval_ms > 0 &&
      !Covered(after, before.dedup_interval_ms, INT64_MIN)) {
    thinned("dedup_interval " + FormatDuration(before.dedup_interval_ms));
  }
  for (const Tier& tier : before.tiers) {
    // Work on disk waits for safety_lag more.
    if (Covered(after, tier.interval_ms,
                tier.offset_ms + before.safety_lag_ms)) {
      continue;
    }
    thinned("the tier " + FormatDuration(tier.offset_ms) + ":" +
            FormatDuration(tier.interval_ms));
  }
  if (before.retention_ms > 0 &&
      (after.retention_ms == 0 ||
       after.retention_ms > before.retention_ms + before.safety_lag_ms)) {
    lost.push_back("what was older than retention_period " +
                   FormatDuration(before.retention_ms) +
                   " is gone or may be, although the new policy keeps it " +
                   (after.retention_ms == 0
                        ? std::string("for ever")
                        : "for " + FormatDuration(after.retention_ms)));
  }
  return lost;
}

}  // namespace varve
