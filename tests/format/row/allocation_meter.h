// How much memory a program takes at most: allocation_meter.cc replaces its
// operators new and delete. For one thread.
#pragma once

#include <cstddef>

namespace varve {

// From its construction on; one at a time.
class AllocationMeter {
 public:
  AllocationMeter();
  // The most that was in use at once, beyond what was at the start.
  size_t most_bytes() const;

 private:
  size_t start_bytes_;
};

}  // namespace varve
