// What of one file's samples each rule of a policy has done, has to do, or
// will have to do: the arithmetic under ageing_plan.h. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "compaction/sample_properties.h"
#include "varve/policy.h"

namespace varve {

// A policy's rules in the order of AgeingPlan::tiers: dedup_interval if set,
// the tiers, retention_period if set.
struct AgeingRule {
  int64_t interval_ms = 0;  // 0: retention
  int64_t offset_ms = 0;
  bool dedup = false;
};
std::vector<AgeingRule> AgeingRules(const Policy& policy);

// The time at which the rule reaches a bin that ends (excludes) `end_ms`, by
// the physical time.
int64_t ReachedAt(const Policy& policy, const AgeingRule& rule, int64_t end_ms);

struct RuleTally {
  uint64_t done_samples = 0;
  uint64_t done_bytes = 0;
  uint64_t due_samples = 0;
  uint64_t due_bytes = 0;
  int64_t oldest_due_at_ms = INT64_MAX;  // physical time it became due
};

struct FileTally {
  std::vector<RuleTally> rules;  // by AgeingRules
  uint64_t samples = 0;
  uint64_t bytes = 0;  // of all samples, before compression
  uint64_t due_bytes = 0;
  uint64_t expired_bytes = 0;
  uint64_t early_bytes = 0;      // no rule has reached them yet
  uint64_t coarser_samples = 0;  // thinned coarser than, or across, the policy
  // Due for the rule that all samples, or coarser ones, have reached: nothing
  // more of the file will be due for that rule.
  uint64_t final_due_bytes = 0;
  int64_t oldest_due_at_ms = INT64_MAX;
};

// REQUIRES: properties.shape == policy.shape.
FileTally TallyFile(const Policy& policy, const std::vector<AgeingRule>& rules,
                    const SampleProperties& properties, int64_t at_ms);

// Times after which the tally of the file changes, ascending.
std::vector<int64_t> TallyTimes(const Policy& policy,
                                const std::vector<AgeingRule>& rules,
                                const SampleProperties& properties);

}  // namespace varve
