// The laws, as slowly and obviously as can be: what a reader must see of one
// series' samples. Tests and `varve verify` hold everything else against it;
// nothing else uses it.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "varve/policy.h"

namespace varve {

struct SampleWrite {
  int64_t timestamp_ms;
  uint64_t value_bits;
};

// View(writes, policy, now): `writes` in the order in which they were
// written. Timestamp to value bits.
std::map<int64_t, uint64_t> View(const std::vector<SampleWrite>& writes,
                                 const Policy& policy, int64_t now_ms);

}  // namespace varve
