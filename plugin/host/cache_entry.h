// Entries of a block cache, whose interface is another one from RocksDB 8.0
// on: an entry's kind is a structure of functions where it was one function,
// and Insert takes it before the charge.
#pragma once

#include "plugin/host/rocksdb_internals.h"

namespace varve {

#if VARVE_ROCKSDB_AT_LEAST(8, 0)
using CacheEntryKind = const rocksdb::Cache::CacheItemHelper*;
#else
using CacheEntryKind = rocksdb::Cache::DeleterFn;
#endif

// The kind of entries that are a T on the heap, accounted for as kRole.
template <typename T, rocksdb::CacheEntryRole kRole>
CacheEntryKind CacheEntryKindOf() {
#if VARVE_ROCKSDB_AT_LEAST(8, 0)
  static const rocksdb::Cache::CacheItemHelper kind(
      kRole, [](rocksdb::Cache::ObjectPtr entry, rocksdb::MemoryAllocator*) {
        delete static_cast<T*>(entry);
      });
  return &kind;
#else
  return rocksdb::GetCacheEntryDeleterForRole<T, kRole>();
#endif
}

// In memory alone: a second tier is not asked.
inline rocksdb::Cache::Handle* LookupInCache(rocksdb::Cache* cache,
                                             const rocksdb::Slice& key,
                                             rocksdb::Statistics* stats) {
#if VARVE_ROCKSDB_AT_LEAST(8, 0)
  return cache->BasicLookup(key, stats);
#else
  return cache->Lookup(key, stats);
#endif
}

// On success the cache owns `entry`.
inline rocksdb::Status InsertIntoCache(rocksdb::Cache* cache,
                                       const rocksdb::Slice& key, void* entry,
                                       CacheEntryKind kind, size_t charge,
                                       rocksdb::Cache::Priority priority,
                                       rocksdb::Cache::Handle** handle) {
#if VARVE_ROCKSDB_AT_LEAST(8, 0)
  return cache->Insert(key, entry, kind, charge, handle, priority);
#else
  return cache->Insert(key, entry, charge, kind, handle, priority);
#endif
}

}  // namespace varve
