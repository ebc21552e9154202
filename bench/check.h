// How a bench ends when RocksDB or Varve fails under it.
#pragma once

#include <errno.h>

#include <cstdio>
#include <cstdlib>

#include "rocksdb/status.h"

namespace varve {

inline void Check(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name,
               status.ToString().c_str());
  std::exit(1);
}

}  // namespace varve
