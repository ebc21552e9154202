// What a change of a column family's policy cannot bring back: samples that
// the policy before has thinned or dropped on disk, and that the one after
// would show. A change is exact, and readers see View of all that was ever
// written, where every window of the policy after is a union of windows of the
// policy before and retention is not longer; what lies on disk then ages by
// the new policy by itself.
// Pure: says what may be gone, not what is.
#pragma once

#include <string>
#include <vector>

#include "varve/policy.h"

namespace varve {

// A sentence for each rule of `before` that is not covered by `after`; empty
// for an exact change. REQUIRES: both are valid, of one shape.
std::vector<std::string> LostByChange(const Policy& before,
                                      const Policy& after);

}  // namespace varve
