// See live_column_family.h.
#include "plugin/samples/live_column_family.h"

#include "compaction/object_ids.h"
#include "plugin/host/no_throw.h"
#include "plugin/host/open_family.h"
#include "varve/varve.h"

namespace varve {

Status NoSamples(rocksdb::ColumnFamilyHandle* cf,
                 const rocksdb::ColumnFamilyOptions& options) {
  return Status::InvalidArgument(
      "column family '" + cf->GetName() + "': merge_operator is " +
      (options.merge_operator == nullptr ? "not set"
                                         : options.merge_operator->Name()) +
      ", not " + kSampleMergeId);
}

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
  return NoThrow([&] {
    live->user = std::make_shared<const PolicyUser>(PathOf(db), cf->GetID(),
                                                    cf->GetName());
    AddUser(descriptor.options, live->user);
    return Status::OK();
  });
}

}  // namespace varve
