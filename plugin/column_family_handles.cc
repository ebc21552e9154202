// See column_family_handles.h.
#include "plugin/column_family_handles.h"

#include <utility>

#include "plugin/rocksdb_internals.h"

namespace varve {

rocksdb::DB* RootOf(rocksdb::DB* db) { return db->GetRootDB(); }

ColumnFamilyHandles OpenColumnFamilies(rocksdb::DB* root) {
  auto* const impl = static_cast<rocksdb::DBImpl*>(root);
  uint32_t last_id = 0;
  {
    rocksdb::InstrumentedMutexLock lock(impl->mutex());
    last_id = impl->GetVersionSet()->GetColumnFamilySet()->GetMaxColumnFamily();
  }
  ColumnFamilyHandles handles;
  for (uint32_t id = 0; id <= last_id; ++id) {
    auto handle = impl->GetColumnFamilyHandleUnlocked(id);
    if (handle != nullptr) handles.push_back(std::move(handle));
  }
  return handles;
}

bool IsReadOnly(rocksdb::DB* db) {
  // Refused by kind before the arguments are looked at.
  return db->CompactFiles(rocksdb::CompactionOptions(), nullptr, {}, 0)
      .IsNotSupported();
}

bool IsClosing(rocksdb::DB* db) {
  // Looked at before the file's name, which no database has.
  return db
      ->CompactFiles(rocksdb::CompactionOptions(), db->DefaultColumnFamily(),
                     {"/000000.sst"}, 0)
      .IsShutdownInProgress();
}

}  // namespace varve
