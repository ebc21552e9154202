// See ageing_tally.h.
#include "compaction/ageing_tally.h"

#include <algorithm>

namespace varve {
namespace {

int64_t BinEnd(const ResolutionProperties& resolution, size_t bin) {
  return resolution.bins_start_ms +
         static_cast<int64_t>(bin + 1) * resolution.bin_width_ms;
}

// Whether samples of a resolution need nothing for `interval_ms`.
bool Covers(int64_t resolution_ms, int64_t interval_ms) {
  return resolution_ms > 0 && resolution_ms % interval_ms == 0;
}

// Whether the job that wrote the file has asked it of the bin already.
bool WasAsked(const Policy& policy, const SampleProperties& properties,
              const AgeingRule& rule, int64_t end_ms) {
  const int64_t reached_ms = ReachedAt(policy, rule, end_ms) - rule.offset_ms;
  return std::any_of(properties.aged.begin(), properties.aged.end(),
                     [&](const AgedReach& reach) {
                       const bool same_kind =
                           rule.interval_ms == 0
                               ? reach.interval_ms == 0
                               : reach.interval_ms > 0 &&
                                     reach.interval_ms % rule.interval_ms == 0;
                       return same_kind && reached_ms <= reach.up_to_ms;
                     });
}

// The coarsest rule that has reached the bin; rules.size(): none.
size_t RuleFor(const Policy& policy, const std::vector<AgeingRule>& rules,
               int64_t end_ms, int64_t at_ms) {
  for (size_t i = rules.size(); i-- > 0;) {
    if (ReachedAt(policy, rules[i], end_ms) <= at_ms) return i;
  }
  return rules.size();
}

struct Bin {
  int64_t resolution_ms;
  int64_t end_ms;
  uint64_t samples;
  uint64_t bytes;
};

void AddDue(const Policy& policy, const AgeingRule& rule, const Bin& bin,
            RuleTally* tally, FileTally* file) {
  const int64_t since = ReachedAt(policy, rule, bin.end_ms);
  tally->due_samples += bin.samples;
  tally->due_bytes += bin.bytes;
  tally->oldest_due_at_ms = std::min(tally->oldest_due_at_ms, since);
  file->due_bytes += bin.bytes;
  file->oldest_due_at_ms = std::min(file->oldest_due_at_ms, since);
}

// The index of the rule that applies.
size_t AddBin(const Policy& policy, const std::vector<AgeingRule>& rules,
              const SampleProperties& properties, const Bin& bin, int64_t at_ms,
              FileTally* file) {
  file->bytes += bin.bytes;
  const size_t index = RuleFor(policy, rules, bin.end_ms, at_ms);
  if (index == rules.size()) {
    file->early_bytes += bin.bytes;
    if (bin.resolution_ms > 0) file->coarser_samples += bin.samples;
    return index;
  }
  const AgeingRule& rule = rules[index];
  RuleTally* const tally = &file->rules[index];
  if (rule.interval_ms == 0) {
    file->expired_bytes += bin.bytes;
    if (WasAsked(policy, properties, rule, bin.end_ms)) return index;
    // Files of partitions are dropped, not rewritten for it.
    if (policy.shape.partition == Partition::kNone) {
      AddDue(policy, rule, bin, tally, file);
    } else {
      tally->due_samples += bin.samples;
      tally->due_bytes += bin.bytes;
      tally->oldest_due_at_ms = std::min(tally->oldest_due_at_ms,
                                         ReachedAt(policy, rule, bin.end_ms));
    }
    return index;
  }
  // Windows that are not unions of those to which samples were thinned.
  if (bin.resolution_ms > 0 && rule.interval_ms % bin.resolution_ms != 0) {
    file->coarser_samples += bin.samples;
  }
  if (Covers(bin.resolution_ms, rule.interval_ms)) {
    tally->done_samples += bin.samples;
    tally->done_bytes += bin.bytes;
  } else if (!WasAsked(policy, properties, rule, bin.end_ms)) {
    AddDue(policy, rule, bin, tally, file);
  }
  return index;
}

}  // namespace

std::vector<AgeingRule> AgeingRules(const Policy& policy) {
  std::vector<AgeingRule> rules;
  if (policy.dedup_interval_ms > 0) {
    // Merges apply it at once. What they leave (rows that were written in one
    // piece and moved without a rewrite) is worth one when it is at rest.
    rules.push_back(
        {policy.dedup_interval_ms, policy.shape.bucket_width_ms, true});
  }
  for (const Tier& tier : policy.tiers) {
    rules.push_back({tier.interval_ms, tier.offset_ms, false});
  }
  if (policy.retention_ms > 0) rules.push_back({0, policy.retention_ms, false});
  return rules;
}

int64_t ReachedAt(const Policy& policy, const AgeingRule& rule,
                  int64_t end_ms) {
  // Retention: BucketLast < at - retention (downsample.h, RowExpired).
  const bool strict =
      rule.interval_ms == 0 && policy.shape.window == WindowRule::kCeil;
  return end_ms + rule.offset_ms + (strict ? 1 : 0);
}

FileTally TallyFile(const Policy& policy, const std::vector<AgeingRule>& rules,
                    const SampleProperties& properties, int64_t at_ms) {
  FileTally tally;
  tally.rules.resize(rules.size());
  size_t newest_rule = rules.size();  // the finest that applies to a bin
  bool early = false;
  for (const ResolutionProperties& resolution : properties.resolutions) {
    for (size_t i = 0; i < resolution.bins.size(); ++i) {
      const uint64_t samples = resolution.bins[i];
      if (samples == 0) continue;
      const double share =
          static_cast<double>(samples) /
          static_cast<double>(std::max<uint64_t>(resolution.samples, samples));
      const Bin bin{
          resolution.interval_ms, BinEnd(resolution, i), samples,
          static_cast<uint64_t>(share * static_cast<double>(resolution.bytes))};
      const size_t rule = AddBin(policy, rules, properties, bin, at_ms, &tally);
      early |= rule == rules.size();
      newest_rule = std::min(newest_rule, rule);
      tally.samples += samples;
    }
  }
  if (!early && newest_rule < rules.size()) {
    tally.final_due_bytes = tally.rules[newest_rule].due_bytes;
  }
  return tally;
}

std::vector<int64_t> TallyTimes(const Policy& policy,
                                const std::vector<AgeingRule>& rules,
                                const SampleProperties& properties) {
  std::vector<int64_t> times;
  for (const ResolutionProperties& resolution : properties.resolutions) {
    for (size_t i = 0; i < resolution.bins.size(); ++i) {
      if (resolution.bins[i] == 0) continue;
      for (const AgeingRule& rule : rules) {
        times.push_back(ReachedAt(policy, rule, BinEnd(resolution, i)));
      }
    }
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

}  // namespace varve
