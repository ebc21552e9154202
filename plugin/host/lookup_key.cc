// See lookup_key.h.
#include "plugin/host/lookup_key.h"

#include "plugin/host/rocksdb_internals.h"

namespace varve {

rocksdb::Slice InternalKeyOf(const rocksdb::LookupKey& key) {
  return key.internal_key();
}

const char* EntryOf(const rocksdb::LookupKey& key) {
  return key.memtable_key().data();
}

}  // namespace varve
