// A file of the two rows of compaction/span_rows.h, sent along with files that
// are ingested.
//
// Why: up to 7.9, RocksDB orders the files of level 0 by their highest
// sequence number. It gives an ingested file a number of its own and leaves
// memtables whose keys the file does not touch as they are, with older numbers
// in them. A compaction within level 0 of ingested files, or of one and an
// older file, then holds numbers on both sides of what such a memtable holds,
// and the file that the memtable becomes has no right place among the others:
// its flush fails for good ("L0 file ... with seqno"), or, when the memtable
// held one write, the file takes a wrong place in silence, and what is merged
// below it later loses to deletions that are older. From 7.10 on files have a
// number of their own for their order.
//
// RocksDB flushes the memtables that a file to be ingested overlaps, with all
// writers held up until the file is in. A file that overlaps everything makes
// that so for all of them, and no writer can come between.
#pragma once

#include <string>

#include "rocksdb/db.h"
#include "rocksdb/options.h"

namespace varve {

// Written when it is made; whatever is still there goes away with the object.
class SpanFile {
 public:
  // `path` must not be anybody's file.
  SpanFile(const rocksdb::Options& options, rocksdb::ColumnFamilyHandle* cf,
           std::string path);
  ~SpanFile();
  SpanFile(const SpanFile&) = delete;
  SpanFile& operator=(const SpanFile&) = delete;

  const rocksdb::Status& status() const { return status_; }
  const std::string& path() const { return path_; }

 private:
  rocksdb::Env* const env_;
  const std::string path_;
  rocksdb::Status status_;
};

// Has RocksDB compact ingested files of this kind at level 0, each by itself:
// the compaction filter leaves nothing of them. One that another compaction
// has taken, or a snapshot sees, is emptied by a later one.
void EmptySpanFiles(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf);

}  // namespace varve
