// What RocksDB does otherwise from a version on, where it can be seen from
// outside: facts for tests and tools, which compare no version numbers.
// Public headers of RocksDB's only.
#pragma once

#include "plugin/host/version.h"

namespace varve {

// BackupEngine fails for a file whose table it is not told, where it names
// files by their properties: plugin/part_table/sst_dump_table.h.
inline constexpr bool kBackupAsksForTheTable = VARVE_ROCKSDB_AT_LEAST(8, 11);

// ldb prints so between key and value.
inline constexpr const char* kLdbArrow =
    VARVE_ROCKSDB_AT_LEAST(8, 7) ? " ==> " : " : ";

}  // namespace varve
