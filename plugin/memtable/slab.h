// Pieces of a memtable's arena, aligned to 8 bytes, from slabs that grow with
// what they have given: an arena's own allocation costs a lock, and aligns
// nothing that public headers reach.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace varve::memtable {

using ArenaFunction = std::function<char*(size_t bytes)>;

class Slab {
 public:
  static constexpr size_t kAlignment = 8;

  explicit Slab(const ArenaFunction* arena) : arena_(arena) {}

  char* Allocate(size_t bytes) {
    bytes = (bytes + kAlignment - 1) & ~(kAlignment - 1);
    if (bytes > left_) {
      if (bytes >= slab_bytes_ / 4) return Aligned(bytes);
      next_ = Aligned(slab_bytes_);
      left_ = slab_bytes_;
      slab_bytes_ = std::min(slab_bytes_ * 2, kSlabBytesMax);
    }
    char* const result = next_;
    next_ += bytes;
    left_ -= bytes;
    return result;
  }

 private:
  static constexpr size_t kSlabBytesMin = 512;
  static constexpr size_t kSlabBytesMax = 16 << 10;

  char* Aligned(size_t bytes) {
    const uintptr_t at =
        reinterpret_cast<uintptr_t>((*arena_)(bytes + kAlignment - 1));
    return reinterpret_cast<char*>((at + kAlignment - 1) & ~(kAlignment - 1));
  }

  const ArenaFunction* arena_;
  char* next_ = nullptr;
  size_t left_ = 0;
  size_t slab_bytes_ = kSlabBytesMin;
};

}  // namespace varve::memtable
