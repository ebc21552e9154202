// See sample_row.h.
#include "plugin/memtable/sample_row.h"

#include <algorithm>
#include <mutex>
#include <new>

namespace varve::memtable {
namespace {

// A row's chunks grow by half of what it holds, so that a third of a short
// row at most is room.
constexpr uint32_t kRoomMin = 2;
constexpr uint32_t kRoomMax = 64;

}  // namespace

uint32_t SampleChunk::Room(uint32_t first_index) {
  return std::min(std::max(first_index / 2, kRoomMin), kRoomMax);
}

bool SampleChunk::Pack(const SampleEntry& sample, Packed* to) const {
  const uint64_t sequence_delta = sample.sequence - base_sequence;
  if (sequence_delta > UINT32_MAX) return false;
  const int64_t timestamp_delta =
      static_cast<int64_t>(sample.timestamp - base_timestamp);
  if (timestamp_delta < INT32_MIN || timestamp_delta > INT32_MAX) return false;
  to->sequence_delta = static_cast<uint32_t>(sequence_delta);
  to->timestamp_delta = static_cast<uint32_t>(timestamp_delta);
  to->value_bits = sample.value_bits;
  return true;
}

SampleChunk* SampleRow::NewChunk(const SampleEntry& sample,
                                 uint32_t first_index, SampleChunk* older,
                                 char* memory) {
  auto* const chunk = new (memory) SampleChunk();
  chunk->older = older;
  chunk->base_sequence = sample.sequence;
  chunk->base_timestamp = sample.timestamp;
  chunk->first_index = first_index;
  chunk->packed()[0] = {0, 0, sample.value_bits};
  chunk->count.store(1, std::memory_order_relaxed);
  return chunk;
}

bool SampleRow::Append(const SampleEntry& sample, Slab* slab,
                       SpinLock* slab_lock) {
  SampleChunk* const chunk = newest_.load(std::memory_order_relaxed);
  const uint32_t count = chunk->count.load(std::memory_order_relaxed);
  if (sample.sequence <= chunk->SequenceAt(count - 1)) return false;
  const uint32_t room = SampleChunk::Room(chunk->first_index);
  SampleChunk::Packed packed;
  const bool fits = chunk->Pack(sample, &packed);
  if (fits && count < room) {
    chunk->packed()[count] = packed;
    chunk->count.store(count + 1, std::memory_order_release);
    return true;
  }
  // Samples that jump to and fro would otherwise have a chunk each.
  if (!fits && count < (room + 1) / 2) return false;
  const uint32_t first_index = chunk->first_index + count;
  char* memory = nullptr;
  if (slab_lock != nullptr) {
    std::lock_guard<SpinLock> guard(*slab_lock);
    memory = slab->Allocate(SampleChunk::Bytes(first_index));
  } else {
    memory = slab->Allocate(SampleChunk::Bytes(first_index));
  }
  newest_.store(NewChunk(sample, first_index, chunk, memory),
                std::memory_order_release);
  return true;
}

bool SampleRow::Contains(uint64_t sequence) const {
  const SampleChunk* chunk = newest();
  while (chunk != nullptr && chunk->base_sequence > sequence) {
    chunk = chunk->older;
  }
  if (chunk == nullptr) return false;
  const uint64_t delta = sequence - chunk->base_sequence;
  const SampleChunk::Packed* const begin = chunk->packed();
  const SampleChunk::Packed* const end =
      begin + chunk->count.load(std::memory_order_acquire);
  const auto* const found = std::lower_bound(
      begin, end, delta, [](const SampleChunk::Packed& packed, uint64_t than) {
        return packed.sequence_delta < than;
      });
  return found != end && found->sequence_delta == delta;
}

}  // namespace varve::memtable
