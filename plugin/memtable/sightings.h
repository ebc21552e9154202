// How often a key has been written, up to twice, in some three bytes a key: by
// Bloom filters, so that now and then a key passes for another's. A sample
// memtable makes no row for a key that it has hardly seen.
#pragma once

#include <cstdint>
#include <vector>

#include "plugin/memtable/slab.h"

namespace varve::memtable {

// A set of hashes that grows by ever larger Bloom filters, each in blocks of a
// cache line. For one thread at a time.
class HashSet {
 public:
  // Whether it may have been in the set, in which it is from here on. The
  // first filter is for `expected` hashes, and more follow.
  bool TestAndAdd(uint64_t hash, uint64_t expected, Slab* slab);

 private:
  static constexpr uint64_t kBlockWords = 8;
  static constexpr uint64_t kHashesABlock = 42;  // 12 bits each
  static constexpr uint64_t kGrowth = 2;

  struct Filter {
    uint64_t* words;
    uint64_t blocks;  // a power of two
  };

  std::vector<Filter> filters_;
  uint64_t room_ = 0;  // of the last filter, in hashes
};

class Sightings {
 public:
  static constexpr int kMost = 2;

  // One more; how many there were, at most kMost. `slab` is where memory is
  // from; `expected` is how many keys may come, 0 where nobody knows.
  int Add(uint64_t hash, uint64_t expected, Slab* slab);

  uint64_t keys() const { return keys_; }
  uint64_t sightings() const { return sightings_; }  // but for those past kMost

 private:
  HashSet once_, twice_;
  uint64_t keys_ = 0;
  uint64_t sightings_ = 0;
};

}  // namespace varve::memtable
