// See policy_generator.h.
#include "tests/policy_generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace varve {
namespace {

// A divisor of `number`: each prime factor goes or stays, more or fewer of
// them by turns. REQUIRES: no prime factor above a few thousand, but one.
int64_t DrawDivisor(int64_t number, RandomSource* random) {
  const uint64_t stays = 1 + random->Below(9);  // in ten
  int64_t divisor = 1;
  const auto take = [&](int64_t prime) {
    if (random->Below(10) < stays) divisor *= prime;
    number /= prime;
  };
  for (int64_t prime = 2; prime * prime <= number; ++prime) {
    while (number % prime == 0) take(prime);
  }
  if (number > 1) take(number);
  return divisor;
}

// `number` divided by one of its prime factors, or by its square.
int64_t DrawNextFiner(int64_t number, RandomSource* random) {
  std::vector<int64_t> primes;
  int64_t rest = number;
  for (int64_t prime = 2; prime * prime <= rest; ++prime) {
    if (rest % prime == 0) primes.push_back(prime);
    while (rest % prime == 0) rest /= prime;
  }
  if (rest > 1) primes.push_back(rest);
  if (primes.empty()) return number;
  const int64_t prime = random->Pick(primes);
  const bool twice = random->OneIn(4) && number % (prime * prime) == 0;
  return number / (twice ? prime * prime : prime);
}

int64_t DrawWidth(Partition partition, RandomSource* random) {
  static const std::vector<int64_t> kUsual = {
      kMillisPerHour, 6 * kMillisPerHour, kMillisPerDay};
  const int64_t unit =
      partition == Partition::kWeek ? 7 * kMillisPerDay : kMillisPerDay;
  if (random->OneIn(2)) return random->Pick(kUsual);
  if (random->OneIn(8)) return kMillisPerSecond;
  if (partition != Partition::kNone) {
    if (random->OneIn(4)) return unit;
    return DrawDivisor(unit / kMillisPerSecond, random) * kMillisPerSecond;
  }
  if (random->OneIn(3)) return kBucketWidthMaxMs;
  static const std::vector<int64_t> kMaxS = {100, 10000, 1000000, 31622400};
  return random->Between(1, random->Pick(kMaxS)) * kMillisPerSecond;
}

RowShape DrawShape(RandomSource* random) {
  static const std::vector<Partition> kPartitions = {
      Partition::kNone, Partition::kDay, Partition::kWeek, Partition::kMonth};
  RowShape shape;
  shape.partition = random->Pick(kPartitions);
  shape.window = random->OneIn(2) ? WindowRule::kFloor : WindowRule::kCeil;
  shape.bucket_width_ms = DrawWidth(shape.partition, random);
  return shape;
}

// Intervals of up to kTiersMax tiers and dedup, coarsest first.
void DrawIntervals(Policy* policy, RandomSource* random) {
  const int64_t width_ms = policy->shape.bucket_width_ms;
  uint64_t count = random->OneIn(4) ? kTiersMax : random->Below(4);
  int64_t interval_ms = width_ms;
  for (uint64_t i = 0; i < count; ++i) {
    if (i == 0) {
      if (!random->OneIn(4)) interval_ms = DrawDivisor(width_ms, random);
      if (count == kTiersMax) interval_ms = width_ms / (1 + width_ms % 2);
    } else {
      const int64_t finer_ms = DrawNextFiner(interval_ms, random);
      if (finer_ms == interval_ms) break;
      interval_ms = finer_ms;
    }
    policy->tiers.insert(policy->tiers.begin(), {0, interval_ms});
  }
  switch (random->Below(4)) {
    case 0:
      break;
    case 1:  // a tier's, or the bucket's
      policy->dedup_interval_ms = interval_ms;
      break;
    case 2:
      policy->dedup_interval_ms = DrawNextFiner(interval_ms, random);
      break;
    default:
      policy->dedup_interval_ms = DrawDivisor(interval_ms, random);
  }
}

int64_t DrawOffset(const Tier& tier, RandomSource* random) {
  switch (random->Below(8)) {
    case 0:
      return 1;
    case 1:
      return random->Between(1, tier.interval_ms);
    case 2:
      return kDurationMaxMs - random->Between(0, kDurationMaxMs / 2);
    case 3:
      return tier.interval_ms * random->Between(1, 100);
    default:
      return random->Between(1, 40) * kMillisPerDay / random->Between(1, 30);
  }
}

void DrawOffsets(Policy* policy, RandomSource* random) {
  std::vector<Tier>& tiers = policy->tiers;
  std::vector<int64_t> offsets;
  for (const Tier& tier : tiers) offsets.push_back(DrawOffset(tier, random));
  if (random->OneIn(3)) std::sort(offsets.begin(), offsets.end());
  if (random->OneIn(4) && tiers.size() > 1) offsets[1] = offsets[0];
  for (size_t i = 0; i < tiers.size(); ++i) tiers[i].offset_ms = offsets[i];
}

int64_t DrawRetention(const Policy& policy, RandomSource* random) {
  switch (random->Below(8)) {
    case 0:
      return random->Between(1, policy.shape.bucket_width_ms);
    case 1:
      return random->OneIn(2) ? 1 : kDurationMaxMs;
    case 2:
    case 3:
      return random->Between(1, 60) * kMillisPerDay;
    default:
      return 0;
  }
}

int64_t DrawSafetyLag(RandomSource* random) {
  if (random->OneIn(3)) return 0;
  if (random->OneIn(16)) return kDurationMaxMs;
  if (random->OneIn(8)) return random->Between(1, 5 * kMillisPerDay);
  return random->Between(0, 3) * kMillisPerHour;
}

// As people write them: seconds that become minutes within days and weeks.
void DrawUsualTiers(Policy* policy, RandomSource* random) {
  static const std::vector<int64_t> kFactors = {2, 4, 5};
  const int64_t width_ms = policy->shape.bucket_width_ms;
  int64_t interval_ms = random->OneIn(2) ? 1000 : 15000;
  if (width_ms % interval_ms != 0) interval_ms = 1000;
  if (random->OneIn(2)) policy->dedup_interval_ms = interval_ms;
  const bool equal = random->OneIn(4);
  for (uint64_t i = random->Below(4); i > 0; --i) {
    const bool first = policy->tiers.empty();
    if (!first || !equal) interval_ms *= random->Pick(kFactors);
    if (width_ms % interval_ms != 0) break;
    policy->tiers.push_back(
        {random->Between(1, 40) * kMillisPerDay / random->Between(1, 30),
         interval_ms});
  }
}

void DrawRules(Policy* policy, RandomSource* random) {
  if (random->OneIn(2)) {
    DrawUsualTiers(policy, random);
  } else {
    DrawIntervals(policy, random);
    DrawOffsets(policy, random);
  }
  policy->retention_ms = DrawRetention(*policy, random);
  policy->safety_lag_ms = DrawSafetyLag(random);
  if (random->OneIn(3)) policy->future_limit_ms = 0;
  if (random->OneIn(12)) policy->ageing = false;
}

}  // namespace

Policy DrawPolicyOfShape(const RowShape& shape, RandomSource* random) {
  Policy policy;
  policy.shape = shape;
  DrawRules(&policy, random);
  const Status status = policy.Validate();
  EXPECT_TRUE(status.ok()) << policy.ToString() << "\n" << status.ToString();
  return policy;
}

Policy DrawPolicy(RandomSource* random) {
  return DrawPolicyOfShape(DrawShape(random), random);
}

Policy DrawPolicyOfClass(size_t index, RandomSource* random) {
  const PolicyClass& wanted = PolicyClasses()[index];
  for (int tries = 0; tries < 100000; ++tries) {
    const Policy policy = DrawPolicy(random);
    if (wanted.holds(policy)) return policy;
  }
  ADD_FAILURE() << "no policy was drawn of the class '" << wanted.name << "'";
  return Policy();
}

Policy RandomSource::ValidPolicy() { return DrawPolicy(this); }

}  // namespace varve
