// A row of a sample memtable: the entries of one user key that merge one plain
// sample each, ascending by sequence number, without the key. They lie in
// chunks, 16 bytes an entry; a chunk that is full is followed by a larger one.
//
// Writers append one at a time (the row's lock, or RocksDB's single writer).
// Readers need no lock: an entry is written before it is counted, and never
// changes.
#pragma once

#include <atomic>
#include <cstdint>

#include "plugin/memtable/entry.h"
#include "plugin/memtable/slab.h"
#include "plugin/memtable/spin_lock.h"

namespace varve::memtable {

struct ChunkImage;

// Entries of a row, next to each other by sequence number.
struct SampleChunk {
  struct Packed {
    uint32_t sequence_delta;
    uint32_t timestamp_delta;  // an int32's bits
    uint64_t value_bits;
  };

  // Room of the chunk whose first entry is the row's `first_index`th.
  static uint32_t Room(uint32_t first_index);
  static size_t Bytes(uint32_t first_index) {
    return sizeof(SampleChunk) + Room(first_index) * sizeof(Packed);
  }

  const Packed* packed() const {
    return reinterpret_cast<const Packed*>(this + 1);
  }
  Packed* packed() { return reinterpret_cast<Packed*>(this + 1); }
  // False if the sample is too far from the chunk's first for a delta.
  bool Pack(const SampleEntry& sample, Packed* to) const;
  SampleEntry Unpack(uint32_t i) const {
    const Packed& from = packed()[i];
    return {base_sequence + from.sequence_delta,
            base_timestamp + static_cast<uint64_t>(static_cast<int64_t>(
                                 static_cast<int32_t>(from.timestamp_delta))),
            from.value_bits};
  }
  uint64_t SequenceAt(uint32_t i) const {
    return base_sequence + packed()[i].sequence_delta;
  }

  SampleChunk* older;
  uint64_t base_sequence;
  uint64_t base_timestamp;
  std::atomic<ChunkImage*> image;  // what readers made of it: chunk_images.h
  uint32_t first_index;
  std::atomic<uint32_t> count;
};
static_assert(sizeof(SampleChunk) == 40 && sizeof(SampleChunk::Packed) == 16);

class SampleRow {
 public:
  // A chunk that holds `sample` alone.
  static SampleChunk* NewChunk(const SampleEntry& sample, uint32_t first_index,
                               SampleChunk* older, char* memory);

  // `head` is the row's entry among all others (row_head.h), and outlives it.
  SampleRow(const char* head, SampleChunk* first, uint8_t shard_number)
      : shard(shard_number), newest_(first), head_(head) {}
  SampleRow(const SampleRow&) = delete;
  SampleRow& operator=(const SampleRow&) = delete;

  const char* head() const { return head_; }
  Slice user_key() const { return EntryKey(head_).user_key; }

  // The chunk that is appended to; older ones are complete. Never nullptr.
  const SampleChunk* newest() const {
    return newest_.load(std::memory_order_acquire);
  }

  // False, and nothing done, if the sample is not newer than the last by
  // sequence number, or does not fit beside it: it is then kept elsewhere.
  // `slab` is for one thread at a time, or locked by `slab_lock`.
  // REQUIRES: no other Append.
  bool Append(const SampleEntry& sample, Slab* slab, SpinLock* slab_lock);

  bool Contains(uint64_t sequence) const;

  SpinLock lock;  // of Append, where several threads write

  const uint8_t shard;  // of row_index.h

  // The row that was written after this one last time.
  std::atomic<SampleRow*> successor{nullptr};

  // Asks the processor for what Append will need.
  void Prefetch() const {
    const SampleChunk* const chunk = newest_.load(std::memory_order_acquire);
    __builtin_prefetch(chunk);
    __builtin_prefetch(reinterpret_cast<const char*>(chunk) + 64);
  }

 private:
  std::atomic<SampleChunk*> newest_;
  const char* const head_;
};

}  // namespace varve::memtable
