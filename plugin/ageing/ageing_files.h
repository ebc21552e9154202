// The files of a column family as ageing_plan.h wants them. Their properties
// are read once a file, from the file itself (where they are under our own
// checksum), and kept by the file's number: a file never changes. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "compaction/ageing_plan.h"
#include "rocksdb/db.h"

namespace varve {

// What has become of a file since somebody looked.
enum class FileState {
  kThere,
  kTaken,  // a compaction of RocksDB's is at work on it
  kGone,
};

FileState StateOf(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                  const std::string& name);

class AgeingFiles {
 public:
  // By file name.
  using Faults = std::map<std::string, rocksdb::Status>;

  // Replaces input->files, snapshots_held and level0_trigger. A file that
  // cannot be opened is set aside in the input, with the reason, which
  // *unreadable (if not nullptr; replaced) has as well.
  rocksdb::Status Read(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                       const rocksdb::Options& options, AgeingInput* input,
                       Faults* unreadable = nullptr);

 private:
  struct Known {
    uint64_t entries = 0;
    uint64_t merge_operands = 0;
    bool has_properties = false;
    SampleProperties properties;
  };

  static rocksdb::Status ReadProperties(const rocksdb::Options& options,
                                        const std::string& path, Known* known);

  using KnownFiles = std::map<uint64_t, std::shared_ptr<const Known>>;

  std::mutex mutex_;
  KnownFiles known_;  // by file number; guarded by mutex_
};

}  // namespace varve
