// See policy_classes.h.
#include "tests/policy_classes.h"

#include <algorithm>

#include "tests/random_source.h"

namespace varve {
namespace {

bool OutOfOrder(const Policy& policy) {
  for (size_t i = 1; i < policy.tiers.size(); ++i) {
    if (policy.tiers[i].offset_ms < policy.tiers[i - 1].offset_ms) return true;
  }
  return false;
}

template <class Holds>
bool AnyTier(const Policy& policy, const Holds& holds) {
  return std::any_of(policy.tiers.begin(), policy.tiers.end(), holds);
}

int64_t Width(const Policy& policy) { return policy.shape.bucket_width_ms; }

bool HasEqualDedup(const Policy& policy) {
  return !policy.tiers.empty() &&
         policy.dedup_interval_ms == policy.tiers[0].interval_ms;
}

bool HasFinerDedup(const Policy& policy) {
  return policy.dedup_interval_ms > 0 && !policy.tiers.empty() &&
         policy.dedup_interval_ms < policy.tiers[0].interval_ms;
}

template <Partition partition, WindowRule window>
PolicyClass OfShape(const char* name) {
  return {name, [](const Policy& p) {
            return p.shape.partition == partition && p.shape.window == window;
          }};
}

std::vector<PolicyClass> ShapeClasses() {
  constexpr auto kFloor = WindowRule::kFloor;
  constexpr auto kCeil = WindowRule::kCeil;
  return {
      OfShape<Partition::kNone, kFloor>("partition=none;window=floor"),
      OfShape<Partition::kNone, kCeil>("partition=none;window=ceil"),
      OfShape<Partition::kDay, kFloor>("partition=day;window=floor"),
      OfShape<Partition::kDay, kCeil>("partition=day;window=ceil"),
      OfShape<Partition::kWeek, kFloor>("partition=week;window=floor"),
      OfShape<Partition::kWeek, kCeil>("partition=week;window=ceil"),
      OfShape<Partition::kMonth, kFloor>("partition=month;window=floor"),
      OfShape<Partition::kMonth, kCeil>("partition=month;window=ceil"),
      {"bucket of one second",
       [](const Policy& p) { return Width(p) == kMillisPerSecond; }},
      {"bucket below an hour",
       [](const Policy& p) { return Width(p) < kMillisPerHour; }},
      {"bucket of a day",
       [](const Policy& p) { return Width(p) == kMillisPerDay; }},
      {"bucket above a month",
       [](const Policy& p) { return Width(p) > 31 * kMillisPerDay; }},
      {"bucket of 366 days",
       [](const Policy& p) { return Width(p) == kBucketWidthMaxMs; }},
      {"bucket of no whole minutes",
       [](const Policy& p) { return Width(p) % (60 * 1000) != 0; }},
      {"bucket as wide as its partition",
       [](const Policy& p) {
         const int64_t days = p.shape.partition == Partition::kDay    ? 1
                              : p.shape.partition == Partition::kWeek ? 7
                                                                      : 0;
         return Width(p) == days * kMillisPerDay;
       }},
  };
}

std::vector<PolicyClass> WindowClasses() {
  return {
      {"no rule at all", [](const Policy& p) { return !p.ThinsOrDrops(); }},
      {"dedup alone",
       [](const Policy& p) {
         return p.tiers.empty() && p.dedup_interval_ms > 0;
       }},
      {"dedup finer than the tiers", HasFinerDedup},
      {"dedup equal to a tier", HasEqualDedup},
      {"dedup equal to the only tier and the bucket",
       [](const Policy& p) {
         return p.tiers.size() == 1 && HasEqualDedup(p) &&
                p.dedup_interval_ms == Width(p);
       }},
      {"dedup of a whole bucket",
       [](const Policy& p) { return p.dedup_interval_ms == Width(p); }},
      {"dedup below a second",
       [](const Policy& p) {
         return p.dedup_interval_ms > 0 &&
                p.dedup_interval_ms < kMillisPerSecond;
       }},
      {"one tier", [](const Policy& p) { return p.tiers.size() == 1; }},
      {"eight tiers",
       [](const Policy& p) { return p.tiers.size() == kTiersMax; }},
      {"eight tiers and a finer dedup",
       [](const Policy& p) {
         return p.tiers.size() == kTiersMax && HasFinerDedup(p);
       }},
      {"eight tiers and an equal dedup",
       [](const Policy& p) {
         return p.tiers.size() == kTiersMax && HasEqualDedup(p);
       }},
      {"a tier of whole buckets",
       [](const Policy& p) {
         return !p.tiers.empty() && p.tiers.back().interval_ms == Width(p);
       }},
      {"tier below a second",
       [](const Policy& p) {
         return !p.tiers.empty() && p.tiers[0].interval_ms < kMillisPerSecond;
       }},
      {"tier of one millisecond",
       [](const Policy& p) {
         return !p.tiers.empty() && p.tiers[0].interval_ms == 1;
       }},
  };
}

std::vector<PolicyClass> AgeClasses() {
  return {
      {"offsets ascending",
       [](const Policy& p) { return p.tiers.size() > 1 && !OutOfOrder(p); }},
      {"offsets out of order", OutOfOrder},
      {"offsets equal",
       [](const Policy& p) {
         return p.tiers.size() > 1 &&
                p.tiers[0].offset_ms == p.tiers[1].offset_ms;
       }},
      {"offset shorter than its interval",
       [](const Policy& p) {
         return AnyTier(p, [](const Tier& tier) {
           return tier.offset_ms < tier.interval_ms;
         });
       }},
      {"offset no multiple of its interval",
       [](const Policy& p) {
         return AnyTier(p, [](const Tier& tier) {
           return tier.offset_ms % tier.interval_ms != 0;
         });
       }},
      {"offset of one millisecond",
       [](const Policy& p) {
         return AnyTier(p,
                        [](const Tier& tier) { return tier.offset_ms == 1; });
       }},
      {"offset before 1970",
       [](const Policy& p) {
         return AnyTier(
             p, [](const Tier& tier) { return tier.offset_ms > kTestNowMs; });
       }},
      {"retention alone",
       [](const Policy& p) {
         return p.tiers.empty() && p.dedup_interval_ms == 0 &&
                p.retention_ms > 0;
       }},
      {"retention inside a bucket",
       [](const Policy& p) {
         return p.retention_ms > 0 && p.retention_ms < Width(p);
       }},
      {"retention of one millisecond",
       [](const Policy& p) { return p.retention_ms == 1; }},
      {"retention longer than a bucket",
       [](const Policy& p) { return p.retention_ms > Width(p); }},
      {"retention shorter than a tier's offset",
       [](const Policy& p) {
         return p.retention_ms > 0 && AnyTier(p, [&p](const Tier& tier) {
                  return tier.offset_ms >= p.retention_ms;
                });
       }},
      {"retention before 1970",
       [](const Policy& p) { return p.retention_ms > kTestNowMs; }},
      {"safety_lag off", [](const Policy& p) { return p.safety_lag_ms == 0; }},
      {"safety_lag above a day",
       [](const Policy& p) { return p.safety_lag_ms > kMillisPerDay; }},
      {"safety_lag before 1970",
       [](const Policy& p) { return p.safety_lag_ms > kTestNowMs; }},
      {"future_limit off",
       [](const Policy& p) { return p.future_limit_ms == 0; }},
      {"ageing off",
       [](const Policy& p) { return !p.ageing && p.ThinsOrDrops(); }},
  };
}

}  // namespace

const std::vector<PolicyClass>& PolicyClasses() {
  static const auto* const classes = [] {
    auto* const all = new std::vector<PolicyClass>(ShapeClasses());
    for (const auto& more : {WindowClasses(), AgeClasses()}) {
      all->insert(all->end(), more.begin(), more.end());
    }
    return all;
  }();
  return *classes;
}

PolicyCoverage::PolicyCoverage() : counts_(PolicyClasses().size()) {}

void PolicyCoverage::Count(const Policy& policy) {
  ++policies_;
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (PolicyClasses()[i].holds(policy)) ++counts_[i];
  }
}

std::string PolicyCoverage::ToString() const {
  std::string text = std::to_string(policies_) + " policies, of these\n";
  for (size_t i = 0; i < counts_.size(); ++i) {
    const std::string count = std::to_string(counts_[i]);
    text += std::string(count.size() < 9 ? 9 - count.size() : 0, ' ') + count +
            "  " + PolicyClasses()[i].name + "\n";
  }
  return text;
}

std::vector<std::string> PolicyCoverage::Missing() const {
  std::vector<std::string> missing;
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) missing.push_back(PolicyClasses()[i].name);
  }
  return missing;
}

}  // namespace varve
