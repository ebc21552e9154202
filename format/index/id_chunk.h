// A set of offsets below 65,536: the ids of one chunk, in memory and as the
// value of a posting's row.
//
//   form 0x21: runs, ascending: (gap << 1 | longer):varint [length - 2:varint]
//   form 0x22: a bitmap of 8,192 bytes, lowest bit first, where that is shorter
//
// `gap` counts the offsets left out before the run; `longer` says that the run
// has two offsets or more, whose length follows. Runs do not touch.
//
// In memory up to 4,096 offsets are a sorted array, more are a bitmap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

using rocksdb::Slice;
using rocksdb::Status;

inline constexpr size_t kIdChunkSize = size_t{1} << 16;
inline constexpr size_t kIdChunkWords = kIdChunkSize / 64;
inline constexpr size_t kIdArrayMax = 4096;

class IdChunk {
 public:
  bool empty() const { return count_ == 0; }
  size_t count() const { return count_; }
  bool Contains(uint16_t offset) const;
  size_t memory_bytes() const;

  // The smallest offset from `from` on, kIdChunkSize if there is none.
  size_t Next(size_t from) const;

  void UniteWith(const IdChunk& other);
  void IntersectWith(const IdChunk& other);
  void Subtract(const IdChunk& other);

  // Appends the row's value. REQUIRES: !empty().
  void EncodeTo(std::string* value) const;

  // Adds what a row's value holds. Corruption for anything else, and the
  // chunk is then as before.
  Status Add(const Slice& value);

  // REQUIRES: ascending offsets, each once.
  static IdChunk OfSorted(const uint16_t* offsets, size_t count);

  bool operator==(const IdChunk& other) const;

 private:
  friend class IdBits;
  bool is_bitmap() const { return !words_.empty(); }
  void MakeBitmap();
  // To the form that fits the count.
  void Settle();

  size_t count_ = 0;
  std::vector<uint16_t> offsets_;
  std::vector<uint64_t> words_;  // none, or kIdChunkWords
};

// Many rows' values united: cheaper than chunk by chunk.
class IdBits {
 public:
  IdBits() : words_(kIdChunkWords) {}

  // Corruption: nothing was added.
  Status Add(const Slice& value);
  // Both take everything out again.
  void EncodeTo(std::string* value);  // REQUIRES: !empty()
  IdChunk Take();
  bool empty() const { return !any_; }

 private:
  void SetRun(size_t first, size_t length);

  bool any_ = false;
  std::vector<uint64_t> words_;
};

// Appends the value of a row with these offsets.
// REQUIRES: ascending offsets, each once; count > 0.
void EncodeSortedIds(const uint16_t* offsets, size_t count, std::string* value);

}  // namespace varve
