// Whether samples are equal bit for bit: NaNs and the sign of zero count.
#pragma once

#include <cstring>
#include <vector>

#include "varve/varve.h"

namespace varve {

inline bool SameSamples(const std::vector<Sample>& a,
                        const std::vector<Sample>& b) {
  return a.size() == b.size() &&
         (a.empty() ||
          std::memcmp(a.data(), b.data(), a.size() * sizeof(Sample)) == 0);
}

}  // namespace varve
