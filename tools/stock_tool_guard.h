// What RocksDB's own tools must not be asked to do to a Varve database, even
// with the library preloaded. Pure but for one look at the database's OPTIONS.
#pragma once

#include <string>
#include <vector>

namespace varve::tools {

// Why `words`, handed to `tool` ("ldb", "sst_dump", "db_bench"), would harm a
// database, and what to do instead; empty: they would not.
std::string RefusalOf(const std::string& tool,
                      const std::vector<std::string>& words);

}  // namespace varve::tools
