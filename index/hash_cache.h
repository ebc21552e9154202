// Numbers by the hash of a text, in a table of fixed size: four entries of 16
// bytes share a cache line, and a new one displaces one of them. An entry is
// known by 64 bits of a 128-bit hash with a secret seed, and by its place, so
// that two texts are taken for one once in 10^15 lookups of a full table.
// Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace varve {

struct TextHash {
  uint64_t low;
  uint64_t high;
  bool operator==(const TextHash& other) const {
    return low == other.low && high == other.high;
  }
};

// With the seed of this process.
TextHash HashText(const char* text, size_t bytes);

class HashCache {
 public:
  // Takes at most so many bytes, a cache line at least.
  explicit HashCache(size_t bytes_max);

  void Prefetch(const TextHash& hash) const {
    __builtin_prefetch(&lines_[hash.low & mask_]);
  }
  bool Find(const TextHash& hash, uint64_t* number) const;
  void Insert(const TextHash& hash, uint64_t number);
  void Clear();

 private:
  static constexpr size_t kWays = 4;
  static constexpr size_t kLocks = 256;
  struct alignas(64) Line {
    std::array<uint64_t, kWays> tags;  // 0: free
    std::array<uint64_t, kWays> numbers;
  };

  std::mutex& LockOf(const TextHash& hash) const {
    return locks_[(hash.low & mask_) % kLocks];
  }

  uint64_t mask_ = 0;
  std::unique_ptr<Line[]> lines_;
  mutable std::array<std::mutex, kLocks> locks_;
};

}  // namespace varve
