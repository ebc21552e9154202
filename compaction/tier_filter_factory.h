// Makes the compaction filter of a column family of samples: one TierFilter
// for each (sub)compaction, with the policy and the time of its start.
//
// Options: the policy's fields (policy.h), the same as those of the merge
// operator; at least one must be given.
#pragma once

#include <memory>

#include "compaction/policy_object.h"
#include "rocksdb/compaction_filter.h"
#include "varve/counters.h"

namespace varve {

class TierFilterFactory
    : public PolicyObject<rocksdb::CompactionFilterFactory> {
 public:
  TierFilterFactory();

  static const char* kClassName() { return kTierFilterId; }
  const char* Name() const override { return kClassName(); }

  // nullptr, which is no filtering, without a policy or with ageing=off.
  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context& context) override;

  // That of RocksDB's default; takes a note of a flush (flush_mark.h).
  bool ShouldFilterTableFileCreation(
      rocksdb::TableFileCreationReason reason) const override;

 private:
  AtomicCounters counters_;
};

}  // namespace varve
