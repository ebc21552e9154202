// A position among the entries of one row, as they were when the walk entered
// it: 0 is the oldest, size() - 1 the newest, which sorts first. -1 stands
// behind the oldest.
#pragma once

#include <cstdint>
#include <vector>

#include "plugin/memtable/chunk_images.h"
#include "plugin/memtable/row_spans.h"
#include "plugin/memtable/sample_row.h"

namespace varve::memtable {

class RowWalk {
 public:
  RowWalk(ChunkImages* lasting, RowSpans* spans)
      : lasting_(lasting), spans_(spans) {}

  // How long RocksDB may use what Entry() gives.
  enum class Life {
    kMemtable,
    // Until the walk is in the second row after: a flush goes one row further
    // before it merges the operands of a row.
    kSecondRow,
    // Until a call on RocksDB's iterator after the one that left the row: the
    // operands are merged before the call returns, and the result may be one
    // of them. Within the call, RocksDB may pass any number of rows that a
    // DeleteRange covers.
    kNextCall,
  };

  // Stands at the newest entry. `call` is the call's number, for kNextCall; if
  // it is that of the call in which another row was entered, entries stay for
  // longer.
  void Enter(const SampleRow* row, Life life, uint64_t call);
  // The same among those entries only that a merge under the hint may pick;
  // they stay as long as the hint.
  void EnterPicked(const SampleRow* row, const ReadHint& hint);
  void Leave() { row_ = nullptr; }

  const SampleRow* row() const { return row_; }
  int64_t size() const { return size_; }
  int64_t position() const { return position_; }
  // REQUIRES: -1 <= position < size().
  void MoveTo(int64_t position) { position_ = position; }
  // The newest position whose sequence number is at most that; -1: none is.
  int64_t AtOrBefore(uint64_t sequence) const;

  // The entry at that position. REQUIRES: 0 <= position < size().
  const char* EntryAt(int64_t position) {
    if (position < part_begin_ || position >= part_end_) TurnTo(position);
    return entries_[static_cast<size_t>(position - part_begin_)];
  }
  uint64_t SequenceAt(int64_t position) {
    return LoadU64(EntryAt(position) + tag_offset_) >> 8;
  }
  const char* Entry() { return EntryAt(position_); }

 private:
  void TurnTo(int64_t position);

  ChunkImages* const lasting_;
  RowSpans* const spans_;
  ShortImages short_;
  const SampleRow* row_ = nullptr;
  Life life_ = Life::kMemtable;
  uint64_t call_ = 0;
  size_t tag_offset_ = 0;  // in an entry
  int64_t size_ = 0;
  int64_t position_ = -1;
  std::vector<ChunkPart> parts_;  // newest first; none: all is turned to

  // The part that was turned to.
  int64_t part_begin_ = 0;
  int64_t part_end_ = 0;
  EntryList entries_;
};

}  // namespace varve::memtable
