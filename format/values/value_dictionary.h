// The distinct values of a column and, for each value, which of them it is:
// for columns whose values are long but repeat themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace varve {

struct ValueDictionary {
  std::vector<uint64_t> words;    // distinct, ascending as OrderedOfWord
  std::vector<uint64_t> indices;  // into words, one for each value
  std::vector<uint16_t> slots;    // scratch: a hash table
  std::vector<uint32_t> order;    // scratch
};

// False when the column has more than distinct_max values that differ.
bool BuildDictionary(const uint64_t* values, size_t count, size_t distinct_max,
                     ValueDictionary* dictionary);

}  // namespace varve
