// See rocksdb_match.h.
#include "plugin/host/rocksdb_match.h"

#include "rocksdb/version.h"

// rocksdb::SyncPoint::GetInstance, which a library with assertions has and one
// without has not.
extern "C" void VarveSyncPoint() __asm__("_ZN7rocksdb9SyncPoint11GetInstanceEv")
    __attribute__((weak));

namespace varve {

RocksDBTraits BuiltAgainstRocksDB() {
  RocksDBTraits traits;
  traits.version = std::to_string(ROCKSDB_MAJOR) + "." +
                   std::to_string(ROCKSDB_MINOR) + "." +
                   std::to_string(ROCKSDB_PATCH);
#ifdef NDEBUG
  traits.asserts = false;
#else
  traits.asserts = true;
#endif
  return traits;
}

RocksDBTraits LoadedRocksDB() {
  return {rocksdb::GetRocksVersionAsString(true), &VarveSyncPoint != nullptr};
}

rocksdb::Status CompareRocksDB(const RocksDBTraits& built,
                               const RocksDBTraits& loaded) {
  if (built.version == loaded.version && built.asserts == loaded.asserts) {
    return rocksdb::Status::OK();
  }
  const auto text = [](const RocksDBTraits& traits) {
    return "RocksDB " + traits.version +
           (traits.asserts ? " with assertions" : " without assertions");
  };
  return rocksdb::Status::NotSupported(
      "Varve was built against " + text(built) + " and runs in " +
      text(loaded) + ": build it against the library that it runs in");
}

}  // namespace varve
