// Some consecutive values of a column: those at begin <= index < end.
#pragma once

#include <cstddef>

namespace varve {

struct IndexRange {
  size_t begin;
  size_t end;

  size_t size() const { return end - begin; }
};

}  // namespace varve
