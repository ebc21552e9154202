// Whether the RocksDB that this code runs in is the one that it was built
// against. RocksDB promises no stable ABI: with another version, or the same
// built with other assertions, structures have other sizes and memory would be
// overwritten in silence.
#pragma once

#include <string>

#include "rocksdb/status.h"

namespace varve {

struct RocksDBTraits {
  std::string version;  // "7.8.3"
  bool asserts;         // built without NDEBUG
};

RocksDBTraits BuiltAgainstRocksDB();
RocksDBTraits LoadedRocksDB();

// NotSupported, saying both, when they differ.
rocksdb::Status CompareRocksDB(const RocksDBTraits& built,
                               const RocksDBTraits& loaded);

inline rocksdb::Status CheckRocksDB() {
  return CompareRocksDB(BuiltAgainstRocksDB(), LoadedRocksDB());
}

}  // namespace varve
