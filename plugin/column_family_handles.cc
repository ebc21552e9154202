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

namespace {

// Names what RocksDB keeps for classes derived from its own; never made.
struct Members : rocksdb::DBImpl {
  static bool ShuttingDown(const rocksdb::DBImpl& db) {
    return (db.*&Members::shutting_down_).load(std::memory_order_acquire);
  }
};

}  // namespace

bool IsClosing(rocksdb::DB* root) {
  return Members::ShuttingDown(*static_cast<rocksdb::DBImpl*>(root));
}

void WaitForPurges(rocksdb::DB* root) {
  auto* const impl = static_cast<rocksdb::DBImpl*>(root);
  if (!impl->immutable_db_options().avoid_unnecessary_blocking_io) return;
  rocksdb::VectorLogPtr files;
  impl->GetSortedWalFiles(files).PermitUncheckedError();
}

}  // namespace varve
