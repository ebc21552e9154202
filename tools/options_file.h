// OPTIONS files, read strictly: what the tool does not know of one it would
// leave out of what it does, and of the next file that it writes.
//
// But for a file of a newer RocksDB, as RocksDB itself has it: the options
// that this RocksDB does not know are left out, and the user is told. Objects
// that cannot be loaded are refused in these too, and so are unknown fields of
// Varve's.
#pragma once

#include <string>
#include <vector>

#include "rocksdb/convenience.h"
#include "rocksdb/options.h"
#include "rocksdb/utilities/options_util.h"

namespace varve::tools {

// Reading by which nothing is left out in silence.
rocksdb::ConfigOptions StrictReading();

struct OptionsFile {
  rocksdb::DBOptions db;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;

  static rocksdb::Status Load(const std::string& path, OptionsFile* file);
  // The newest of a database's.
  static rocksdb::Status LoadNewest(const std::string& dir, OptionsFile* file);
};

}  // namespace varve::tools
