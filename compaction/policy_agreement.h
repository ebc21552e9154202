// Whether the objects of one column family go by the same policy. Called by
// the objects' ValidateOptions, which RocksDB calls in DB::Open, and where it
// does not (read-only and secondary opens, CreateColumnFamily) by
// CheckColumnFamily.
#pragma once

#include <string>
#include <vector>

#include "compaction/live_policy.h"
#include "rocksdb/options.h"

namespace varve {

// The policy inside an object of Varve's; nullptr for others and for nullptr.
const LivePolicy* FindLivePolicy(const rocksdb::Customizable* object);

// OK for a column family without any object of Varve's. InvalidArgument names
// the objects, the field and both values, and says what to do. Warnings go to
// db_options.info_log, if there is one, once for each policy.
Status CheckPolicyAgreement(const rocksdb::DBOptions& db_options,
                            const rocksdb::ColumnFamilyOptions& cf_options);

// Whether a VarveTierScheduler is among the database's listeners.
bool HasScheduler(const rocksdb::DBOptions& options);

// Why VarveTierScheduler leaves the column family's files alone, whatever the
// policy: RocksDB's way of compacting them. Empty if it does not.
std::string WhyNotAged(const rocksdb::ColumnFamilyOptions& cf_options);

// What is allowed but unlikely to be meant, a sentence each.
// REQUIRES: CheckPolicyAgreement was OK.
std::vector<std::string> PolicyWarnings(
    const rocksdb::ColumnFamilyOptions& cf_options);

}  // namespace varve
