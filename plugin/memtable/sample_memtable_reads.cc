// What readers ask a sample memtable: see sample_memtable.h.
#include <algorithm>
#include <memory>

#include "plugin/host/iterator_memory.h"
#include "plugin/host/lookup_key.h"
#include "plugin/memtable/row_head.h"
#include "plugin/memtable/sample_memtable.h"
#include "plugin/memtable/sample_memtable_iterator.h"

namespace varve {

using memtable::EntryKey;
using memtable::SampleRow;
using rocksdb::Slice;

namespace {

constexpr uint64_t kExpectedOperandsMax = 1000;

}  // namespace

bool SampleMemtable::IsOf(const char* entry, const Slice& user_key,
                          std::string* scratch) const {
  if (EntryKey(entry).user_key == user_key) return true;
  // The last that an entry of the key could be.
  scratch->assign(user_key.data(), user_key.size());
  scratch->append(memtable::kTagBytes, '\0');
  return comparator_(entry, Slice(*scratch)) <= 0;
}

const SampleRow* SampleMemtable::RowOf(const Slice& user_key) const {
  if (rows_.empty()) return nullptr;
  const SampleRow* const row = rows_.Find(user_key);
  if (row != nullptr) return row;
  // Of other bytes, or so new that the index has not got it.
  std::string scratch(
      memtable::kVarint32BytesMax + user_key.size() + memtable::kTagBytes,
      '\0');
  memtable::WriteHeadKey(&scratch[0], user_key);
  const std::unique_ptr<Iterator> it(skip_list_->GetIterator(nullptr));
  it->Seek(Slice(), scratch.data());
  if (!it->Valid() || !EntryKey(it->key()).is_head() ||
      !IsOf(it->key(), user_key, &scratch)) {
    return nullptr;
  }
  return memtable::RowOfHead(it->key());
}

bool SampleMemtable::Contains(const char* entry) const {
  if (skip_list_->Contains(entry)) return true;
  const EntryKey key(entry);
  const SampleRow* const row = RowOf(key.user_key);
  return row != nullptr && row->Contains(key.sequence());
}

// The next memtable goes by what this one has seen.
void SampleMemtable::MarkReadOnly() {
  skip_list_->MarkReadOnly();
  const bool at_once = rows_begin_.load(std::memory_order_relaxed) ==
                       memtable::RowsBegin::kAtOnce;
  const uint64_t keys = at_once ? rows_.row_count() : rows_.keys_sighted();
  const uint64_t operands = rows_.operand_count() + rows_.sightings();
  if (keys > 0) {
    experience_->keys.store(keys);
    // And an eighth: a row that has a few more needs no second chunk.
    experience_->operands.store(static_cast<uint32_t>(std::min<uint64_t>(
        operands * 9 / (keys * 8) + 1, kExpectedOperandsMax)));
    experience_->rows_begin.store(operands >= keys * memtable::kRowPaysOperands
                                      ? memtable::RowsBegin::kAtOnce
                                      : memtable::RowsBegin::kAtThirdOperand,
                                  std::memory_order_relaxed);
  }
  read_only_.store(true, std::memory_order_release);
}

// Rows are taken to be of one length: the skip list has its share of the
// entries.
uint64_t SampleMemtable::ApproximateNumEntries(const Slice& start,
                                               const Slice& end) {
  const uint64_t there = skip_list_->ApproximateNumEntries(start, end);
  const uint64_t operands = rows_.operand_count();
  const uint64_t others = others_.load(std::memory_order_relaxed);
  const uint64_t in_skip_list = rows_.row_count() + others;
  if (in_skip_list == 0) return there;
  return static_cast<uint64_t>(static_cast<double>(there) *
                               static_cast<double>(operands + others) /
                               static_cast<double>(in_skip_list));
}

void SampleMemtable::UniqueRandomSample(
    const uint64_t num_entries, const uint64_t target_sample_size,
    std::unordered_set<const char*>* entries) {
  entries->clear();
  if (target_sample_size == 0) return;
  // Evenly spread ones are as good: nobody else knows the keys' order.
  const uint64_t step = std::max<uint64_t>(1, num_entries / target_sample_size);
  const std::unique_ptr<Iterator> it(GetIterator(nullptr));
  uint64_t i = 0;
  for (it->SeekToFirst(); it->Valid() && entries->size() < target_sample_size;
       it->Next()) {
    if (i++ % step == step / 2) entries->insert(it->key());
  }
}

// All that writers take is the arena's. What readers had spelled out is left
// away: RocksDB takes this for a number that stays as it is from the moment
// at which writers turn to the next memtable, asserts it, and subtracts from
// a sum what it has added.
size_t SampleMemtable::ApproximateMemoryUsage() {
  return skip_list_->ApproximateMemoryUsage();
}

rocksdb::MemTableRep::Iterator* SampleMemtable::GetIterator(
    rocksdb::Arena* arena) {
  return NewIterator(arena, memtable::Reader::kIterator);
}

rocksdb::MemTableRep::Iterator* SampleMemtable::GetDynamicPrefixIterator(
    rocksdb::Arena* arena) {
  return NewIterator(arena, memtable::Reader::kAnybody);
}

// MemTableRep's own never deletes its iterator.
void SampleMemtable::Get(const rocksdb::LookupKey& key, void* argument,
                         bool (*on_entry)(void* argument, const char* entry)) {
  SampleMemtableIterator it(this, nullptr, memtable::Reader::kGet);
  for (it.Seek(InternalKeyOf(key), EntryOf(key));
       it.Valid() && on_entry(argument, it.key()); it.Next()) {
  }
}

rocksdb::MemTableRep::Iterator* SampleMemtable::NewIterator(
    rocksdb::Arena* arena, memtable::Reader reader) {
  if (arena == nullptr) {
    return new SampleMemtableIterator(this, nullptr, reader);
  }
  char* const memory = AllocateInArena(arena, sizeof(SampleMemtableIterator));
  return new (memory) SampleMemtableIterator(this, arena, reader);
}

}  // namespace varve
