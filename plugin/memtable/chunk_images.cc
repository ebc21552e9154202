// See chunk_images.h.
#include "plugin/memtable/chunk_images.h"

#include <algorithm>
#include <mutex>
#include <new>
#include <utility>

namespace varve::memtable {
namespace {

constexpr size_t kPileBlockBytes = 64 << 10;

Slice RowPrefix(const SampleRow& row) {
  return Slice(row.head(), EntryKey(row.head()).end() - kTagBytes - row.head());
}

}  // namespace

struct ChunkImage {
  char* entries() { return reinterpret_cast<char*>(this + 1); }

  std::atomic<uint32_t> written{0};
  SpinLock lock;  // of writing further entries
  ChunkImage* next = nullptr;
};

size_t SampleEntryBytes(const SampleRow& row) {
  return RowPrefix(row).size() + kSampleEntryTailBytes;
}

void WriteEntries(const SampleRow& row, const SampleChunk& chunk, uint32_t from,
                  uint32_t to, char* image) {
  const Slice prefix = RowPrefix(row);
  char* at = image + from * (prefix.size() + kSampleEntryTailBytes);
  for (uint32_t i = from; i < to; ++i) {
    memcpy(at, prefix.data(), prefix.size());
    at = WriteSampleEntry(at + prefix.size(), chunk.Unpack(i));
  }
}

ChunkImages::~ChunkImages() {
  ChunkImage* image = all_.load(std::memory_order_acquire);
  while (image != nullptr) {
    ChunkImage* const next = image->next;
    image->~ChunkImage();
    ::operator delete(image);
    image = next;
  }
}

const char* ChunkImages::Image(const SampleRow& row, const SampleChunk& chunk,
                               uint32_t count) {
  // Readers see memtables through const; what they share is atomic.
  auto& shared = const_cast<std::atomic<ChunkImage*>&>(chunk.image);
  ChunkImage* image = shared.load(std::memory_order_acquire);
  if (image == nullptr) {
    const size_t bytes =
        sizeof(ChunkImage) +
        SampleChunk::Room(chunk.first_index) * SampleEntryBytes(row);
    auto* const own = new (::operator new(bytes)) ChunkImage();
    if (shared.compare_exchange_strong(image, own, std::memory_order_acq_rel)) {
      image = own;
      bytes_.fetch_add(bytes, std::memory_order_relaxed);
      own->next = all_.load(std::memory_order_relaxed);
      while (!all_.compare_exchange_weak(own->next, own,
                                         std::memory_order_acq_rel)) {
      }
    } else {
      own->~ChunkImage();
      ::operator delete(own);
    }
  }
  if (image->written.load(std::memory_order_acquire) < count) {
    std::lock_guard<SpinLock> guard(image->lock);
    const uint32_t written = image->written.load(std::memory_order_relaxed);
    if (written < count) {
      WriteEntries(row, chunk, written, count, image->entries());
      image->written.store(count, std::memory_order_release);
    }
  }
  return image->entries();
}

void ShortImages::NextRow() {
  std::swap(now_, before_);
  now_.Clear();
}

const char* ShortImages::Image(const SampleRow& row, const SampleChunk& chunk,
                               uint32_t count) {
  char* const image = now_.Allocate(count * SampleEntryBytes(row));
  WriteEntries(row, chunk, 0, count, image);
  return image;
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
  block_ = 0;
  used_ = 0;
}

}  // namespace varve::memtable
