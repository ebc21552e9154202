// What a run of ageing_bench did to each tier's data, and its report.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compaction/ageing_tally.h"
#include "compaction/sample_properties.h"
#include "varve/policy.h"

namespace varve::bench {

// Of one rule of the policy, in bytes of the files that held it.
struct TierAccount {
  std::string rule;
  uint64_t due = 0;         // its data in the files that ageing rewrote
  uint64_t read = 0;        // those files, shared out among the rules due
  uint64_t in_passing = 0;  // its data that other compactions took along
  int64_t lag_ms_most = 0;  // between due and done
  double lag_sum = 0;       // ms, weighed by due bytes
  uint64_t lag_bytes = 0;
};

struct AgeingDay {
  int64_t day;
  uint64_t disk_bytes;
  uint64_t rewritten;  // for ageing so far, read and written
};

struct AgeingResult {
  std::string name;
  uint64_t samples = 0;
  uint64_t flushed = 0;
  uint64_t own_written = 0;  // by RocksDB's own compactions but for age
  uint64_t read = 0;         // for ageing
  uint64_t written = 0;
  uint64_t idle_read = 0;  // by it, of files of which nothing was due
  uint64_t disk_end = 0;
  uint64_t disk_most = 0;
  uint64_t drops = 0;  // files
  uint64_t dropped = 0;
  // Afterwards, when all that is left to do is to drop what expires.
  uint64_t end_drops = 0;  // files
  uint64_t end_dropped = 0;
  uint64_t end_rewrites = 0;
  uint64_t end_io = 0;             // bytes of SST files, read and written
  uint64_t end_left = 0;           // bytes of SST files that stay
  std::vector<TierAccount> tiers;  // by AgeingRules
  std::vector<AgeingDay> days;

  uint64_t due() const;
};

// Adds up files that are about to be rewritten.
class AgeingAccount {
 public:
  AgeingAccount(const Policy& policy, AgeingResult* result);

  // A file that a job for ageing rewrites at `now_ms`.
  void Aged(const SampleProperties& properties, uint64_t bytes, int64_t now_ms);
  // A file that is dropped.
  void Dropped(const SampleProperties& properties, uint64_t bytes,
               int64_t now_ms);
  // One that another compaction rewrites.
  void InPassing(const SampleProperties& properties, int64_t now_ms);

 private:
  FileTally Tally(const SampleProperties& properties, int64_t now_ms) const;
  void AddLag(const RuleTally& rule, int64_t now_ms, TierAccount* tier) const;

  const Policy policy_;
  const std::vector<AgeingRule> rules_;
  AgeingResult* const result_;
};

// Writes files named "ageing" into the folder, as Markdown, CSV and SVG; false
// with errno set.
bool WriteAgeingReport(const std::string& folder, const std::string& intro,
                       const std::vector<AgeingResult>& results);

}  // namespace varve::bench
