// What ageing wants of an open database and RocksDB has no public way to tell:
// all of its column families, whether it closes, what it has yet to purge.
#pragma once

#include <memory>
#include <vector>

#include "rocksdb/db.h"

namespace varve {

using ColumnFamilyHandles =
    std::vector<std::unique_ptr<rocksdb::ColumnFamilyHandle>>;

// The database's own object, under all wrappers.
rocksdb::DB* RootOf(rocksdb::DB* db);

// REQUIRES: `root` is RootOf a database; the handles go before it does.
ColumnFamilyHandles OpenColumnFamilies(rocksdb::DB* root);

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
