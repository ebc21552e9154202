// The merge operator of a column family of samples: RocksDB's face of
// RowMerger. Full and partial merges apply the policy to their result. A full
// merge never fails, whatever the bytes. Under a ReadHint it only picks
// entries.
//
// Options: the policy's fields (policy.h). Without any: last write wins, and
// the default shape.
#pragma once

#include <deque>
#include <string>

#include "compaction/policy_object.h"
#include "rocksdb/merge_operator.h"
#include "varve/counters.h"

namespace varve {

class SampleMergeOperator : public PolicyObject<rocksdb::MergeOperator> {
 public:
  SampleMergeOperator();

  static const char* kClassName() { return kSampleMergeId; }
  const char* Name() const override { return kClassName(); }

  bool FullMergeV2(const MergeOperationInput& in,
                   MergeOperationOutput* out) const override;
  bool PartialMergeMulti(const rocksdb::Slice& key,
                         const std::deque<rocksdb::Slice>& operands,
                         std::string* new_value,
                         rocksdb::Logger* logger) const override;

  // An operand alone passes as it is: the filter sees it in compactions, and
  // a partial merge of one would be copied at every level.
  bool AllowSingleOperand() const override { return false; }
  // Gathering all operands of a Get is cheaper than a merge in between.
  bool ShouldMerge(const std::vector<rocksdb::Slice>&) const override {
    return false;
  }

 private:
  mutable AtomicCounters counters_;
};

}  // namespace varve
