// See ageing_mark.h.
#include "compaction/ageing_mark.h"

#include <utility>

namespace varve {
namespace {

thread_local const AgeingMark* current = nullptr;

}  // namespace

std::vector<AgedReach> ReachesAt(const Policy& policy, int64_t at_ms) {
  std::vector<AgedReach> reaches;
  for (size_t i = policy.tiers.size(); i-- > 0;) {
    const Tier& tier = policy.tiers[i];
    reaches.push_back({tier.interval_ms,
                       AlignDown(at_ms - tier.offset_ms, tier.interval_ms)});
  }
  if (policy.dedup_interval_ms > 0) {
    reaches.push_back(
        {policy.dedup_interval_ms, AlignDown(at_ms, policy.dedup_interval_ms)});
  }
  if (policy.retention_ms > 0)
    reaches.push_back({0, at_ms - policy.retention_ms});
  return reaches;
}

AgeingMark::AgeingMark(std::vector<AgedReach> reaches,
                       std::function<bool()> holds)
    : reaches_(std::move(reaches)), holds_(std::move(holds)) {
  current = this;
}

AgeingMark::~AgeingMark() { current = nullptr; }

std::vector<AgedReach> AgeingMark::Current() {
  if (current == nullptr || !current->holds_()) return {};
  return current->reaches_;
}

}  // namespace varve
