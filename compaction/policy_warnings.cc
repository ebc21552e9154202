// What a policy may say but is unlikely to mean; see policy.h.
#include "varve/policy.h"

namespace varve {
namespace {

std::string TierText(const Tier& tier) {
  return FormatDuration(tier.offset_ms) + ":" +
         FormatDuration(tier.interval_ms);
}

void WarnOfTiers(const Policy& policy, std::vector<std::string>* warnings) {
  const std::vector<Tier>& tiers = policy.tiers;
  for (size_t i = 0; i < tiers.size(); ++i) {
    const Tier& tier = tiers[i];
    for (size_t j = i + 1; j < tiers.size(); ++j) {
      if (tiers[j].offset_ms > tier.offset_ms) continue;
      warnings->push_back("downsampling_period: the tier " + TierText(tier) +
                          " never applies, since the coarser " +
                          TierText(tiers[j]) +
                          " does so earlier or at the same age");
      break;
    }
    if (tier.interval_ms == policy.dedup_interval_ms) {
      warnings->push_back("downsampling_period: the tier " + TierText(tier) +
                          " changes nothing, since dedup_interval asks for the "
                          "same windows at any age");
    }
    if (tier.offset_ms % tier.interval_ms != 0) {
      warnings->push_back("downsampling_period: in the tier " + TierText(tier) +
                          " the offset is not a multiple of the interval, so "
                          "that windows change at odd ages");
    }
    if (policy.retention_ms > 0 && tier.offset_ms >= policy.retention_ms) {
      warnings->push_back("downsampling_period: the tier " + TierText(tier) +
                          " never applies, since retention_period is " +
                          FormatDuration(policy.retention_ms));
    }
  }
}

}  // namespace

std::vector<std::string> Policy::Warnings() const {
  std::vector<std::string> warnings;
  WarnOfTiers(*this, &warnings);
  if (shape.partition == Partition::kNone &&
      (!tiers.empty() || retention_ms > 0)) {
    warnings.push_back(
        "partition=none: old and new rows share files, so that tiers and "
        "retention rewrite more than with partitions");
  }
  if (retention_ms > 0 && retention_ms < shape.bucket_width_ms) {
    warnings.push_back(
        "retention_period is " + FormatDuration(retention_ms) +
        ", less than the bucket of " + FormatDuration(shape.bucket_width_ms) +
        ": rows are removed whole only when their bucket is past");
  }
  if (ThinsOrDrops() && safety_lag_ms == 0) {
    warnings.push_back(
        "safety_lag=0: a clock that is set back by anything shows as samples "
        "that are missing");
  }
  if (ThinsOrDrops() && !ageing) {
    warnings.push_back("ageing=off: nothing is thinned or dropped on disk");
  }
  return warnings;
}

}  // namespace varve
