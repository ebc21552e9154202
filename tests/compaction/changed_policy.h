// Random changes of a policy, as people make them and as they do not.
#pragma once

#include "tests/policy_generator.h"

namespace varve {

// Another policy of the same shape. One time in two it is a small change of
// `before`, most often an exact one: coarser, earlier, shorter.
inline Policy ChangedPolicy(const Policy& before, RandomSource* random) {
  for (;;) {
    Policy after =
        random->OneIn(2) ? before : DrawPolicyOfShape(before.shape, random);
    if (after.tiers == before.tiers &&
        after.retention_ms == before.retention_ms) {
      switch (random->Below(5)) {
        case 0:
          after.retention_ms = random->Between(1, 60) * kMillisPerDay;
          break;
        case 1:
          if (before.tiers.empty()) break;
          after.tiers[random->Below(before.tiers.size())].offset_ms =
              random->Between(1, 40) * kMillisPerDay / 4;
          break;
        case 2:
          for (Tier& tier : after.tiers) tier.interval_ms *= 2;
          break;
        case 3:
          after.tiers.push_back(
              {random->Between(1, 80) * kMillisPerDay / 2,
               (before.tiers.empty() ? 15000
                                     : before.tiers.back().interval_ms) *
                   4});
          break;
        default:
          after.dedup_interval_ms = random->OneIn(2) ? 1000 : 15000;
      }
    }
    if (after != before && after.Validate().ok()) return after;
  }
}

}  // namespace varve
