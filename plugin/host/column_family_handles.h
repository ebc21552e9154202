// What Varve wants of an open database and RocksDB has no public way to tell:
// all of its column families and what they share, whether it closes, what it
// has yet to purge.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "compaction/policy_users.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"

namespace varve {

using ColumnFamilyHandles =
    std::vector<std::unique_ptr<rocksdb::ColumnFamilyHandle>>;

// The database's own object, under all wrappers.
rocksdb::DB* RootOf(rocksdb::DB* db);

// REQUIRES: `root` is RootOf a database; the handles go before it does.
ColumnFamilyHandles OpenColumnFamilies(rocksdb::DB* root);

// Another handle of the column family of `cf`, nullptr if it has been dropped.
// REQUIRES: as above.
std::unique_ptr<rocksdb::ColumnFamilyHandle> OwnHandleOf(
    rocksdb::DB* root, const rocksdb::ColumnFamilyHandle* cf);

// What tells a column family from others as long as a handle of it is there.
const void* FamilyOf(const rocksdb::ColumnFamilyHandle* handle);

// No lock is taken.
bool IsDropped(const rocksdb::ColumnFamilyHandle* handle);

// REQUIRES: the calling thread is within DB::SetOptions of the column family.
OptionsStamp StampOf(const rocksdb::ColumnFamilyHandle* handle);

// Other column families of the database that have the merge operator or the
// compaction filter factory of `cf`, by id.
// REQUIRES: `root` is RootOf a database.
struct SharingFamily {
  uint32_t id = 0;
  std::string name;
  bool merge_operator = false;  // else the compaction filter factory
};
std::vector<SharingFamily> FamiliesSharingWith(
    rocksdb::DB* root, const rocksdb::ColumnFamilyHandle* cf,
    const rocksdb::ColumnFamilyOptions& options);

// Whether the database was opened for reading only: it refuses work.
bool IsReadOnly(rocksdb::DB* db);

// Whether the database takes no more work: somebody closes it, and what it
// has in memory has been flushed. No lock is taken.
// REQUIRES: `root` is RootOf a database.
bool IsClosing(rocksdb::DB* root);

// For RocksDB's last callback of a closing database, which has waited for its
// purges by then: with avoid_unnecessary_blocking_io those of what ageing let
// go of since then are left to a thread of RocksDB's own.
// REQUIRES: nobody works on the database any longer; its mutex is free.
void WaitForPurges(rocksdb::DB* root);

}  // namespace varve
