// What ageing has to do in a column family and what it did: plain data, what
// `varve plan` and `varve stats` print. Times are milliseconds since 1970,
// bytes are those of files on disk. ageing_plan.h says how it is made.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "varve/export.h"
#include "varve/policy.h"

namespace varve {

// A time that never comes.
inline constexpr int64_t kNever = INT64_MAX;

// What becomes of one file.
enum class AgeingAction {
  kKeep,     // nothing in it will ever be due
  kWait,     // due at AgeingFileReport::when_ms, or waits for what `why` says
  kRewrite,  // now
  kDrop,     // now, without reading it
};

VARVE_EXPORT const char* AgeingActionName(AgeingAction action);

struct AgeingFileReport {
  std::string name;  // as RocksDB has it, "/000012.sst"
  int level = 0;
  uint64_t bytes = 0;
  uint64_t samples = 0;
  uint64_t merge_operands = 0;
  AgeingAction action = AgeingAction::kKeep;
  std::string why;  // a phrase for people
  // When it is rewritten or dropped if nothing is written to it: now or
  // before for kRewrite and kDrop; kNever if not foreseen.
  int64_t when_ms = kNever;
  uint64_t due_bytes = 0;  // of its samples, by estimate
};

// One rule of the policy: a tier, dedup_interval or retention_period.
struct AgeingTierReport {
  std::string rule;         // "30d:5m", "dedup 15s", "retention 1y"
  int64_t interval_ms = 0;  // 0: retention
  uint64_t done_samples = 0;
  uint64_t done_bytes = 0;
  // Old enough for the rule and not yet done on disk: in files that are
  // rewritten or dropped now, and in files that still wait.
  uint64_t due_samples = 0;
  uint64_t due_bytes = 0;
  uint64_t waiting_samples = 0;
  uint64_t waiting_bytes = 0;
  int64_t oldest_due_ms = kNever;  // since when the oldest of these is
  int64_t next_ms = kNever;        // when the next file will be done
};

// Files that one compaction rewrites in place.
struct AgeingJob {
  AgeingAction action = AgeingAction::kRewrite;  // or kDrop: one file
  std::vector<std::string> files;
  int level = 0;
  uint64_t bytes = 0;
  uint64_t due_bytes = 0;
  std::string why;
};

struct AgeingPlan {
  int64_t now_ms = 0;
  Policy policy;
  std::vector<AgeingTierReport> tiers;  // finest first, retention last
  std::vector<AgeingJob> jobs;          // in the order they will be done
  std::vector<AgeingFileReport> files;  // every file, by level and key
  std::vector<std::string> warnings;    // a sentence each
  int64_t next_ms = kNever;             // when work that waits is next due
};

// What ageing did since the database was opened.
struct AgeingCounters {
  uint64_t passes = 0;
  uint64_t rewrites = 0;  // jobs
  uint64_t rewritten_files = 0;
  uint64_t rewritten_bytes_in = 0;
  uint64_t rewritten_bytes_out = 0;
  uint64_t verified_bytes = 0;  // read to check checksums before
  uint64_t drops = 0;           // files
  uint64_t dropped_bytes = 0;
  uint64_t dropped_samples = 0;
  uint64_t failures = 0;   // jobs that will be tried again
  uint64_t yields = 0;     // passes that gave way to stalled writes
  uint64_t set_aside = 0;  // files that fail their checksums
  uint64_t paused_ms = 0;  // between jobs, for ageing_rate
};

struct AgeingStatus {
  bool scheduled = false;  // a VarveTierScheduler works for this database
  AgeingCounters counters;
  std::vector<std::string> set_aside;  // file names and why
};

// How eager ageing is; options of VarveTierScheduler, see tier_scheduler.h.
struct AgeingLimits {
  // A file is rewritten when this share of its bytes is due, or all that it
  // holds.
  double min_due_ratio = 0.95;
  // ... or when something in it has been due for so long. 0: off.
  int64_t max_delay_ms = 0;
  // Files in one job, unless a single one is larger.
  uint64_t max_compaction_bytes = uint64_t{1} << 30;
};

}  // namespace varve
