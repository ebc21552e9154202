// What an ageing job asked of the rows that it rewrote, noted in the files
// that it writes: what is still not done there could not be done (its bytes
// do not decode, say), and rewriting the file once more would not either.
// Without the note such a file would be due for ever.
//
// The job's thread says what it asks for; the properties collector, which
// RocksDB makes on the same thread, notes it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "varve/policy.h"

namespace varve {

// Every window of `interval_ms` that ends at or before `up_to_ms` was to be
// thinned; or every row whose bucket does was to be removed.
struct AgedReach {
  int64_t interval_ms = 0;  // 0: removed
  int64_t up_to_ms = 0;

  bool operator==(const AgedReach& other) const {
    return interval_ms == other.interval_ms && up_to_ms == other.up_to_ms;
  }
};

// What `policy` asks for at `at_ms` (physical time), coarsest first.
// dedup_interval, which has no age, reaches as far as the clock; retention is
// last.
std::vector<AgedReach> ReachesAt(const Policy& policy, int64_t at_ms);

class AgeingMark {
 public:
  // The calling thread's compactions ask for `reaches` until the object goes.
  // `holds` is called when a file is begun, on the same thread: false when
  // something (a snapshot) kept the job from doing all of it after all.
  AgeingMark(std::vector<AgedReach> reaches, std::function<bool()> holds);
  ~AgeingMark();
  AgeingMark(const AgeingMark&) = delete;
  AgeingMark& operator=(const AgeingMark&) = delete;

  // Nothing outside of an ageing job.
  static std::vector<AgedReach> Current();

 private:
  const std::vector<AgedReach> reaches_;
  const std::function<bool()> holds_;
};

}  // namespace varve
