// See iterator_memory.h.
#include "plugin/memtable/iterator_memory.h"

#include "plugin/host/rocksdb_internals.h"

namespace varve::memtable {

char* AllocateInArena(rocksdb::Arena* arena, size_t bytes) {
  return arena->AllocateAligned(bytes);
}

}  // namespace varve::memtable
