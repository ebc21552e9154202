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
  const Line& line = lines_[hash.low & mask_];
  const uint64_t tag = TagOf(hash);
  std::lock_guard<std::mutex> lock(LockOf(hash));
  for (size_t i = 0; i < kWays; ++i) {
    if (line.tags[i] != tag) continue;
    *number = line.numbers[i];
    return true;
  }
  return false;
}

void HashCache::Insert(const TextHash& hash, uint64_t number) {
  Line& line = lines_[hash.low & mask_];
  const uint64_t tag = TagOf(hash);
  std::lock_guard<std::mutex> lock(LockOf(hash));
  size_t place = kWays;
  for (size_t i = 0; i < kWays && place == kWays; ++i) {
    if (line.tags[i] == tag) place = i;
  }
  for (size_t i = 0; i < kWays && place == kWays; ++i) {
    if (line.tags[i] == 0) place = i;
  }
  // The hash's own bits choose whom it displaces.
  if (place == kWays) place = (tag >> 32) % kWays;
  line.tags[place] = tag;
  line.numbers[place] = number;
}

void HashCache::Clear() {
  for (uint64_t i = 0; i <= mask_; ++i) {
    std::lock_guard<std::mutex> lock(locks_[i % kLocks]);
    lines_[i].tags.fill(0);
  }
}

}  // namespace varve
