// See column_cache.h.
#include "format/coding/column_cache.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace varve {
namespace {

// Of the list, the map and the entry itself.
constexpr size_t kEntryBytes = 256;

}  // namespace

size_t OpenedColumn::memory_bytes() const {
  return kEntryBytes + integers.tokens.capacity() +
         integers.places.capacity() * sizeof(OpenedIntegers::Place) +
         words.capacity() * sizeof(uint64_t) +
         offsets_ms.capacity() * sizeof(uint32_t);
}

ColumnCache::ColumnCache(size_t bytes_max, uint64_t seed)
    : shard_bytes_max_(bytes_max / kShards), seed_(seed) {}

ColumnCache::Key ColumnCache::KeyOf(Kind kind, const Slice& column,
                                    size_t count) const {
  const uint64_t which = count * 2 + (kind == Kind::kValues ? 1 : 0);
  const XXH128_hash_t hash = XXH3_128bits_withSeed(
      column.data(), column.size(), seed_ + which * 0x9e3779b97f4a7c15);
  return {hash.low64, hash.high64};
}

ColumnCache::Entry ColumnCache::Find(const Key& key) {
  Shard& shard = ShardOf(key);
  const std::lock_guard<std::mutex> lock(shard.mutex);
  const auto found = shard.places.find(key);
  if (found == shard.places.end()) return nullptr;
  shard.used.splice(shard.used.begin(), shard.used, found->second);
  return found->second->second;
}

void ColumnCache::Insert(const Key& key, Entry entry) {
  const size_t bytes = entry->memory_bytes();
  if (bytes > shard_bytes_max_) return;
  Shard& shard = ShardOf(key);
  Used gone;  // freed without the lock
  const std::lock_guard<std::mutex> lock(shard.mutex);
  if (shard.places.count(key) != 0) return;
  while (shard.bytes + bytes > shard_bytes_max_) {
    const auto last = std::prev(shard.used.end());
    shard.bytes -= last->second->memory_bytes();
    shard.places.erase(last->first);
    gone.splice(gone.begin(), shard.used, last);
  }
  Used one;
  one.emplace_front(key, std::move(entry));
  shard.places.emplace(key, one.begin());
  shard.used.splice(shard.used.begin(), one);
  shard.bytes += bytes;
}

size_t ColumnCache::memory_bytes() const {
  size_t total = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard<std::mutex> lock(shard.mutex);
    total += shard.bytes;
  }
  return total;
}

}  // namespace varve
