// What an ageing plan is made of: the files of a column family with their
// properties, the policy and the time. See ageing_plan.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compaction/sample_properties.h"
#include "varve/ageing_report.h"
#include "varve/policy.h"

namespace varve {

struct AgeingFile {
  std::string name;
  int level = 0;
  std::string smallest_key;  // user keys, both included
  std::string largest_key;
  uint64_t bytes = 0;
  uint64_t entries = 0;         // as RocksDB counts them
  uint64_t merge_operands = 0;  // of these
  bool being_compacted = false;
  bool set_aside = false;  // fails its checksum, or waits to be retried
  std::string set_aside_why;
  bool has_properties = false;  // of this version; else `properties` is empty
  SampleProperties properties;
};

struct AgeingInput {
  Policy policy;
  int64_t now_ms = 0;  // the clock's
  AgeingLimits limits;
  // By level, and within a level in RocksDB's order: level 0 newest first.
  std::vector<AgeingFile> files;
  // Merge operands that a snapshot sees pass the filter untouched.
  bool snapshots_held = false;
  // So many files at level 0 are compacted by RocksDB itself; 0: never.
  size_t level0_trigger = 0;
  // If not empty: no file is touched, for this reason.
  std::string left_alone_why;
  // Whether to tell when files that wait will be wanted: for reports, not for
  // those who act. It takes most of a plan's time.
  bool foresee = true;
};

}  // namespace varve
