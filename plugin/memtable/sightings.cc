// See sightings.h.
#include "plugin/memtable/sightings.h"

#include <cstring>

namespace varve::memtable {
namespace {

constexpr int kBitsAHash = 4;
constexpr uint64_t kBlockBits = 512;

}  // namespace

bool HashSet::TestAndAdd(uint64_t hash, uint64_t expected, Slab* slab) {
  // The block by the upper half, which shards and tables do not go by; the
  // bits in it by what is mixed of all.
  const uint64_t bits = hash * 0x9e3779b97f4a7c15 >> 28;
  const auto block_of = [hash](const Filter& filter) {
    return filter.words + ((hash >> 32) & (filter.blocks - 1)) * kBlockWords;
  };
  for (const Filter& filter : filters_) {
    const uint64_t* const block = block_of(filter);
    bool all = true;
    for (int i = 0; i < kBitsAHash && all; ++i) {
      const uint64_t bit = (bits >> 9 * i) % kBlockBits;
      all = (block[bit / 64] >> bit % 64 & 1) != 0;
    }
    if (all) return true;
  }
  if (room_ == 0) {
    uint64_t blocks = filters_.empty() ? 1 : filters_.back().blocks * kGrowth;
    while (filters_.empty() && blocks * kHashesABlock < expected) blocks *= 2;
    const size_t bytes = blocks * kBlockWords * sizeof(uint64_t);
    auto* const words = reinterpret_cast<uint64_t*>(slab->Allocate(bytes));
    memset(words, 0, bytes);
    filters_.push_back({words, blocks});
    room_ = blocks * kHashesABlock;
  }
  --room_;
  uint64_t* const block = block_of(filters_.back());
  for (int i = 0; i < kBitsAHash; ++i) {
    const uint64_t bit = (bits >> 9 * i) % kBlockBits;
    block[bit / 64] |= uint64_t{1} << bit % 64;
  }
  return false;
}

int Sightings::Add(uint64_t hash, uint64_t expected, Slab* slab) {
  if (!once_.TestAndAdd(hash, expected, slab)) {
    ++keys_;
    ++sightings_;
    return 0;
  }
  if (!twice_.TestAndAdd(hash, /*expected=*/0, slab)) {
    ++sightings_;
    return 1;
  }
  return kMost;
}

}  // namespace varve::memtable
