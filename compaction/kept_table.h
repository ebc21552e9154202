// A column family with VarvePartTable keeps it: DB::SetOptions may not put
// another table in its place, whose files it reads and which cannot read its
// own. RocksDB takes such a call from 9.8 on, persists it, and the next start
// by OPTIONS ends in Corruption.
//
// It tells no table that it is replaced. But a SetOptions begins with printing
// all objects of the column family, and each call has a registry of object
// ids of its own: when both a part table and an object with a policy have been
// printed for it, that registry gets entries for RocksDB's tables that refuse.
// (A policy object is needed to know a SetOptions from other configuration, so
// a column family with a part table alone is not guarded.)
//
// Thread-safe: all of it is the calling thread's own.
#pragma once

#include "rocksdb/convenience.h"

namespace varve {

class KeptTable {
 public:
  // A policy object is printed.
  static void PolicyIsPrinted(const rocksdb::ConfigOptions& config);
  // A part table is printed.
  static void PartTableIsPrinted(const rocksdb::ConfigOptions& config);

  // While it lives, a table is read that replaces none: the part table's own
  // for block-based files.
  class Nested {
   public:
    Nested();
    ~Nested();
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
  };
};

}  // namespace varve
