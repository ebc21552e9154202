// The policies of a column family that RocksDB's OPTIONS files keep: the
// present one, and the one before, which it had when its database was last
// open. A service that starts with another policy than yesterday's is told
// what cannot come back (compaction/policy_change.h).
#pragma once

#include <string>

#include "rocksdb/db.h"
#include "varve/policy.h"

namespace varve {

// NotFound for a database or column family that is new, or whose earlier
// OPTIONS file has gone or carries no policy.
rocksdb::Status EarlierPolicy(rocksdb::DB* db, const std::string& cf_name,
                              Policy* policy);

// The policy that the next start by the OPTIONS file will find.
rocksdb::Status PersistedPolicy(rocksdb::DB* db, const std::string& cf_name,
                                Policy* policy);

}  // namespace varve
