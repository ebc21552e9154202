// The policy that a column family had when its database was last open: what
// RocksDB kept of it in the OPTIONS file before the present one. A service
// that starts with another policy than yesterday's is told what cannot come
// back (compaction/policy_change.h).
#pragma once

#include <string>

#include "compaction/policy.h"
#include "rocksdb/db.h"

namespace varve {

// NotFound for a database or column family that is new, or whose earlier
// OPTIONS file has gone or carries no policy.
rocksdb::Status EarlierPolicy(rocksdb::DB* db, const std::string& cf_name,
                              Policy* policy);

}  // namespace varve
