// Timestamps from one on up to another, both of them among it.
#pragma once

#include <cstdint>

namespace varve {

struct TimeRange {
  int64_t from_ms;
  int64_t to_ms;

  bool empty() const { return from_ms > to_ms; }
};

}  // namespace varve
