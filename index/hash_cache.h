// Numbers by the hash of a text, in a table of fixed size: four entries of 16
// bytes share a cache line, and a new one displaces one of them. An entry is
// known by 64 bits of a 128-bit hash with a secret seed, and by its place, so
// that two texts are taken for one once in 10^15 lookups of a full table.
// Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

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
  // Nobody may look or insert meanwhile.
  void Clear();

 private:
  static constexpr size_t kWays = 4;
  struct Entry {
    std::atomic<uint64_t> number{0};
    std::atomic<uint64_t> mixed{0};  // tag ^ number; a tag is never 0

    uint64_t tag() const {
      return mixed.load(std::memory_order_relaxed) ^
             number.load(std::memory_order_relaxed);
    }
  };
  struct alignas(64) Line {
    std::array<Entry, kWays> entries;
  };

  uint64_t mask_ = 0;
  std::unique_ptr<Line[]> lines_;
};

}  // namespace varve
