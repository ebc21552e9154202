// See iterator_memory.h.
#include "plugin/host/iterator_memory.h"

#include "plugin/host/rocksdb_internals.h"

namespace varve {

char* AllocateInArena(rocksdb::Arena* arena, size_t bytes) {
  return arena->AllocateAligned(bytes);
}

}  // namespace varve
