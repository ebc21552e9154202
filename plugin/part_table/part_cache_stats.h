// Counts cache hits, misses and additions where RocksDB counts those of its
// block-based table: tickers, a lookup's GetContext and the perf context.
#pragma once

#include "format/part/part_file.h"
#include "plugin/host/rocksdb_internals.h"

namespace varve {

void CountCacheHit(BoxKind kind, rocksdb::GetContext* get_context,
                   rocksdb::Statistics* stats, int level, size_t bytes);
void CountCacheMiss(BoxKind kind, rocksdb::GetContext* get_context,
                    rocksdb::Statistics* stats, int level);
void CountCacheAdd(BoxKind kind, rocksdb::GetContext* get_context,
                   rocksdb::Statistics* stats, size_t bytes);

}  // namespace varve
