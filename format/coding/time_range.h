// A span of time that somebody asks for, in milliseconds since 1970.
#pragma once

#include <cstdint>

namespace varve {

// Both ends belong to it; empty where the first lies behind the last.
struct TimeRange {
  int64_t from_ms;
  int64_t to_ms;

  bool empty() const { return from_ms > to_ms; }
};

}  // namespace varve
