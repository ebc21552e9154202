// See sample_row.h.
#include "plugin/memtable/sample_row.h"

#include <algorithm>
#include <mutex>
#include <new>

namespace varve::memtable {
namespace {

constexpr size_t kRoomMin = 24;
constexpr size_t kRoomMax = 512;

// As between two scrapes of many series: of three bytes.
constexpr uint64_t kTypicalDelta = 1 << 17;

size_t RecordBytes(uint64_t delta, const Operand& operand) {
  return VarintBytes(delta) + VarintBytes(operand.value.size()) +
         operand.value.size();
}

// For `bytes` of records, of which the first is `operand`'s.
size_t RoundedRoom(const Operand& operand, size_t bytes) {
  const size_t record = RecordBytes(operand.sequence, operand);
  // To the end of the slab's last 8 bytes.
  const size_t chunk = sizeof(OperandChunk) +
                       std::max({kRoomMin, record, std::min(bytes, kRoomMax)});
  return (chunk + Slab::kAlignment - 1) / Slab::kAlignment * Slab::kAlignment -
         sizeof(OperandChunk);
}

// Of a chunk that begins with the row's `first_index`th: a third to half of the
// row.
size_t ChunkRoom(const Operand& operand, uint32_t first_index) {
  return RoundedRoom(operand, (uint64_t{first_index} * 3 + 2) / 4 *
                                  RecordBytes(operand.sequence, operand));
}

OperandChunk* NewChunk(uint32_t first_index, OperandChunk* older,
                       char* memory) {
  auto* const chunk = new (memory) OperandChunk();
  chunk->older = older;
  chunk->first_index = first_index;
  return chunk;
}

}  // namespace

size_t SampleRow::FirstRoom(const Operand& operand, uint32_t expected) {
  const size_t further = expected < 2 ? 0 : expected - 1;
  return RoundedRoom(operand,
                     RecordBytes(operand.sequence, operand) +
                         further * RecordBytes(kTypicalDelta, operand));
}

SampleRow::SampleRow(const char* head, const Operand& first, size_t room,
                     char* memory, uint8_t shard_number)
    : shard(shard_number),
      room_(static_cast<uint16_t>(room)),
      last_sequence_(first.sequence),
      newest_(NewChunk(0, nullptr, memory)),
      head_(head) {
  AddRecord(first, {0, 0}, first.sequence,
            newest_.load(std::memory_order_relaxed));
}

// Behind what is there.
void SampleRow::AddRecord(const Operand& operand, OperandChunk::Extent extent,
                          uint64_t delta, OperandChunk* chunk) {
  char* const begin = chunk->records();
  char* end = StoreVarint(begin + extent.bytes, delta);
  end = StoreVarint(end, operand.value.size());
  memcpy(end, operand.value.data(), operand.value.size());
  end += operand.value.size();
  last_sequence_ = operand.sequence;
  chunk->published.store(
      (extent.count + 1) << 16 | static_cast<uint32_t>(end - begin),
      std::memory_order_release);
}

bool SampleRow::Append(const Operand& operand, Slab* slab,
                       SpinLock* slab_lock) {
  if (operand.sequence <= last_sequence_) return false;
  OperandChunk* const chunk = newest_.load(std::memory_order_relaxed);
  const OperandChunk::Extent extent = chunk->extent();
  const uint64_t delta = operand.sequence - last_sequence_;
  if (extent.bytes + RecordBytes(delta, operand) <= room_) {
    AddRecord(operand, extent, delta, chunk);
    return true;
  }
  const uint32_t first_index = chunk->first_index + extent.count;
  const size_t room = ChunkRoom(operand, first_index);
  char* memory = nullptr;
  {
    std::unique_lock<SpinLock> guard;
    if (slab_lock != nullptr) guard = std::unique_lock<SpinLock>(*slab_lock);
    memory = slab->Allocate(sizeof(OperandChunk) + room);
  }
  OperandChunk* const next = NewChunk(first_index, chunk, memory);
  room_ = static_cast<uint16_t>(room);
  AddRecord(operand, {0, 0}, operand.sequence, next);
  newest_.store(next, std::memory_order_release);
  return true;
}

bool SampleRow::Contains(uint64_t sequence) const {
  const OperandChunk* chunk = newest();
  while (chunk != nullptr && chunk->first_sequence() > sequence) {
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
