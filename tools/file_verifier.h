// Checks one SST file against everything that it says of itself and that the
// laws say of it:
//   checksums; the order of entries; RocksDB's counts in the properties;
//   Varve's properties, by walking all entries again;
//   every block of samples: decodes, agrees with its row's key, ascends
//   strictly within its bucket, holds as many samples as its header says, and
//   what its header states as thinned is.
// Foreign rows are allowed. Reads only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/file_system.h"

namespace varve::tools {

struct FileFindings {
  bool is_part = false;
  uint64_t file_bytes = 0;
  uint64_t entries = 0;
  uint64_t samples = 0;
  std::string smallest_key;  // of the entries
  std::string largest_key;
  uint64_t problem_count = 0;
  std::vector<std::string> problems;  // the first of them, a sentence each
  // Why the file could not be looked at, which is not a problem of its bytes.
  std::string not_checked;
};

// `on_entries` is called now and then with the entries walked so far.
void VerifyFile(const std::string& path,
                const std::shared_ptr<rocksdb::FileSystem>& files,
                const std::function<void(uint64_t entries)>& on_entries,
                FileFindings* findings);

}  // namespace varve::tools
