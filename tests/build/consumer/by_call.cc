// Calls the public interface from outside the library.
#include <varve/varve.h>

#include <cstdio>

#include "rocksdb/options.h"

int main() {
  varve::Options options;
  rocksdb::ColumnFamilyOptions cf_options;
  rocksdb::Status status = varve::Policy::Parse(
      "downsampling_period=30d:5m;retention_period=1y", &options.policy);
  if (status.ok()) {
    status = varve::ConfigureColumnFamily(options, &cf_options);
  }
  if (!status.ok() || cf_options.merge_operator == nullptr) {
    fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  return 0;
}
