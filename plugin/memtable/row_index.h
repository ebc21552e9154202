// Finds a memtable's rows by the bytes of their user keys. Readers and writers
// look up without locks; what inserts holds the shard's lock, where several
// threads write. Nothing is ever taken out, and all memory is the arena's.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "plugin/memtable/sample_row.h"
#include "plugin/memtable/sightings.h"
#include "plugin/memtable/slab.h"
#include "plugin/memtable/spin_lock.h"

namespace varve::memtable {

class RowIndex {
 private:
  struct Table;

 public:
  static constexpr size_t kShards = 16;

  // What is kept for a part of all user keys, which hashes tell apart.
  struct alignas(64) Shard {
    SpinLock lock;  // of `slab`, `sightings` and of insertion
    std::atomic<Table*> table{nullptr};
    uint32_t rows = 0;  // in the table
    Slab slab{nullptr};
    Sightings sightings;
    // The largest sequence number of an operand in a row, and of an entry that
    // is in none.
    std::atomic<uint64_t> row_sequence_max{0};
    std::atomic<uint64_t> other_sequence_max{0};
    std::atomic<uint64_t> operands{0};  // in rows
  };

  explicit RowIndex(ArenaFunction arena);
  RowIndex(const RowIndex&) = delete;
  RowIndex& operator=(const RowIndex&) = delete;

  static uint64_t Hash(const Slice& user_key);
  static uint8_t ShardNumber(uint64_t hash) { return hash % kShards; }
  Shard& ShardAt(uint8_t number) { return shards_[number]; }

  // nullptr if there is none.
  SampleRow* Find(uint64_t hash, const Slice& user_key) const;
  SampleRow* Find(const Slice& user_key) const {
    return Find(Hash(user_key), user_key);
  }

  // REQUIRES: no row of that key is there, and the shard's lock or the single
  // writer. False if the row's address is of a kind that has no room here.
  bool Insert(uint64_t hash, SampleRow* row);

  bool empty() const { return row_count() == 0; }
  uint64_t row_count() const { return rows_.load(std::memory_order_relaxed); }
  uint64_t operand_count() const;
  // Sums over all shards.
  // REQUIRES: no writer.
  uint64_t keys_sighted() const;
  uint64_t sightings() const;

 private:
  Table* Grow(Shard* shard);

  const ArenaFunction arena_;
  std::atomic<uint64_t> rows_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace varve::memtable
