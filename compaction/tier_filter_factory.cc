// See tier_filter_factory.h.
#include "compaction/tier_filter_factory.h"

#include <exception>
#include <string>
#include <utility>

#include "compaction/flush_mark.h"
#include "compaction/job_counters.h"
#include "compaction/tier_filter.h"

namespace varve {
namespace {

// Hands what a filter did to the factory's counters and to those of the job
// that its thread works for.
class CountedFilter : public rocksdb::CompactionFilter {
 public:
  CountedFilter(const Policy& policy, int64_t now_ms, AtomicCounters* total)
      : total_(total),
        // Rows that a filter rewrites have aged: worth smaller bytes.
        filter_(NewTierFilter(policy, now_ms, Profile::kCompact, &counters_)) {}

  ~CountedFilter() override {
    filter_.reset();
    const Counters counters = counters_.Read();
    total_->Add(counters);
    JobCounters::Add(counters);
  }

  const char* Name() const override { return filter_->Name(); }

  Decision FilterV2(int level, const rocksdb::Slice& key, ValueType type,
                    const rocksdb::Slice& value, std::string* new_value,
                    std::string* skip_until) const override {
    if (out_of_memory_) return Decision::kKeep;
    try {
      return filter_->FilterV2(level, key, type, value, new_value, skip_until);
    } catch (const std::exception&) {
      // The filter's scratch may hold half a row: this compaction goes on
      // without it, and what it leaves is done by another.
      out_of_memory_ = true;
      return Decision::kKeep;
    }
  }

 private:
  AtomicCounters* const total_;
  AtomicCounters counters_;
  std::unique_ptr<rocksdb::CompactionFilter> filter_;
  mutable bool out_of_memory_ = false;
};

}  // namespace

TierFilterFactory::TierFilterFactory()
    : PolicyObject(PolicyUse::kAll, PolicyText::kRequired, kFilterOption) {
  RegisterOptions(kCountersName, &counters_, nullptr);
}

std::unique_ptr<rocksdb::CompactionFilter>
TierFilterFactory::CreateCompactionFilter(
    const rocksdb::CompactionFilter::Context& /*context*/) {
  const Policy& now_in_force = policy().Get();
  if (!policy().configured() || !now_in_force.ageing) return nullptr;
  return std::make_unique<CountedFilter>(now_in_force, policy().NowMs(),
                                         &counters_);
}

bool TierFilterFactory::ShouldFilterTableFileCreation(
    rocksdb::TableFileCreationReason reason) const {
  if (reason == rocksdb::TableFileCreationReason::kFlush) FlushMark::Begin();
  return CompactionFilterFactory::ShouldFilterTableFileCreation(reason);
}

}  // namespace varve
