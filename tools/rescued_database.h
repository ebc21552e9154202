// A database whose memtables cannot be flushed, since the files that they
// would become fit nowhere among those of level 0: RocksDB up to 7.9 says
// "L0 file ... with seqno", stops all writes and does not open it again
// (plugin/samples/span_file.h tells how that comes about).
//
// It is opened with its memtables left in memory, however large; all files of
// level 0 are compacted to a level below; then the memtables are flushed.
// Nothing is lost: what could not be flushed is in the write-ahead log.
//
// RocksDB persists the options that it is opened with. What the database had
// before lies in a file beside its own until it has been opened with them
// again: a rescue that was killed is repeated with the right ones.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "tools/database.h"

namespace varve::tools {

struct LiftedFamily {
  std::string name;
  uint64_t files = 0;           // of level 0
  uint64_t bytes = 0;           // their size
  int level = 0;                // the level to which they were compacted
  uint64_t memtable_bytes = 0;  // how much was flushed
};

class RescuedDatabase {
 public:
  static Status Open(const DatabaseFlags& flags,
                     std::unique_ptr<RescuedDatabase>* database);
  ~RescuedDatabase();

  // Level 0, then the memtables, of every column family.
  Status Rescue(std::vector<LiftedFamily>* families);

  // Opens it as it is configured, flushes it and closes it: what its owner is
  // going to do.
  Status Prove();

 private:
  explicit RescuedDatabase(const DatabaseFlags& flags) : flags_(flags) {}
  std::string SavedOptions() const { return flags_.dir + "/varve-rescue"; }
  Status LoadOptions();
  Status SaveOptions() const;
  Status OpenWith(const rocksdb::DBOptions& db_options,
                  const std::vector<rocksdb::ColumnFamilyDescriptor>& families);
  Status OpenUnflushed();
  Status Lift(rocksdb::ColumnFamilyHandle* family, LiftedFamily* lifted);
  Status Close();

  const DatabaseFlags flags_;
  rocksdb::DBOptions db_options_;  // the database's own
  std::vector<rocksdb::ColumnFamilyDescriptor> families_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace varve::tools
