// What RocksDB says when it does not open a database, and what to do about it.
#pragma once

#include <string>

#include "rocksdb/status.h"

namespace varve::tools {

// The same status where nothing better is known.
rocksdb::Status ExplainOpening(const std::string& dir,
                               const rocksdb::Status& status);

}  // namespace varve::tools
