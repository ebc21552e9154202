// The policy, clock and counters of an open column family: those of its merge
// operator, which every other object must agree with.
#pragma once

#include <memory>

#include "compaction/counters.h"
#include "compaction/live_policy.h"
#include "rocksdb/db.h"
#include "rocksdb/merge_operator.h"

namespace varve {

struct LiveColumnFamily {
  rocksdb::DB* db = nullptr;
  rocksdb::ColumnFamilyHandle* cf = nullptr;
  const LivePolicy* policy = nullptr;
  AtomicCounters* counters = nullptr;
  std::shared_ptr<rocksdb::MergeOperator> owner;  // of policy and counters

  const RowShape& shape() const { return policy->Get().shape; }
};

// Checks the column family as CheckColumnFamily does. `db` and `cf` must
// outlive *live.
Status OpenLive(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                LiveColumnFamily* live);

}  // namespace varve
