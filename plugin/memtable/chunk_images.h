// Entries of rows spelled out for readers, who are promised a pointer to a
// whole entry: a chunk's image is its entries one behind the other, all of one
// length.
//
// RocksDB may keep such a pointer as long as the memtable: iterators with
// pin_data, merge operands of a Get. So an image is made once a chunk and
// shared by all its readers, and lives as long as the memtable; the worst
// case, when all is read, is what the skip list would have taken all the time.
// ShortImages are for readers who let go: flushes, and Varve's own reads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "plugin/memtable/sample_row.h"

namespace varve::memtable {

// The bytes of each entry of that row.
size_t SampleEntryBytes(const SampleRow& row);

// Writes the entries [from, to) of the chunk to their places in `image`.
void WriteEntries(const SampleRow& row, const SampleChunk& chunk, uint32_t from,
                  uint32_t to, char* image);

class ChunkImages {
 public:
  ChunkImages() = default;
  ~ChunkImages();
  ChunkImages(const ChunkImages&) = delete;
  ChunkImages& operator=(const ChunkImages&) = delete;

  // The first `count` entries or more. Thread-safe.
  // REQUIRES: the chunk has so many; `chunk` is one of `row`'s, and all rows
  // asked for are of one memtable.
  const char* Image(const SampleRow& row, const SampleChunk& chunk,
                    uint32_t count);

  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  std::atomic<size_t> bytes_{0};
  std::atomic<ChunkImage*> all_{nullptr};
};

// Images of the row that an iterator is in and of the one that it was in
// before: RocksDB goes one row further before it merges the operands of a row.
class ShortImages {
 public:
  void NextRow();
  const char* Image(const SampleRow& row, const SampleChunk& chunk,
                    uint32_t count);

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
