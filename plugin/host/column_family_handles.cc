// See column_family_handles.h.
#include "plugin/host/column_family_handles.h"

#include <algorithm>
#include <utility>

#include "plugin/host/manifest_edit.h"

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

std::unique_ptr<rocksdb::ColumnFamilyHandle> OwnHandleOf(
    rocksdb::DB* root, const rocksdb::ColumnFamilyHandle* cf) {
  auto* const impl = static_cast<rocksdb::DBImpl*>(root);
  auto handle = impl->GetColumnFamilyHandleUnlocked(
      const_cast<rocksdb::ColumnFamilyHandle*>(cf)->GetID());
  return handle != nullptr && FamilyOf(handle.get()) == FamilyOf(cf)
             ? std::move(handle)
             : nullptr;
}

namespace {

const rocksdb::ColumnFamilyData& DataOf(
    const rocksdb::ColumnFamilyHandle* handle) {
  return *static_cast<const rocksdb::ColumnFamilyHandleImpl*>(handle)->cfd();
}

}  // namespace

const void* FamilyOf(const rocksdb::ColumnFamilyHandle* handle) {
  return &DataOf(handle);
}

bool IsDropped(const rocksdb::ColumnFamilyHandle* handle) {
  return DataOf(handle).IsDropped();
}

// RocksDB replaces all options at once when it has accepted a change, and what
// they keep on the heap by what was made while the old was there.
OptionsStamp StampOf(const rocksdb::ColumnFamilyHandle* handle) {
  const rocksdb::MutableCFOptions& options = MutableOptionsOf(DataOf(handle));
  return {options.max_bytes_for_level_multiplier_additional.data(),
          options.compression_per_level.data()};
}

std::vector<SharingFamily> FamiliesSharingWith(
    rocksdb::DB* root, const rocksdb::ColumnFamilyHandle* cf,
    const rocksdb::ColumnFamilyOptions& options) {
  std::vector<SharingFamily> sharing;
  auto* const impl = static_cast<rocksdb::DBImpl*>(root);
  rocksdb::InstrumentedMutexLock lock(impl->mutex());
  for (auto* const data : *impl->GetVersionSet()->GetColumnFamilySet()) {
    if (data->IsDropped() || data->GetID() == cf->GetID()) continue;
    const rocksdb::ImmutableOptions& theirs = ImmutableOptionsOf(*data);
    const bool merge = options.merge_operator != nullptr &&
                       theirs.merge_operator == options.merge_operator;
    const bool filter =
        options.compaction_filter_factory != nullptr &&
        theirs.compaction_filter_factory == options.compaction_filter_factory;
    if (merge || filter) {
      sharing.push_back({data->GetID(), data->GetName(), merge});
    }
  }
  std::sort(sharing.begin(), sharing.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  return sharing;
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
