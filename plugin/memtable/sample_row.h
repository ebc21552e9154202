// A row of a sample memtable: the entries of one user key that merge a short
// operand each, ascending by sequence number, without the key. They lie in
// chunks; one that is full is followed by a larger one. A record is
//
//   varint64 sequence number, in a chunk less the one before | varint32 bytes
//   of the operand | operand
//
// Writers append one at a time (the row's lock, or RocksDB's single writer).
// Readers need no lock: a record is written before it is counted, and never
// changes.
#pragma once

#include <atomic>
#include <cstdint>

#include "plugin/memtable/entry.h"
#include "plugin/memtable/slab.h"
#include "plugin/memtable/spin_lock.h"

namespace varve::memtable {

struct ImageSegment;

// Records of a row, next to each other.
struct OperandChunk {
  struct Extent {
    uint32_t count;  // of records
    uint32_t bytes;
  };
  Extent extent() const {
    const uint32_t both = published.load(std::memory_order_acquire);
    return {both >> 16, both & 0xffff};
  }

  const char* records() const {
    return reinterpret_cast<const char*>(this + 1);
  }
  char* records() { return reinterpret_cast<char*>(this + 1); }

  uint64_t first_sequence() const {
    uint64_t sequence = 0;
    LoadVarint64(records(), &sequence);
    return sequence;
  }

  OperandChunk* older;
  std::atomic<ImageSegment*> image;  // what readers made of it: chunk_images.h
  std::atomic<uint32_t> published;   // the extent: count << 16 | bytes
  uint32_t first_index;              // the first record's in the row
};
static_assert(sizeof(OperandChunk) == 24);

// Goes over a chunk's records, oldest first.
class RecordWalk {
 public:
  explicit RecordWalk(const OperandChunk& chunk) : at_(chunk.records()) {}

  // The next record. REQUIRES: there is one.
  Operand Next() {
    uint64_t delta = 0;
    uint32_t bytes = 0;
    at_ = LoadVarint32(LoadVarint64(at_, &delta), &bytes);
    sequence_ += delta;
    const Operand operand = {sequence_, Slice(at_, bytes)};
    at_ += bytes;
    return operand;
  }

 private:
  const char* at_;
  uint64_t sequence_ = 0;
};

class SampleRow {
 public:
  // Room for a row's first chunk, which holds `operand` and others like it, up
  // to `expected` of them.
  static size_t FirstRoom(const Operand& operand, uint32_t expected);

  // `head` is the row's entry among all others (row_head.h), and outlives it;
  // `memory` is for an OperandChunk and `room`, of FirstRoom().
  SampleRow(const char* head, const Operand& first, size_t room, char* memory,
            uint8_t shard_number);
  SampleRow(const SampleRow&) = delete;
  SampleRow& operator=(const SampleRow&) = delete;

  const char* head() const { return head_; }
  Slice user_key() const { return EntryKey(head_).user_key; }

  // The chunk that is appended to; older ones are complete. Never nullptr.
  const OperandChunk* newest() const {
    return newest_.load(std::memory_order_acquire);
  }

  // False, and nothing done, if the operand is not newer than the last by
  // sequence number: it is then kept elsewhere. `slab` is for one thread at a
  // time, or locked by `slab_lock`.
  // REQUIRES: no other Append.
  bool Append(const Operand& operand, Slab* slab, SpinLock* slab_lock);

  bool Contains(uint64_t sequence) const;

  // Asks the processor for what Append will need.
  void Prefetch() const {
    const OperandChunk* const chunk = newest_.load(std::memory_order_acquire);
    __builtin_prefetch(chunk);
    __builtin_prefetch(reinterpret_cast<const char*>(chunk) + 64);
  }

  // The row that was written after this one last time.
  std::atomic<SampleRow*> successor{nullptr};

  SpinLock lock;  // of Append, where several threads write

  const uint8_t shard;  // of row_index.h

 private:
  void AddRecord(const Operand& operand, OperandChunk::Extent extent,
                 uint64_t delta, OperandChunk* chunk);

  uint16_t room_;  // of the newest chunk, for writers
  uint64_t last_sequence_;
  std::atomic<OperandChunk*> newest_;
  const char* const head_;
};

}  // namespace varve::memtable
