// Columns that can only be decoded from their beginning, opened: kept so that
// the next narrow range of one costs no more than the range. What is kept takes
// about a byte a value of tokens, eight a value of columns with exceptions and
// the like, four a timestamp.
//
// A column is known by a hash of its bytes with a secret seed, so that it is
// found again wherever it comes from: another row, another file, a copy.
// An entry never changes. Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rocksdb/slice.h"

namespace varve {

using rocksdb::Slice;

// The tokens of an integer column out of their code, and where to begin.
struct OpenedIntegers {
  // Before every kTokensApart-th token.
  struct Place {
    uint64_t raw_bit;  // where its raw bits begin
    uint64_t next;     // the integer behind the last one from this place on
  };
  static constexpr size_t kTokensApart = 128;

  std::vector<uint8_t> tokens;
  std::vector<Place> places;
  size_t raw_bytes = 0;
};

struct OpenedColumn {
  // Of values either, of timestamps the last.
  OpenedIntegers integers;
  std::vector<uint64_t> words;       // where tokens are not all
  std::vector<uint32_t> offsets_ms;  // from the first timestamp

  size_t memory_bytes() const;
};

class ColumnCache {
 public:
  enum class Kind : uint8_t { kTimestamps, kValues };

  struct Key {
    uint64_t low;
    uint64_t high;
    bool operator==(const Key& other) const {
      return low == other.low && high == other.high;
    }
  };

  using Entry = std::shared_ptr<const OpenedColumn>;

  // Columns of fewer values are decoded as quickly as they are looked for.
  static constexpr size_t kCountMin = 512;

  // Keeps at most bytes_max, what was used longest ago goes first.
  ColumnCache(size_t bytes_max, uint64_t seed);

  Key KeyOf(Kind kind, const Slice& column, size_t count) const;

  // Nullptr when it is not kept.
  Entry Find(const Key& key);

  // Nothing is kept that takes more than a shard's part of bytes_max.
  void Insert(const Key& key, Entry entry);

  size_t memory_bytes() const;

 private:
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return static_cast<size_t>(key.low);
    }
  };
  using Used = std::list<std::pair<Key, Entry>>;  // the last used first
  struct Shard {
    mutable std::mutex mutex;
    Used used;
    std::unordered_map<Key, Used::iterator, KeyHash> places;
    size_t bytes = 0;
  };
  static constexpr size_t kShards = 16;

  Shard& ShardOf(const Key& key) { return shards_[key.high % kShards]; }

  const size_t shard_bytes_max_;
  const uint64_t seed_;
  std::array<Shard, kShards> shards_;
};

}  // namespace varve
