// Options of a Varve column family and its database: from a policy, from a
// file, and as strings that anybody may paste.
#pragma once

#include <string>

#include "varve/varve.h"

namespace varve::tools {

// A database's options and those of the column family with the samples.
struct FamilyOptions {
  rocksdb::DBOptions db;
  rocksdb::ColumnFamilyOptions cf;
};

Status OptionsOfPolicy(const Policy& policy, FamilyOptions* options,
                       CompactionPreset compaction = Options().compaction);

// Reads what RocksDB's OPTIONS files hold, or what 'varve options' prints: an
// options string in any number of lines, '#' beginning a comment.
// InvalidArgument names the file and what is wrong, also that the column
// family is without Varve.
Status ReadOptionsFile(const std::string& path,
                       const std::string& column_family,
                       FamilyOptions* options);

// Only what Varve sets: the rest is the service's choice.
std::string ColumnFamilyText(const rocksdb::ColumnFamilyOptions& options);
std::string DatabaseText(const rocksdb::DBOptions& options);

}  // namespace varve::tools
