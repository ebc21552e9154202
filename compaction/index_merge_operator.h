// The merge operator of a series index's column family: RocksDB's face of
// UniteIndexRow. Never fails, whatever the bytes. No options.
#pragma once

#include <deque>
#include <string>

#include "compaction/object_ids.h"
#include "rocksdb/merge_operator.h"

namespace varve {

class IndexMergeOperator : public rocksdb::MergeOperator {
 public:
  static const char* kClassName() { return kIndexMergeId; }
  const char* Name() const override { return kClassName(); }

  bool FullMergeV2(const MergeOperationInput& in,
                   MergeOperationOutput* out) const override;
  bool PartialMergeMulti(const rocksdb::Slice& key,
                         const std::deque<rocksdb::Slice>& operands,
                         std::string* new_value,
                         rocksdb::Logger* logger) const override;
};

}  // namespace varve
