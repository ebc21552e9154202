// See tier_filter.h. RocksDB calls FilterV2 on the newest version of a key
// and on every merge operand, before it merges; the result of a merge is not
// seen here, and need not be: the merge applied the policy to it.
#include "compaction/tier_filter.h"

#include "compaction/row_merge.h"
#include "compaction/span_rows.h"
#include "format/row/row_entries.h"

namespace varve {
namespace {

class TierFilter : public rocksdb::CompactionFilter {
 public:
  TierFilter(const Policy& policy, int64_t now_ms, Profile profile,
             AtomicCounters* counters)
      : policy_(policy), now_ms_(now_ms), profile_(profile), total_(counters) {}

  ~TierFilter() override { total_->Add(counters_); }

  const char* Name() const override { return "VarveTierFilter"; }

  Decision FilterV2(int /*level*/, const Slice& key, ValueType type,
                    const Slice& value, std::string* new_value,
                    std::string* /*skip_until*/) const override {
    if (type != ValueType::kValue && type != ValueType::kMergeOperand) {
      return Decision::kKeep;
    }
    if (IsSpanRow(key, value)) return Decision::kRemove;
    if (!policy_.ageing) return Decision::kKeep;
    ParsedRowKey parsed;
    if (!ParseRowKey(policy_.shape, key, &parsed)) {
      ++counters_.rows_foreign;
      return Decision::kKeep;
    }
    if (RowExpired(policy_, PhysicalTime(policy_, now_ms_),
                   parsed.bucket_start_ms) &&
        HoldsOnlySamples(parsed.bucket_start_ms, value)) {
      ++counters_.rows_expired;
      return Decision::kRemove;
    }
    RowMergeResult result{new_value};
    merger_.Merge({policy_, now_ms_, key, &value, 1, profile_}, &result,
                  &counters_);
    if (new_value->empty()) return Decision::kKeep;
    // What a row without samples hides (a value) or adds (an operand) is
    // nothing, and so is what a tombstone in its place does.
    BlockHeader header;
    if (PeekBlock(*new_value, &header).ok() &&
        header.form == BlockForm::kBlock && header.sample_count == 0) {
      return Decision::kRemove;
    }
    return Decision::kChangeValue;
  }

 private:
  // Whether an expired row may go: only if all of it is samples of this row.
  // What cannot be read may be anything, and stays.
  bool HoldsOnlySamples(int64_t bucket_start_ms, const Slice& value) const {
    RowEntries entries(value);
    while (entries.Next()) {
      if (!entries.status().ok() ||
          !CheckBlockOfRow(policy_.shape, bucket_start_ms, entries.header())
               .ok()) {
        return false;
      }
    }
    return true;
  }

  const Policy policy_;
  const int64_t now_ms_;
  const Profile profile_;
  AtomicCounters* const total_;
  // RocksDB calls a filter from one thread.
  mutable Counters counters_;
  mutable RowMerger merger_;
};

}  // namespace

std::unique_ptr<rocksdb::CompactionFilter> NewTierFilter(
    const Policy& policy, int64_t now_ms, Profile profile,
    AtomicCounters* counters) {
  return std::make_unique<TierFilter>(policy, now_ms, profile, counters);
}

}  // namespace varve
