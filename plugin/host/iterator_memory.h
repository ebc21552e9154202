// Where RocksDB wants a memtable's iterator to lie: all of its insides that the
// sample memtable needs.
#pragma once

#include <cstddef>

namespace rocksdb {
class Arena;
}

namespace varve {

// Aligned for any object.
char* AllocateInArena(rocksdb::Arena* arena, size_t bytes);

}  // namespace varve
