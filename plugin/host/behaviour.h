// What RocksDB does otherwise from a version on, where it can be seen from
// outside: facts for other rooms, tests and tools, which compare no version
// numbers.
// Public headers of RocksDB's only.
#pragma once

#include "plugin/host/version.h"
#include "rocksdb/options.h"

namespace varve {

// BackupEngine fails for a file whose table it is not told, where it names
// files by their properties: plugin/part_table/sst_dump_table.h.
inline constexpr bool kBackupAsksForTheTable = VARVE_ROCKSDB_AT_LEAST(8, 11);

// ldb prints so between key and value.
inline constexpr const char* kLdbArrow =
    VARVE_ROCKSDB_AT_LEAST(8, 7) ? " ==> " : " : ";

// Whether memtables are asked to check the order of keys while they are read.
inline bool WantsMemoryChecks(const rocksdb::ColumnFamilyOptions& options) {
#if VARVE_ROCKSDB_AT_LEAST(9, 6)
  return options.paranoid_memory_checks;
#else
  (void)options;
  return false;
#endif
}

}  // namespace varve
