// See ageing_account.h.
#include "bench/ageing_account.h"

#include <algorithm>

#include "compaction/row_merge.h"

namespace varve::bench {

uint64_t AgeingResult::due() const {
  uint64_t sum = 0;
  for (const TierAccount& tier : tiers) sum += tier.due;
  return sum;
}

AgeingAccount::AgeingAccount(const Policy& policy, AgeingResult* result)
    : policy_(policy), rules_(AgeingRules(policy)), result_(result) {
  for (const AgeingRule& rule : rules_) {
    TierAccount tier;
    tier.rule = rule.interval_ms == 0
                    ? "retention " + FormatDuration(rule.offset_ms)
                    : FormatDuration(rule.offset_ms) + ":" +
                          FormatDuration(rule.interval_ms);
    result_->tiers.push_back(tier);
  }
}

FileTally AgeingAccount::Tally(const SampleProperties& properties,
                               int64_t now_ms) const {
  return TallyFile(policy_, rules_, properties, PhysicalTime(policy_, now_ms));
}

void AgeingAccount::AddLag(const RuleTally& rule, int64_t now_ms,
                           TierAccount* tier) const {
  const int64_t lag_ms = std::max<int64_t>(
      PhysicalTime(policy_, now_ms) - rule.oldest_due_at_ms, 0);
  tier->lag_ms_most = std::max(tier->lag_ms_most, lag_ms);
  tier->lag_sum +=
      static_cast<double>(lag_ms) * static_cast<double>(rule.due_bytes);
  tier->lag_bytes += rule.due_bytes;
}

void AgeingAccount::Aged(const SampleProperties& properties, uint64_t bytes,
                         int64_t now_ms) {
  const FileTally tally = Tally(properties, now_ms);
  uint64_t due = 0;
  for (const RuleTally& rule : tally.rules) due += rule.due_bytes;
  if (due == 0) {
    result_->idle_read += bytes;
    return;
  }
  for (size_t i = 0; i < rules_.size(); ++i) {
    const RuleTally& rule = tally.rules[i];
    if (rule.due_bytes == 0) continue;
    TierAccount* const tier = &result_->tiers[i];
    tier->due += std::min(rule.due_bytes, bytes);
    tier->read += static_cast<uint64_t>(static_cast<double>(bytes) *
                                        static_cast<double>(rule.due_bytes) /
                                        static_cast<double>(due));
    AddLag(rule, now_ms, tier);
  }
}

void AgeingAccount::Dropped(const SampleProperties& properties, uint64_t bytes,
                            int64_t now_ms) {
  ++result_->drops;
  result_->dropped += bytes;
  const FileTally tally = Tally(properties, now_ms);
  AddLag(tally.rules.back(), now_ms, &result_->tiers.back());
}

void AgeingAccount::InPassing(const SampleProperties& properties,
                              int64_t now_ms) {
  const FileTally tally = Tally(properties, now_ms);
  for (size_t i = 0; i < rules_.size(); ++i) {
    const RuleTally& rule = tally.rules[i];
    if (rule.due_bytes == 0) continue;
    result_->tiers[i].in_passing += rule.due_bytes;
    AddLag(rule, now_ms, &result_->tiers[i]);
  }
}

}  // namespace varve::bench
