// Varve's objects in an open column family, for the reader, the writer and
// the tools. See varve.h for the public face.
#pragma once

#include <memory>

#include "compaction/counters.h"
#include "compaction/live_policy.h"
#include "rocksdb/db.h"
#include "rocksdb/merge_operator.h"

namespace varve {

struct ColumnFamilyObjects {
  // Owns what the pointers below point at.
  std::shared_ptr<rocksdb::MergeOperator> merge_operator;
  const LivePolicy* policy = nullptr;  // with the clock
  // Those of the merge operator, to which SampleWriter adds.
  AtomicCounters* counters = nullptr;
};

// CheckColumnFamily, and the objects of a column family that passes it.
Status OpenColumnFamily(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                        ColumnFamilyObjects* objects);

}  // namespace varve
