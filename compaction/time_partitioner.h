// Cuts the files of a compaction where the rows' partition changes, so that
// old data lies apart from new and a partition's files can be dropped whole.
// Foreign keys belong to no partition and cut nothing. Flushes are not cut,
// nor is anything with partition=none.
//
// Options: the policy's fields (policy.h); only bucket, partition and window
// are kept.
#pragma once

#include <memory>

#include "compaction/policy_object.h"
#include "rocksdb/sst_partitioner.h"

namespace varve {

class TimePartitionerFactory
    : public PolicyObject<rocksdb::SstPartitionerFactory> {
 public:
  TimePartitionerFactory();

  static const char* kClassName() { return kTimePartitionerId; }
  const char* Name() const override { return kClassName(); }

  // nullptr with partition=none.
  std::unique_ptr<rocksdb::SstPartitioner> CreatePartitioner(
      const rocksdb::SstPartitioner::Context& context) const override;
};

}  // namespace varve
