// Names Varve's objects in an options string and nowhere else: linking alone
// must have registered them.
#include <cstdio>

#include "rocksdb/convenience.h"
#include "rocksdb/options.h"

int main() {
  rocksdb::ConfigOptions config;
  rocksdb::ColumnFamilyOptions options;
  const rocksdb::Status status = rocksdb::GetColumnFamilyOptionsFromString(
      config, rocksdb::ColumnFamilyOptions(),
      "merge_operator={id=VarveSampleMerge}", &options);
  if (!status.ok() || options.merge_operator == nullptr) {
    fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  return 0;
}
