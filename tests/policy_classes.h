// Classes of valid policies, and how often each was met: what tests print of
// their draws, and fail for when one never came.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "varve/policy.h"

namespace varve {

// Told by the policy itself. Classes overlap, and together they need not be
// all there is.
struct PolicyClass {
  const char* name;
  bool (*holds)(const Policy&);
};
const std::vector<PolicyClass>& PolicyClasses();

class PolicyCoverage {
 public:
  PolicyCoverage();

  void Count(const Policy& policy);
  uint64_t policies() const { return policies_; }
  // A line a class, in the order of PolicyClasses.
  std::string ToString() const;
  // The names of those that never came.
  std::vector<std::string> Missing() const;

 private:
  uint64_t policies_ = 0;
  std::vector<uint64_t> counts_;
};

}  // namespace varve
