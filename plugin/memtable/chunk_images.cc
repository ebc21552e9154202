// See chunk_images.h.
#include "plugin/memtable/chunk_images.h"

#include <algorithm>
#include <mutex>
#include <new>
#include <utility>

#include "compaction/written_check.h"

namespace varve::memtable {
namespace {

constexpr size_t kPileBlockBytes = 64 << 10;

// Small enough for an allocator to have at hand.
constexpr size_t kPieceBytes = 32 << 10;

// What forgotten entries are overwritten with, where the standing check is
// compiled in: whoever still uses one reads no row's bytes.
constexpr int kForgottenByte = 0xdb;

// What all entries of a row begin with.
Slice RowPrefix(const SampleRow& row) {
  return Slice(row.head(), EntryKey(row.head()).end() - kTagBytes - row.head());
}

// An upper bound of the bytes of `count` entries of which the operands take
// `record_bytes` as records: tails are longer than records by the tag at most.
size_t EntriesBytes(const Slice& prefix, uint32_t count, size_t record_bytes) {
  return count * (prefix.size() + kTagBytes) + record_bytes;
}

// Writes the next `count` entries and appends their places to *entries.
void WriteEntries(const Slice& prefix, uint32_t count, RecordWalk* records,
                  char* to, EntryList* entries) {
  for (; count > 0; --count) {
    entries->push_back(to);
    memcpy(to, prefix.data(), prefix.size());
    to = WriteOperandTail(to + prefix.size(), records->Next());
  }
}

}  // namespace

void SpellOperands(const SampleRow& row, const std::vector<Operand>& operands,
                   const std::function<char*(size_t bytes)>& allocate,
                   EntryList* entries) {
  entries->clear();
  entries->reserve(operands.size());
  const Slice prefix = RowPrefix(row);
  size_t bytes_left = 0;  // to be spelled out
  for (const Operand& operand : operands) {
    bytes_left += prefix.size() + OperandTailBytes(operand.value.size());
  }
  char* to = nullptr;
  size_t room = 0;
  for (const Operand& operand : operands) {
    const size_t bytes = prefix.size() + OperandTailBytes(operand.value.size());
    if (bytes > room) {
      room = std::max(bytes, std::min(bytes_left, kPieceBytes));
      to = allocate(room);
    }
    entries->push_back(to);
    memcpy(to, prefix.data(), prefix.size());
    to = WriteOperandTail(to + prefix.size(), operand);
    room -= bytes;
    bytes_left -= bytes;
  }
}

// Entries [first, first + count) of a chunk, made when they were first read.
struct ImageSegment {
  ImageSegment* older;  // of the chunk
  ImageSegment* next;   // of all
  uint32_t first;
  uint32_t count;

  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
};

ChunkImages::~ChunkImages() {
  ImageSegment* segment = all_.load(std::memory_order_acquire);
  while (segment != nullptr) {
    ImageSegment* const next = segment->next;
    ::operator delete(segment);
    segment = next;
  }
}

const ImageSegment* ChunkImages::Segments(const SampleRow& row,
                                          const OperandChunk& chunk,
                                          uint32_t count) {
  const auto covers = [count](const ImageSegment* segment) {
    return segment != nullptr && segment->first + segment->count >= count;
  };
  ImageSegment* newest = chunk.image.load(std::memory_order_acquire);
  if (covers(newest)) return newest;
  SpinLock& lock = locks_[reinterpret_cast<uintptr_t>(&chunk) / 64 % kLocks];
  std::lock_guard<SpinLock> guard(lock);
  newest = chunk.image.load(std::memory_order_relaxed);
  if (covers(newest)) return newest;
  // All that is there by now: others may have waited for it.
  const OperandChunk::Extent extent = chunk.extent();
  const uint32_t first = newest == nullptr ? 0 : newest->first + newest->count;
  const Slice prefix = RowPrefix(row);
  const size_t bytes = sizeof(ImageSegment) +
                       EntriesBytes(prefix, extent.count - first, extent.bytes);
  auto* const segment = new (::operator new(bytes)) ImageSegment();
  segment->older = newest;
  segment->first = first;
  segment->count = extent.count - first;
  RecordWalk records(chunk);
  for (uint32_t i = 0; i < first; ++i) records.Next();
  EntryList unused;
  WriteEntries(prefix, segment->count, &records, segment->bytes(), &unused);
  segment->next = all_.load(std::memory_order_relaxed);
  while (!all_.compare_exchange_weak(segment->next, segment,
                                     std::memory_order_acq_rel)) {
  }
  // Readers see memtables through const; what they share is atomic.
  const_cast<std::atomic<ImageSegment*>&>(chunk.image)
      .store(segment, std::memory_order_release);
  return segment;
}

void ChunkImages::Spell(const SampleRow& row, const OperandChunk& chunk,
                        uint32_t count, EntryList* entries) {
  entries->resize(count);
  for (const ImageSegment* segment = Segments(row, chunk, count);
       segment != nullptr; segment = segment->older) {
    const char* at = segment->bytes();
    const uint32_t end = std::min(count, segment->first + segment->count);
    for (uint32_t i = segment->first; i < end; ++i) {
      (*entries)[i] = at;
      uint32_t value_bytes = 0;
      at = LoadVarint32(EntryKey(at).end(), &value_bytes) + value_bytes;
    }
  }
}

void ShortImages::NextGeneration() {
  std::swap(now_, before_);
  now_.Clear();
}

void ShortImages::Spell(const SampleRow& row, const OperandChunk& chunk,
                        uint32_t count, EntryList* entries) {
  const Slice prefix = RowPrefix(row);
  char* const to =
      now_.Allocate(EntriesBytes(prefix, count, chunk.extent().bytes));
  RecordWalk records(chunk);
  entries->clear();
  WriteEntries(prefix, count, &records, to, entries);
}

char* ShortImages::Pile::Allocate(size_t bytes) {
  while (block_ < blocks_.size() && blocks_[block_].bytes - used_ < bytes) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    const size_t block_bytes = std::max(bytes, kPileBlockBytes);
    blocks_.push_back(
        {std::unique_ptr<char[]>(new char[block_bytes]), block_bytes});
    used_ = 0;
  }
  char* const result = blocks_[block_].memory.get() + used_;
  used_ += bytes;
  return result;
}

void ShortImages::Pile::Clear() {
  if (kChecksWritten) {
    for (size_t i = 0; i < blocks_.size() && i <= block_; ++i) {
      memset(blocks_[i].memory.get(), kForgottenByte, blocks_[i].bytes);
    }
  }
  block_ = 0;
  used_ = 0;
}

}  // namespace varve::memtable
