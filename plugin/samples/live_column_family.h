// The policy, clock and counters of an open column family: those of its merge
// operator, which every other object must agree with.
#pragma once

#include <memory>

#include "compaction/live_policy.h"
#include "rocksdb/db.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/options.h"
#include "varve/counters.h"

namespace varve {

struct LiveColumnFamily {
  rocksdb::DB* db = nullptr;
  rocksdb::ColumnFamilyHandle* cf = nullptr;
  const LivePolicy* policy = nullptr;
  AtomicCounters* counters = nullptr;
  std::shared_ptr<rocksdb::MergeOperator> owner;  // of policy and counters
  std::shared_ptr<const PolicyUser> user;  // as the policy objects know it

  const RowShape& shape() const { return policy->Get().shape; }
};

// Checks the column family as CheckColumnFamily does. `db` and `cf` must
// outlive *live.
Status OpenLive(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                LiveColumnFamily* live);

// InvalidArgument: the column family has no merge operator of Varve's.
Status NoSamples(rocksdb::ColumnFamilyHandle* cf,
                 const rocksdb::ColumnFamilyOptions& options);

}  // namespace varve
