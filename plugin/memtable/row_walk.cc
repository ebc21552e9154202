// See row_walk.h.
#include "plugin/memtable/row_walk.h"

#include <algorithm>
#include <cassert>

namespace varve::memtable {

void RowWalk::Enter(const SampleRow* row, Life life) {
  row_ = row;
  life_ = life;
  if (life == Life::kNextRow) short_.NextRow();
  entry_bytes_ = SampleEntryBytes(*row);
  parts_.clear();
  for (const SampleChunk* chunk = row->newest(); chunk != nullptr;
       chunk = chunk->older) {
    parts_.push_back(
        {chunk, nullptr, chunk->count.load(std::memory_order_acquire)});
  }
  std::reverse(parts_.begin(), parts_.end());
  part_ = parts_.size() - 1;
  size_ = int64_t{parts_[part_].chunk->first_index} + parts_[part_].count;
  position_ = size_ - 1;
}

int64_t RowWalk::AtOrBefore(uint64_t sequence) const {
  // The last part that begins at or before it.
  auto part = std::upper_bound(parts_.begin(), parts_.end(), sequence,
                               [](uint64_t than, const Part& p) {
                                 return than < p.chunk->base_sequence;
                               });
  if (part == parts_.begin()) return -1;
  --part;
  const uint64_t delta = sequence - part->chunk->base_sequence;
  const SampleChunk::Packed* const begin = part->chunk->packed();
  const auto* const beyond =
      std::upper_bound(begin, begin + part->count, delta,
                       [](uint64_t than, const SampleChunk::Packed& packed) {
                         return than < packed.sequence_delta;
                       });
  return int64_t{part->chunk->first_index} + (beyond - begin) - 1;
}

uint32_t RowWalk::Find(int64_t position) {
  assert(position >= 0 && position < size_);
  const auto first = [this](size_t part) {
    return int64_t{parts_[part].chunk->first_index};
  };
  // Steps are what there is most; a seek may be far away.
  if (position < first(part_) && part_ > 0 && position >= first(part_ - 1)) {
    --part_;
  } else if (position < first(part_) ||
             position >= first(part_) + parts_[part_].count) {
    const auto after =
        std::upper_bound(parts_.begin(), parts_.end(), position,
                         [](int64_t than, const Part& p) {
                           return than < int64_t{p.chunk->first_index};
                         });
    part_ = static_cast<size_t>(after - parts_.begin()) - 1;
  }
  return static_cast<uint32_t>(position - first(part_));
}

uint64_t RowWalk::SequenceAt(int64_t position) {
  const uint32_t i = Find(position);
  return parts_[part_].chunk->SequenceAt(i);
}

const char* RowWalk::Entry() {
  const uint32_t i = Find(position_);
  Part& part = parts_[part_];
  if (part.image == nullptr) {
    part.image = life_ == Life::kMemtable
                     ? lasting_->Image(*row_, *part.chunk, part.count)
                     : short_.Image(*row_, *part.chunk, part.count);
  }
  return part.image + i * entry_bytes_;
}

}  // namespace varve::memtable
