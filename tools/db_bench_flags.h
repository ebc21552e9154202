// db_bench's flags that name no place but --db and --options_file, so that
// nothing is touched outside of --db: those of RocksDB 7.8.3.
//
// Not here, since they name another: backup_dir, restore_dir, wal_dir,
// truth_db, secondary_path, read_cache_path, report_file, trace files, env_uri
// and fs_uri, num_multi_db and use_blob_db (databases below --db), and gflags'
// own that read further flags from elsewhere.
#pragma once

#include <set>
#include <string>

namespace varve::tools {

// Booleans: --name, --noname or --name=VALUE, which never take a word behind
// them.
const std::set<std::string>& DbBenchSwitches();

// The rest, which would take the word behind them where they have no value.
const std::set<std::string>& DbBenchValues();

}  // namespace varve::tools
