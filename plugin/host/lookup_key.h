// What a Get asks a memtable for: RocksDB's key of it, which public headers
// only name.
#pragma once

#include "rocksdb/slice.h"

namespace rocksdb {
class LookupKey;
}

namespace varve {

// Its user key and tag, and the entry of no value that begins with them. Both
// point into the key.
rocksdb::Slice InternalKeyOf(const rocksdb::LookupKey& key);
const char* EntryOf(const rocksdb::LookupKey& key);

}  // namespace varve
