#include "format/part/part_filter.h"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace varve {
namespace {

constexpr uint64_t kProbeFactor = 0x9e3779b97f4a7c15ull;
constexpr unsigned kBitsPerLineLog2 = 9;
static_assert((size_t{1} << kBitsPerLineLog2) == kFilterLineBytes * 8);

constexpr size_t kBucketBytes = 8;
constexpr size_t kTerminatorBytes = 2;

uint64_t LineOf(const FilterShape& shape, uint64_t hash) {
  return (hash & 0xffffffffu) * shape.lines_per_shard >> 32;
}

// ln 2 bits a key is best for a plain filter; lines fill unevenly, so a
// little fewer.
int ProbeCount(int bits_per_key) {
  const int count = bits_per_key * 62 / 100;
  return std::min(std::max(count, 1), kFilterProbesMax);
}

}  // namespace

uint64_t HashWholeKey(const Slice& key) {
  return XXH3_64bits(key.data(), key.size());
}

uint64_t HashPrefix(const Slice& prefix) {
  return XXH3_64bits_withSeed(prefix.data(), prefix.size(), 1);
}

bool RowPrefix(const Slice& key, Slice* prefix) {
  if (key.size() <= kTerminatorBytes + kBucketBytes) return false;
  const char* end = key.data() + key.size() - kBucketBytes;
  if (end[-2] != 0 || end[-1] != 1) return false;
  *prefix = Slice(key.data(), static_cast<size_t>(end - key.data()));
  return true;
}

void FilterBuilder::Add(uint64_t hash) {
  if (!hashes_.empty() && hashes_.back() == hash) return;
  hashes_.push_back(hash);
}

FilterShape FilterBuilder::Finish(std::string* bits) {
  FilterShape shape;
  bits->clear();
  if (hashes_.empty() || bits_per_key_ <= 0) return shape;
  const uint64_t wanted =
      (hashes_.size() * static_cast<uint64_t>(bits_per_key_) + 511) / 512;
  constexpr uint64_t kLinesMax = kFilterShardBytesMax / kFilterLineBytes;
  shape.shard_count = (wanted + kLinesMax - 1) / kLinesMax;
  shape.lines_per_shard = (wanted + shape.shard_count - 1) / shape.shard_count;
  shape.probe_count = ProbeCount(bits_per_key_);
  bits->assign(static_cast<size_t>(shape.shard_count * shape.shard_bytes()), 0);

  char* base = &(*bits)[0];
  const auto line_at = [&](uint64_t hash) {
    return base + shape.shard_of(hash) * shape.shard_bytes() +
           LineOf(shape, hash) * kFilterLineBytes;
  };
  constexpr size_t kAhead = 16;
  for (size_t i = 0; i < hashes_.size(); ++i) {
    if (i + kAhead < hashes_.size()) {
      __builtin_prefetch(line_at(hashes_[i + kAhead]), 1);
    }
    char* line = line_at(hashes_[i]);
    uint64_t h = hashes_[i];
    for (int probe = 0; probe < shape.probe_count; ++probe) {
      h *= kProbeFactor;
      const unsigned bit = static_cast<unsigned>(h >> (64 - kBitsPerLineLog2));
      line[bit >> 3] = static_cast<char>(line[bit >> 3] | 1 << (bit & 7));
    }
  }
  hashes_.clear();
  hashes_.shrink_to_fit();
  return shape;
}

bool FilterMayHold(const FilterShape& shape, const Slice& shard,
                   uint64_t hash) {
  const char* line = shard.data() + LineOf(shape, hash) * kFilterLineBytes;
  uint64_t h = hash;
  for (int probe = 0; probe < shape.probe_count; ++probe) {
    h *= kProbeFactor;
    const unsigned bit = static_cast<unsigned>(h >> (64 - kBitsPerLineLog2));
    if ((line[bit >> 3] >> (bit & 7) & 1) == 0) return false;
  }
  return true;
}

}  // namespace varve
