// Collects SampleProperties of every SST file while it is written.
//
// Options: the policy's fields (policy.h); only bucket, partition and window
// are kept.
#pragma once

#include "compaction/policy_object.h"
#include "compaction/sample_properties.h"
#include "rocksdb/table_properties.h"

namespace varve {

class SamplePropertiesFactory
    : public PolicyObject<rocksdb::TablePropertiesCollectorFactory> {
 public:
  SamplePropertiesFactory();

  static const char* kClassName() { return kSamplePropertiesId; }
  const char* Name() const override { return kClassName(); }

  // Whether collectors read back what they have written: written_check.h.
  static bool ChecksWritten();

  // The collector reads the clock when the file is finished and must not
  // outlive the factory, as RocksDB sees to.
  rocksdb::TablePropertiesCollector* CreateTablePropertiesCollector(
      Context context) override;
};

}  // namespace varve
