// See row_walk.h.
#include "plugin/memtable/row_walk.h"

#include <algorithm>
#include <cassert>

namespace varve::memtable {
namespace {

// In every entry of the row.
size_t TagOffset(const SampleRow& row) {
  return static_cast<size_t>(EntryKey(row.head()).end() - kTagBytes -
                             row.head());
}

}  // namespace

void RowWalk::Enter(const SampleRow* row, Life life, uint64_t call) {
  row_ = row;
  life_ = life;
  if (life == Life::kSecondRow || (life == Life::kNextCall && call != call_)) {
    short_.NextGeneration();
    call_ = call;
  }
  tag_offset_ = TagOffset(*row);
  parts_.clear();
  for (const OperandChunk* chunk = row->newest(); chunk != nullptr;
       chunk = chunk->older) {
    parts_.push_back({chunk, chunk->extent().count});
  }
  part_begin_ = part_end_ = 0;
  size_ = int64_t{parts_.front().chunk->first_index} + parts_.front().count;
  position_ = size_ - 1;
}

void RowWalk::EnterPicked(const SampleRow* row, const ReadHint& hint) {
  row_ = row;
  tag_offset_ = TagOffset(*row);
  thread_local std::vector<Operand> picked;
  picked.clear();
  PickOperands(*row, hint, spans_, &picked);
  SpellOperands(
      *row, picked, [&hint](size_t bytes) { return hint.Keep(bytes); },
      &entries_);
  parts_.clear();
  size_ = static_cast<int64_t>(entries_.size());
  part_begin_ = 0;
  part_end_ = size_;
  position_ = size_ - 1;
}

int64_t RowWalk::AtOrBefore(uint64_t sequence) const {
  if (parts_.empty()) {
    int64_t position = size_ - 1;
    while (position >= 0 &&
           LoadU64(entries_[static_cast<size_t>(position)] + tag_offset_) >> 8 >
               sequence) {
      --position;
    }
    return position;
  }
  for (const ChunkPart& part : parts_) {
    if (part.chunk->first_sequence() > sequence) continue;
    RecordWalk records(*part.chunk);
    int64_t position = int64_t{part.chunk->first_index} - 1;
    for (uint32_t left = part.count; left > 0; --left, ++position) {
      if (records.Next().sequence > sequence) break;
    }
    return position;
  }
  return -1;
}

void RowWalk::TurnTo(int64_t position) {
  assert(position >= 0 && position < size_);
  const auto part = std::find_if(
      parts_.begin(), parts_.end(), [position](const ChunkPart& candidate) {
        return int64_t{candidate.chunk->first_index} <= position;
      });
  part_begin_ = part->chunk->first_index;
  part_end_ = part_begin_ + part->count;
  if (life_ == Life::kMemtable) {
    lasting_->Spell(*row_, *part->chunk, part->count, &entries_);
  } else {
    short_.Spell(*row_, *part->chunk, part->count, &entries_);
  }
}

}  // namespace varve::memtable
