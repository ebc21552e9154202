// Where RocksDB wants a memtable's iterator to lie: what of its insides the
// sample memtable needs.
#pragma once

#include <cstddef>

namespace rocksdb {
class Arena;
}

namespace varve::memtable {

// Aligned for any object.
char* AllocateInArena(rocksdb::Arena* arena, size_t bytes);

}  // namespace varve::memtable
