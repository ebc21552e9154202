// Some consecutive values of a column: those at begin <= index < end. Pass it
// by value: behind a reference it might lie among the integers that a loop
// writes, for all a compiler knows, and no such loop becomes vectors.
#pragma once

#include <cstddef>

namespace varve {

struct IndexRange {
  size_t begin;
  size_t end;

  size_t size() const { return end - begin; }
};

}  // namespace varve
