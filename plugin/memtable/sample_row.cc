// See sample_row.h.
#include "plugin/memtable/sample_row.h"

#include <algorithm>
#include <mutex>
#include <new>

namespace varve::memtable {
namespace {

// A row's chunks grow by half of what it holds, so that a third of a short
// row at most is room.
constexpr uint64_t kRoomMin = 24;
constexpr uint64_t kRoomMax = 512;

size_t RecordBytes(uint64_t delta, const Operand& operand) {
  return VarintBytes(delta) + VarintBytes(operand.value.size()) +
         operand.value.size();
}

// Behind what is there: `bytes` of records, which are `count`.
void AddRecord(const Operand& operand, OperandChunk::Extent extent,
               OperandChunk* chunk) {
  char* const begin = chunk->records();
  char* end = StoreVarint(begin + extent.bytes,
                          operand.sequence - chunk->last_sequence);
  end = StoreVarint(end, operand.value.size());
  memcpy(end, operand.value.data(), operand.value.size());
  end += operand.value.size();
  chunk->last_sequence = operand.sequence;
  chunk->published.store(
      uint64_t{extent.count + 1} << 32 | static_cast<uint64_t>(end - begin),
      std::memory_order_release);
}

}  // namespace

OperandChunk* SampleRow::NewChunk(const Operand& operand, uint32_t first_index,
                                  OperandChunk* older, Slab* slab) {
  const uint64_t record = RecordBytes(0, operand);
  const uint64_t grown =
      std::min((first_index + 1) / 2 * (record + 2), kRoomMax);
  // To the end of the slab's last 8 bytes.
  const uint64_t room =
      (std::max({kRoomMin, record, grown}) + Slab::kAlignment - 1) /
      Slab::kAlignment * Slab::kAlignment;
  auto* const chunk =
      new (slab->Allocate(sizeof(OperandChunk) + room)) OperandChunk();
  chunk->older = older;
  chunk->base_sequence = chunk->last_sequence = operand.sequence;
  chunk->first_index = first_index;
  chunk->room = static_cast<uint32_t>(room);
  AddRecord(operand, {0, 0}, chunk);
  return chunk;
}

bool SampleRow::Append(const Operand& operand, Slab* slab,
                       SpinLock* slab_lock) {
  OperandChunk* const chunk = newest_.load(std::memory_order_relaxed);
  if (operand.sequence <= chunk->last_sequence) return false;
  const OperandChunk::Extent extent = chunk->extent();
  const size_t bytes =
      RecordBytes(operand.sequence - chunk->last_sequence, operand);
  if (extent.bytes + bytes <= chunk->room) {
    AddRecord(operand, extent, chunk);
    return true;
  }
  std::unique_lock<SpinLock> guard;
  if (slab_lock != nullptr) guard = std::unique_lock<SpinLock>(*slab_lock);
  newest_.store(
      NewChunk(operand, chunk->first_index + extent.count, chunk, slab),
      std::memory_order_release);
  return true;
}

bool SampleRow::Contains(uint64_t sequence) const {
  const OperandChunk* chunk = newest();
  while (chunk != nullptr && chunk->base_sequence > sequence) {
    chunk = chunk->older;
  }
  if (chunk == nullptr) return false;
  RecordWalk records(*chunk);
  for (uint32_t left = chunk->extent().count; left > 0; --left) {
    const uint64_t there = records.Next().sequence;
    if (there >= sequence) return there == sequence;
  }
  return false;
}

}  // namespace varve::memtable
