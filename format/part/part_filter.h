// The filter of a part: which whole keys and which prefixes it may hold. A
// Bloom filter in lines of 64 bytes, so that a probe touches one cache line,
// cut in shards by hash, so that a probe loads one shard of a large part.
//
//   hash   := XXH3-64 of the key; of a prefix with seed 1
//   shard  := (hash >> 32) * shard_count >> 32
//   line   := (hash & 2^32-1) * lines_per_shard >> 32
//   bit i  := top 9 bits of hash * kProbeFactor^(i+1), within the line
//
// A shard's payload is its lines and nothing else; the counts lie in the
// part's root. Bytes only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rocksdb/slice.h"

namespace varve {

using rocksdb::Slice;

inline constexpr size_t kFilterLineBytes = 64;
inline constexpr size_t kFilterShardBytesMax = 64 * 1024;
inline constexpr int kFilterProbesMax = 16;

uint64_t HashWholeKey(const Slice& key);
uint64_t HashPrefix(const Slice& prefix);

// A row key (row_key.h) without its bucket, for keys that have the shape of
// one: a series terminator before the last 8 bytes. False for other keys. A
// foreign key that happens to look like a row is filtered like one: builder
// and reader ask the same function, so nothing is missed.
bool RowPrefix(const Slice& key, Slice* prefix);

struct FilterShape {
  uint64_t shard_count = 0;  // 0: no filter
  uint64_t lines_per_shard = 0;
  int probe_count = 0;

  uint64_t shard_bytes() const { return lines_per_shard * kFilterLineBytes; }
  uint64_t shard_of(uint64_t hash) const {
    return (hash >> 32) * shard_count >> 32;
  }
};

// Collects hashes, 8 bytes each, and sets the bits at the end.
class FilterBuilder {
 public:
  explicit FilterBuilder(int bits_per_key) : bits_per_key_(bits_per_key) {}

  // Repeats of the last hash are dropped.
  void Add(uint64_t hash);
  size_t hash_count() const { return hashes_.size(); }
  // Sets the bits; shard i is then the i-th shard_bytes() of *bits.
  FilterShape Finish(std::string* bits);

 private:
  const int bits_per_key_;
  std::vector<uint64_t> hashes_;
};

// `shard` holds shape.lines_per_shard lines.
bool FilterMayHold(const FilterShape& shape, const Slice& shard, uint64_t hash);

}  // namespace varve
