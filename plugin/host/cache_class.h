// rocksdb::Cache's members, which rocksdb/cache.h lacks from RocksDB 8.0 on.
// Public headers of RocksDB's only.
#pragma once

#include "plugin/host/version.h"
#if VARVE_ROCKSDB_AT_LEAST(8, 0)
#include "rocksdb/advanced_cache.h"
#else
#include "rocksdb/cache.h"
#endif
