// The compaction filter: does for a row that is alone in its compaction what
// merges do for others. Decides from the block's header where that suffices;
// removes rows that have expired whole; keeps, untouched and counted, what is
// foreign or cannot be decoded. One object serves one (sub)compaction.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "format/coding/profile.h"
#include "rocksdb/compaction_filter.h"
#include "varve/counters.h"
#include "varve/policy.h"

namespace varve {

// `now_ms` is the clock's, read once for the whole compaction. Adds to
// *counters when it is destroyed; `counters` must outlive the filter.
std::unique_ptr<rocksdb::CompactionFilter> NewTierFilter(
    const Policy& policy, int64_t now_ms, Profile profile,
    AtomicCounters* counters);

}  // namespace varve
