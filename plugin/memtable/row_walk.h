// A position among the entries of one row, as they were when the walk entered
// it: 0 is the oldest, size() - 1 the newest, which sorts first. -1 stands
// behind the oldest.
#pragma once

#include <cstdint>
#include <vector>

#include "plugin/memtable/chunk_images.h"
#include "plugin/memtable/sample_row.h"

namespace varve::memtable {

class RowWalk {
 public:
  explicit RowWalk(ChunkImages* lasting) : lasting_(lasting) {}

  // How long RocksDB may use what Entry() gives.
  enum class Life { kMemtable, kNextRow };

  // Stands at the newest entry.
  void Enter(const SampleRow* row, Life life);
  void Leave() { row_ = nullptr; }

  const SampleRow* row() const { return row_; }
  int64_t size() const { return size_; }
  int64_t position() const { return position_; }
  // REQUIRES: -1 <= position < size().
  void MoveTo(int64_t position) { position_ = position; }
  // The newest position whose sequence number is at most that; -1: none is.
  int64_t AtOrBefore(uint64_t sequence) const;

  // REQUIRES: 0 <= position < size().
  uint64_t SequenceAt(int64_t position);
  // The entry at position().
  const char* Entry();

 private:
  struct Part {
    const SampleChunk* chunk;
    const char* image;  // nullptr until it is needed
    uint32_t count;
  };

  // Turns part_ to the one of that position; gives the place in it.
  uint32_t Find(int64_t position);

  ChunkImages* const lasting_;
  ShortImages short_;
  const SampleRow* row_ = nullptr;
  Life life_ = Life::kMemtable;
  size_t entry_bytes_ = 0;
  int64_t size_ = 0;
  int64_t position_ = -1;
  size_t part_ = 0;
  std::vector<Part> parts_;  // oldest first
};

}  // namespace varve::memtable
