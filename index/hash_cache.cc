// See hash_cache.h.
#include "index/hash_cache.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <string>

#include "rocksdb/env.h"

namespace varve {
namespace {

// Of this process, and nobody's to guess.
uint64_t Seed() {
  static const uint64_t seed = [] {
    const std::string id = rocksdb::Env::Default()->GenerateUniqueId();
    return XXH3_64bits(id.data(), id.size());
  }();
  return seed;
}

uint64_t TagOf(const TextHash& hash) { return hash.high == 0 ? 1 : hash.high; }

}  // namespace

TextHash HashText(const char* text, size_t bytes) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(text, bytes, Seed());
  return {hash.low64, hash.high64};
}

HashCache::HashCache(size_t bytes_max) {
  size_t lines = 1;
  while (lines * 2 * sizeof(Line) <= bytes_max) lines *= 2;
  mask_ = lines - 1;
  lines_ = std::make_unique<Line[]>(lines);
}

bool HashCache::Find(const TextHash& hash, uint64_t* number) const {
  const uint64_t tag = TagOf(hash);
  for (const Entry& entry : lines_[hash.low & mask_].entries) {
    const uint64_t found = entry.number.load(std::memory_order_relaxed);
    if ((entry.mixed.load(std::memory_order_relaxed) ^ found) != tag) continue;
    *number = found;
    return true;
  }
  return false;
}

void HashCache::Insert(const TextHash& hash, uint64_t number) {
  Line& line = lines_[hash.low & mask_];
  const uint64_t tag = TagOf(hash);
  // The hash's own bits choose whom it displaces.
  Entry* place = &line.entries[(tag >> 32) % kWays];
  bool free = false;
  for (Entry& entry : line.entries) {
    const uint64_t there = entry.tag();
    if (there == tag) {
      place = &entry;
      break;
    }
    if (there == 0 && !free) {
      place = &entry;
      free = true;
    }
  }
  place->number.store(number, std::memory_order_relaxed);
  place->mixed.store(tag ^ number, std::memory_order_relaxed);
}

void HashCache::Clear() {
  for (uint64_t i = 0; i <= mask_; ++i) {
    for (Entry& entry : lines_[i].entries) {
      entry.number.store(0, std::memory_order_relaxed);
      entry.mixed.store(0, std::memory_order_relaxed);
    }
  }
}

}  // namespace varve
