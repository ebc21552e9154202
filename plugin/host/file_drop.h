// Takes a table file out of an open database unread: one edit of the manifest,
// as of a compaction that keeps nothing of what it was given.
//
// RocksDB's own ways do not serve. While DB::DeleteFile writes the manifest, a
// compaction may take the very file, and then fails in a way that stops the
// database (its issue 8491). DeleteFilesInRanges takes whatever lies within a
// range when it runs, also what has come there since somebody looked.
// Here RocksDB knows of a compaction of this one file, like those of its own:
// others leave the file alone, an exclusive CompactRange waits.
#pragma once

#include <string>

#include "rocksdb/db.h"

namespace varve {

// Busy when a compaction has the file, Aborted when there is none of this name
// in the column family, ColumnFamilyDropped. Iterators and snapshots that have
// it open keep it. Any thread, beside any work of RocksDB's.
// REQUIRES: `root` is RootOf a database that is not closed.
rocksdb::Status DropFile(rocksdb::DB* root, rocksdb::ColumnFamilyHandle* cf,
                         const std::string& name);

}  // namespace varve
