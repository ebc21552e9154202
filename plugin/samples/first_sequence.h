// Keeps rows from having RocksDB's sequence number 0 while a snapshot has it
// too. Files that are ingested into an empty database get that number, and so
// does a snapshot until something is written; RocksDB up to 9.9 then drops all
// of these rows in a compaction, for every reader, and later versions still
// take them out of the snapshot.
#pragma once

#include "rocksdb/db.h"
#include "rocksdb/options.h"

namespace varve {

// Where the database's sequence number is 0 and it holds files: deletes a key
// that is nobody's, in `cf`, so that no later snapshot has the number. OK where
// there is nothing to do, and on a database that is opened for reading only,
// which compacts nothing either. A snapshot that was taken before keeps its
// number.
rocksdb::Status RaiseFirstSequence(const rocksdb::WriteOptions& options,
                                   rocksdb::DB* db,
                                   rocksdb::ColumnFamilyHandle* cf);

}  // namespace varve
