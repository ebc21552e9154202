// Decides from the files' properties what ageing does: which files are
// dropped, which are rewritten together, what waits and until when. A pure
// function: no clock, no database, no data read.
//
// Due is a bin of a file's histogram (bins are whole buckets) whose end the
// coarsest tier that applies has reached, by the time that work on disk goes
// by (now - safety_lag), while its samples have not been thinned to that
// tier's interval: exactly what a rewrite would then do (downsample.h), so
// that a rewritten file is not due again. Files are rewritten in place, at
// their level:
// - when all that they hold has reached a tier and some of it is due (their
//   whole partition, most often);
// - or when AgeingLimits::min_due_ratio of their bytes are due; but of files
//   that lie in one partition only then when nothing is left behind, since the
//   rest would mean a second rewrite for the same tier;
// - or when something has been due for AgeingLimits::max_delay_ms.
// Retention drops a file when all that its properties count has expired, range
// tombstones with it, and no foreign key is or may be touched. With
// partition=none expired bins count as due; with partitions they wait for the
// drop.
//
// Law: carrying the plan out at `now_ms` leads to a plan without jobs, unless
// files are busy, set aside or held by snapshots.
#pragma once

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

AgeingPlan PlanAgeing(const AgeingInput& input);

}  // namespace varve
