// Whether ldb would open a database for writing under the options that it has,
// and leave them as they are. Reads the OPTIONS files, changes nothing.
#pragma once

#include <string>

#include "rocksdb/db.h"

namespace varve::tools {

struct LdbOptionsUse {
  std::string family;  // the column family over whose options flags are laid
  // Whether ldb turns these off where the flag is not given.
  bool enables_blob_files = false;
  bool enables_blob_garbage_collection = false;
};

// Empty: it would, or there is no database in `dir`.
std::string WhyNotUnderOptions(const std::string& dir,
                               const LdbOptionsUse& use);

}  // namespace varve::tools
