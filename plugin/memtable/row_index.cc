// See row_index.h.
#include "plugin/memtable/row_index.h"

#include <new>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace varve::memtable {
namespace {

// A slot is a row's address with 16 bits of its hash above, or 0.
constexpr int kAddressBits = 48;
constexpr uint64_t kAddressMask = (uint64_t{1} << kAddressBits) - 1;

constexpr uint32_t kSlotsMin = 8;

uint64_t HashBits(uint64_t hash) { return hash & ~kAddressMask; }

}  // namespace

// Open addressing with linear probes. A table that is full stays where it is,
// for those who read it, beside one of twice the slots.
struct RowIndex::Table {
  static size_t Bytes(uint32_t slots) {
    return sizeof(Table) + slots * sizeof(std::atomic<uint64_t>);
  }
  std::atomic<uint64_t>* slots() {
    return reinterpret_cast<std::atomic<uint64_t>*>(this + 1);
  }

  uint64_t slot_count;  // a power of two

  void Insert(uint64_t hash, SampleRow* row) {
    const uint64_t mask = slot_count - 1;
    uint64_t i = hash / kShards & mask;
    while (slots()[i].load(std::memory_order_relaxed) != 0) i = (i + 1) & mask;
    slots()[i].store(HashBits(hash) | reinterpret_cast<uint64_t>(row),
                     std::memory_order_release);
  }
};

RowIndex::RowIndex(ArenaFunction arena) : arena_(std::move(arena)) {
  for (Shard& shard : shards_) shard.slab = Slab(&arena_);
}

uint64_t RowIndex::Hash(const Slice& user_key) {
  return XXH3_64bits(user_key.data(), user_key.size());
}

SampleRow* RowIndex::Find(uint64_t hash, const Slice& user_key) const {
  Table* const table =
      shards_[ShardNumber(hash)].table.load(std::memory_order_acquire);
  if (table == nullptr) return nullptr;
  const uint64_t mask = table->slot_count - 1;
  for (uint64_t i = hash / kShards & mask;; i = (i + 1) & mask) {
    const uint64_t slot = table->slots()[i].load(std::memory_order_acquire);
    if (slot == 0) return nullptr;
    if (HashBits(slot) != HashBits(hash)) continue;
    auto* const row = reinterpret_cast<SampleRow*>(slot & kAddressMask);
    if (row->user_key() == user_key) return row;
  }
}

bool RowIndex::Insert(uint64_t hash, SampleRow* row) {
  if ((reinterpret_cast<uint64_t>(row) & ~kAddressMask) != 0) return false;
  Shard& shard = shards_[ShardNumber(hash)];
  Table* table = shard.table.load(std::memory_order_relaxed);
  // At most three quarters full.
  if (table == nullptr || (shard.rows + 1) * 4 > table->slot_count * 3) {
    table = Grow(&shard);
  }
  table->Insert(hash, row);
  ++shard.rows;
  rows_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

RowIndex::Table* RowIndex::Grow(Shard* shard) {
  Table* const old = shard->table.load(std::memory_order_relaxed);
  const uint32_t slot_count =
      old == nullptr ? kSlotsMin : static_cast<uint32_t>(old->slot_count) * 2;
  char* const memory = shard->slab.Allocate(Table::Bytes(slot_count));
  auto* const table = new (memory) Table{slot_count};
  for (uint32_t i = 0; i < slot_count; ++i) {
    new (&table->slots()[i]) std::atomic<uint64_t>(0);
  }
  for (uint64_t i = 0; old != nullptr && i < old->slot_count; ++i) {
    const uint64_t slot = old->slots()[i].load(std::memory_order_relaxed);
    if (slot == 0) continue;
    auto* const row = reinterpret_cast<SampleRow*>(slot & kAddressMask);
    table->Insert(Hash(row->user_key()), row);
  }
  shard->table.store(table, std::memory_order_release);
  return table;
}

uint64_t RowIndex::keys_sighted() const {
  uint64_t count = 0;
  for (const Shard& shard : shards_) count += shard.sightings.keys();
  return count;
}

uint64_t RowIndex::sightings() const {
  uint64_t count = 0;
  for (const Shard& shard : shards_) count += shard.sightings.sightings();
  return count;
}

uint64_t RowIndex::operand_count() const {
  uint64_t count = 0;
  for (const Shard& shard : shards_) {
    count += shard.operands.load(std::memory_order_relaxed);
  }
  return count;
}

}  // namespace varve::memtable
