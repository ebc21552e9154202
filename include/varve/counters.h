// What was done to samples: plain numbers, and the atomic form that merge
// operators, filters and writers add to from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "varve/export.h"

namespace varve {

// name, meaning. Samples unless said otherwise.
#define VARVE_COUNTERS(X)                                                     \
  X(samples_merged)       /* read by merges of two or more blocks */          \
  X(samples_overwritten)  /* lost to a later write at their timestamp */      \
  X(samples_deduplicated) /* thinned by dedup_interval */                     \
  X(samples_downsampled)  /* thinned by a tier */                             \
  X(samples_expired)      /* dropped by retention */                          \
  X(blocks_merged)        /* blocks that went into such merges */             \
  X(blocks_passed)        /* blocks left as they were */                      \
  X(rows_expired)         /* rows removed whole by retention */               \
  X(blocks_undecodable)   /* kept verbatim: garbage or a newer version */     \
  X(rows_foreign)         /* rows with a foreign key seen by the filter */    \
  X(written_samples)      /* taken by SampleWriter */                         \
  X(written_expired)      /* of these, already past retention when written */ \
  X(written_refused)      /* refused by SampleWriter */

struct VARVE_EXPORT Counters {
#define VARVE_COUNTER_FIELD(name) uint64_t name = 0;
  VARVE_COUNTERS(VARVE_COUNTER_FIELD)
#undef VARVE_COUNTER_FIELD

  void Add(const Counters& other);
  bool empty() const;

  // "samples_merged=12 samples_overwritten=3", the fields that are not zero.
  std::string ToString() const;
};

// Thread-safe; relaxed order: exact sums, no snapshot across fields.
class VARVE_EXPORT AtomicCounters {
 public:
  void Add(const Counters& counters);
  Counters Read() const;

 private:
#define VARVE_COUNTER_FIELD(name) std::atomic<uint64_t> name##_{0};
  VARVE_COUNTERS(VARVE_COUNTER_FIELD)
#undef VARVE_COUNTER_FIELD
};

}  // namespace varve
