// Entries of rows spelled out for readers, who are promised a pointer to a
// whole entry.
//
// RocksDB may keep such a pointer as long as the memtable: iterators with
// pin_data, merge operands of a Get. So a chunk's entries are spelled out once
// for all its readers, and stay as long as the memtable; the worst case, when
// all is read, is what the skip list would have taken all the time.
// ShortImages are for readers who let go: flushes, and Varve's own iterators.
// What a Get under a ReadHint is shown belongs to the hint: SpellOperands.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "plugin/memtable/sample_row.h"

namespace varve::memtable {

// A chunk's entries, oldest first.
using EntryList = std::vector<const char*>;

// Sets *entries to the row's entries of those operands, in their order. The
// memory is from `allocate`, in pieces.
void SpellOperands(const SampleRow& row, const std::vector<Operand>& operands,
                   const std::function<char*(size_t bytes)>& allocate,
                   EntryList* entries);

class ChunkImages {
 public:
  ChunkImages() = default;
  ~ChunkImages();
  ChunkImages(const ChunkImages&) = delete;
  ChunkImages& operator=(const ChunkImages&) = delete;

  // Sets *entries to the chunk's first `count`. Thread-safe.
  // REQUIRES: the chunk has so many, and is one of `row`'s.
  void Spell(const SampleRow& row, const OperandChunk& chunk, uint32_t count,
             EntryList* entries);

 private:
  static constexpr size_t kLocks = 16;

  const ImageSegment* Segments(const SampleRow& row, const OperandChunk& chunk,
                               uint32_t count);

  std::atomic<ImageSegment*> all_{nullptr};
  std::array<SpinLock, kLocks> locks_;  // of adding to a chunk's segments
};

// Entries of two generations of rows, of which the later one holds the row
// that an iterator is in.
class ShortImages {
 public:
  // Forgets the earlier generation, and begins another.
  void NextGeneration();
  // As ChunkImages has it.
  void Spell(const SampleRow& row, const OperandChunk& chunk, uint32_t count,
             EntryList* entries);

 private:
  // Memory that grows and is used again.
  class Pile {
   public:
    char* Allocate(size_t bytes);
    void Clear();

   private:
    struct Block {
      std::unique_ptr<char[]> memory;
      size_t bytes;
    };
    std::vector<Block> blocks_;
    size_t block_ = 0;  // the one in use
    size_t used_ = 0;   // of it
  };

  Pile now_, before_;
};

}  // namespace varve::memtable
