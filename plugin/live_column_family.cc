// See live_column_family.h.
#include "plugin/live_column_family.h"

#include "compaction/object_ids.h"
#include "plugin/varve.h"

namespace varve {

Status OpenLive(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                LiveColumnFamily* live) {
  if (db == nullptr || cf == nullptr) {
    return Status::InvalidArgument("no database or column family given");
  }
  Status status = CheckColumnFamily(db, cf);
  if (!status.ok()) return status;
  rocksdb::ColumnFamilyDescriptor descriptor;
  status = cf->GetDescriptor(&descriptor);
  if (!status.ok()) return status;
  live->db = db;
  live->cf = cf;
  live->owner = descriptor.options.merge_operator;
  if (live->owner != nullptr) {
    live->policy = live->owner->GetOptions<LivePolicy>(kLivePolicyName);
    live->counters = live->owner->GetOptions<AtomicCounters>(kCountersName);
  }
  if (live->policy == nullptr || live->counters == nullptr) {
    return Status::InvalidArgument("column family \"" + cf->GetName() +
                                   "\" has no merge operator " +
                                   kSampleMergeId + " of this copy of Varve");
  }
  return status;
}

}  // namespace varve
