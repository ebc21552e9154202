// A range of time as readers ask for it.
#pragma once

#include <cstdint>

namespace varve {

// Inclusive.
struct TimeRange {
  int64_t from_ms;
  int64_t to_ms;

  bool empty() const { return from_ms > to_ms; }
};

}  // namespace varve
