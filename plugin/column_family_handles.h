// Handles of all column families of an open database, which RocksDB has no
// public way to list.
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

// Whether somebody has begun to close the database.
bool IsClosing(rocksdb::DB* db);

}  // namespace varve
