// What one flush or compaction does to samples. Its threads say which job
// they work for; merges and filters add what they did to the job of their
// thread, beside their object's own counters.
#pragma once

#include <memory>

#include "varve/counters.h"

namespace varve {

class JobCounters {
 public:
  // The calling thread works for this job (nullptr: for none) from now on.
  static void Enter(std::shared_ptr<AtomicCounters> job);

  // Whether the calling thread works for a job.
  static bool Entered();

  // Adds to the job of the calling thread, if it has one.
  static void Add(const Counters& counters);
};

}  // namespace varve
