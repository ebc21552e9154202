// What lies in a column family, from the files' properties and the MANIFEST
// alone: sizes by level, resolution and partition, and what is due for ageing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tools/progress.h"
#include "varve/varve.h"

namespace varve::tools {

struct SizeOf {
  uint64_t files = 0;
  uint64_t bytes = 0;
  uint64_t samples = 0;
};

// Encoded bytes of rows, before a file's own compression.
struct ColumnBytes {
  uint64_t keys = 0;
  uint64_t headers = 0;  // tags, plain forms and foreign values too
  uint64_t timestamps = 0;
  uint64_t values = 0;
};

struct FamilyStats {
  std::string name;
  Policy policy;
  uint64_t unflushed_entries = 0;
  SizeOf all;
  uint64_t entries = 0;
  uint64_t raw_bytes = 0;  // keys and values before compression
  uint64_t index_bytes = 0;
  uint64_t filter_bytes = 0;
  uint64_t tombstones = 0;
  uint64_t range_tombstones = 0;
  uint64_t foreign_rows = 0;
  uint64_t unlabelled_files = 0;  // without Varve's properties
  std::map<int, SizeOf> levels;
  // By first day of the partition; files of several are under kSeveral.
  std::map<int32_t, SizeOf> partitions;
  // By interval_ms, 0 is raw; bytes before compression.
  std::map<int64_t, SizeOf> resolutions;
  // As the plan of ageing has it (varve.h).
  std::vector<AgeingTierReport> ageing;
  bool has_columns = false;
  ColumnBytes columns;
};

inline constexpr int32_t kSeveral = INT32_MAX;

enum class StatsDepth { kProperties, kEveryRow };  // the latter for columns

Status GatherStats(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                   int64_t now_ms, StatsDepth depth, Progress* progress,
                   FamilyStats* stats);

}  // namespace varve::tools
