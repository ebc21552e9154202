// See sample_memtable.h.
#include "plugin/memtable/sample_memtable.h"

#include <utility>

#include "plugin/memtable/row_head.h"

namespace varve {

using memtable::EntryKey;
using memtable::Operand;
using memtable::RowIndex;
using memtable::SampleRow;
using rocksdb::KeyHandle;
using rocksdb::Slice;

namespace {

// Entries up to this length are composed apart, and copied to the skip list
// if that is where they go.
constexpr size_t kApartBytesMax = 1024;

std::atomic<uint64_t> memtables_made{0};

// Where one thread writes at a time, an atomic is no more than a variable.
template <typename T>
void StoreMax(std::atomic<T>* to, T value, bool one_writer) {
  T there = to->load(std::memory_order_relaxed);
  if (one_writer) {
    if (there < value) to->store(value, std::memory_order_relaxed);
    return;
  }
  while (there < value &&
         !to->compare_exchange_weak(there, value, std::memory_order_relaxed)) {
  }
}

void Increment(std::atomic<uint64_t>* to, bool one_writer) {
  if (one_writer) {
    to->store(to->load(std::memory_order_relaxed) + 1,
              std::memory_order_relaxed);
  } else {
    to->fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace

// What a thread keeps between Allocate and Insert, and from one entry to the
// next of the same memtable.
struct SampleMemtable::Writer {
  std::unique_ptr<char[]> buffer;
  size_t bytes = 0;  // of the entry in it

  // Forgets what belongs to another memtable.
  void TurnTo(uint64_t id) {
    if (memtable == id) return;
    memtable = id;
    last_row = nullptr;
    last_row_sequence = last_other_sequence = memtable::kSequenceMax;
  }

  uint64_t memtable = 0;
  SampleRow* last_row = nullptr;
  uint64_t last_row_sequence = 0;
  uint64_t last_other_sequence = 0;
};

SampleMemtable::Writer& SampleMemtable::ThisWriter() {
  thread_local Writer writer;
  return writer;
}

SampleMemtable::SampleMemtable(
    const KeyComparator& comparator, std::unique_ptr<MemTableRep> skip_list,
    rocksdb::Allocator* allocator,
    std::shared_ptr<memtable::RowExperience> experience)
    : MemTableRep(allocator),
      id_(memtables_made.fetch_add(1, std::memory_order_relaxed) + 1),
      comparator_(comparator),
      skip_list_(std::move(skip_list)),
      experience_(std::move(experience)),
      rows_([this](size_t bytes) {
        char* memory = nullptr;
        MemTableRep::Allocate(bytes, &memory);
        return memory;
      }) {}

SampleMemtable::~SampleMemtable() = default;

KeyHandle SampleMemtable::Allocate(const size_t bytes, char** buffer) {
  if (bytes > kApartBytesMax ||
      keeps_buffers_.load(std::memory_order_relaxed)) {
    return skip_list_->Allocate(bytes, buffer);
  }
  Writer& writer = ThisWriter();
  if (writer.buffer == nullptr) writer.buffer.reset(new char[kApartBytesMax]);
  writer.bytes = bytes;
  *buffer = writer.buffer.get();
  return *buffer;
}

bool SampleMemtable::InsertKey(KeyHandle handle) {
  return InsertAny(static_cast<char*>(handle), Writers::kOne, nullptr);
}

bool SampleMemtable::InsertKeyConcurrently(KeyHandle handle) {
  return InsertAny(static_cast<char*>(handle), Writers::kMany, nullptr);
}

// The hints of a batch have no keys that point anywhere.
bool SampleMemtable::InsertKeyWithHintConcurrently(KeyHandle handle,
                                                   void** hint) {
  return InsertAny(static_cast<char*>(handle), Writers::kMany, hint);
}

bool SampleMemtable::InsertKeyWithHint(KeyHandle handle, void** hint) {
  char* entry = static_cast<char*>(handle);
  Writer& writer = ThisWriter();
  if (entry == writer.buffer.get()) {
    // RocksDB's map of hints has a key in this buffer: it stays.
    keeps_buffers_.store(true, std::memory_order_relaxed);
    char* kept = nullptr;
    const KeyHandle there = skip_list_->Allocate(writer.bytes, &kept);
    memcpy(kept, entry, writer.bytes);
    std::lock_guard<std::mutex> guard(kept_mutex_);
    kept_.push_back(std::move(writer.buffer));
    entry = static_cast<char*>(there);
  }
  return InsertOther(entry, Writers::kOne, hint);
}

bool SampleMemtable::InsertAny(char* entry, Writers writers, void** hint) {
  Writer& writer = ThisWriter();
  if (entry == writer.buffer.get()) {
    const EntryKey key(entry);
    Operand operand;
    if (memtable::ReadOperand(entry, key, writer.bytes, &operand)) {
      const Outcome outcome =
          InsertOperand(entry, key, operand, writers, &writer);
      if (outcome != Outcome::kNotForARow) return outcome == Outcome::kInserted;
    }
    char* there = nullptr;
    const KeyHandle handle = skip_list_->Allocate(writer.bytes, &there);
    memcpy(there, entry, writer.bytes);
    entry = static_cast<char*>(handle);
  }
  return InsertOther(entry, writers, hint);
}

SampleRow* SampleMemtable::FindForWriter(const Slice& user_key,
                                         Writer* writer) const {
  if (writer->last_row != nullptr) {
    SampleRow* const guess =
        writer->last_row->successor.load(std::memory_order_acquire);
    if (guess != nullptr && guess->user_key() == user_key) return guess;
  }
  return rows_.Find(user_key);
}

// What comes next is what came next last time.
void SampleMemtable::Follow(SampleRow* row, uint64_t sequence,
                            Writer* writer) const {
  if (writer->last_row != nullptr &&
      writer->last_row->successor.load(std::memory_order_relaxed) != row) {
    writer->last_row->successor.store(row, std::memory_order_release);
  }
  writer->last_row = row;
  writer->last_row_sequence = sequence;
  const SampleRow* const next = row->successor.load(std::memory_order_acquire);
  if (next == nullptr) return;
  next->Prefetch();
  const SampleRow* const second =
      next->successor.load(std::memory_order_acquire);
  if (second == nullptr) return;
  __builtin_prefetch(second);
  __builtin_prefetch(reinterpret_cast<const char*>(second) - 64);
}

// RocksDB writes a key and sequence number twice only from one thread, and
// mostly never: then all that came before has a smaller number.
bool SampleMemtable::InSkipList(const char* entry, uint64_t sequence,
                                const RowIndex::Shard& shard,
                                const Writer& writer) const {
  if (sequence > shard.other_sequence_max.load(std::memory_order_relaxed) &&
      sequence != writer.last_other_sequence) {
    return false;
  }
  return skip_list_->Contains(entry);
}

SampleMemtable::Outcome SampleMemtable::InsertOperand(const char* entry,
                                                      const EntryKey& key,
                                                      const Operand& operand,
                                                      Writers writers,
                                                      Writer* writer) {
  const bool one_writer = writers == Writers::kOne;
  writer->TurnTo(id_);
  SampleRow* row = FindForWriter(key.user_key, writer);
  const uint64_t hash = row != nullptr ? 0 : RowIndex::Hash(key.user_key);
  RowIndex::Shard& shard =
      rows_.ShardAt(row != nullptr ? row->shard : RowIndex::ShardNumber(hash));
  if (InSkipList(entry, operand.sequence, shard, *writer)) {
    return Outcome::kDuplicate;
  }
  Outcome outcome = Outcome::kNotForARow;
  if (row == nullptr) {
    outcome = InsertFirst(hash, key, operand, writers, &row);
  }
  if (outcome == Outcome::kNotForARow && row != nullptr) {
    bool appended = false;
    if (one_writer) {
      appended = row->Append(operand, &shard.slab, nullptr);
    } else {
      std::lock_guard<memtable::SpinLock> guard(row->lock);
      appended = row->Append(operand, &shard.slab, &shard.lock);
    }
    if (appended) outcome = Outcome::kInserted;
  }
  if (outcome == Outcome::kInserted) {
    StoreMax(&shard.row_sequence_max, operand.sequence, one_writer);
    Increment(&shard.operands, one_writer);
    Follow(row, operand.sequence, writer);
  }
  return outcome;
}

// At the first operand: the memtable before this one is full by then, but was
// not yet when this one was made.
memtable::RowsBegin SampleMemtable::DecideWhenRowsBegin() {
  memtable::RowsBegin decided = rows_begin_.load(std::memory_order_relaxed);
  if (decided != memtable::RowsBegin::kUndecided) return decided;
  const memtable::RowsBegin now = experience_->rows_begin.load();
  expected_keys_.store(experience_->keys.load(), std::memory_order_relaxed);
  if (now == memtable::RowsBegin::kAtOnce) {
    expected_operands_.store(experience_->operands.load(),
                             std::memory_order_relaxed);
  }
  return rows_begin_.compare_exchange_strong(decided, now) ? now : decided;
}

// Makes a row that holds the operand. kNotForARow: there is one already, or the
// key is to have none, or none yet.
SampleMemtable::Outcome SampleMemtable::InsertFirst(uint64_t hash,
                                                    const EntryKey& key,
                                                    const Operand& operand,
                                                    Writers writers,
                                                    SampleRow** row) {
  const uint8_t shard_number = RowIndex::ShardNumber(hash);
  RowIndex::Shard& shard = rows_.ShardAt(shard_number);
  std::unique_lock<memtable::SpinLock> guard(shard.lock, std::defer_lock);
  if (writers == Writers::kMany) {
    guard.lock();
    *row = rows_.Find(hash, key.user_key);
    if (*row != nullptr) return Outcome::kNotForARow;
  }
  if (DecideWhenRowsBegin() == memtable::RowsBegin::kAtThirdOperand &&
      shard.sightings.Add(
          hash,
          expected_keys_.load(std::memory_order_relaxed) / RowIndex::kShards,
          &shard.slab) < memtable::Sightings::kMost) {
    return Outcome::kNotForARow;
  }
  if (has_equals_.load(std::memory_order_relaxed)) {
    std::string head(
        memtable::kVarint32BytesMax + key.user_key.size() + memtable::kTagBytes,
        '\0');
    memtable::WriteHeadKey(&head[0], key.user_key);
    if (skip_list_->Contains(head.data())) return Outcome::kNotForARow;
  }
  const size_t room = SampleRow::FirstRoom(
      operand, expected_operands_.load(std::memory_order_relaxed));
  char* const chunk =
      shard.slab.Allocate(sizeof(memtable::OperandChunk) + room);
  char* head = nullptr;
  const KeyHandle handle =
      skip_list_->Allocate(memtable::HeadBytes(key.user_key.size()), &head);
  SampleRow* const made =
      memtable::NewRow(key.user_key, operand, room, chunk, shard_number, head);
  // It can be read from here on, and a row that the index has no room for
  // stays as it is.
  const bool inserted = writers == Writers::kMany
                            ? skip_list_->InsertKeyConcurrently(handle)
                            : skip_list_->InsertKey(handle);
  if (!inserted) {
    has_equals_.store(true, std::memory_order_relaxed);
    return Outcome::kNotForARow;
  }
  if (!rows_.Insert(hash, made)) has_equals_.store(true);
  *row = made;
  return Outcome::kInserted;
}

bool SampleMemtable::InsertOther(char* entry, Writers writers, void** hint) {
  const bool one_writer = writers == Writers::kOne;
  const EntryKey key(entry);
  const uint64_t sequence = key.sequence();
  const uint64_t hash = RowIndex::Hash(key.user_key);
  RowIndex::Shard& shard = rows_.ShardAt(RowIndex::ShardNumber(hash));
  Writer& writer = ThisWriter();
  writer.TurnTo(id_);
  const bool same_as_last = sequence == writer.last_row_sequence;
  if (same_as_last ||
      sequence <= shard.row_sequence_max.load(std::memory_order_relaxed)) {
    const SampleRow* row = rows_.Find(hash, key.user_key);
    if (row == nullptr && same_as_last) row = RowOf(key.user_key);
    if (row != nullptr && row->Contains(sequence)) return false;
  }
  bool inserted = false;
  if (hint != nullptr) {
    inserted = one_writer
                   ? skip_list_->InsertKeyWithHint(entry, hint)
                   : skip_list_->InsertKeyWithHintConcurrently(entry, hint);
  } else {
    inserted = one_writer ? skip_list_->InsertKey(entry)
                          : skip_list_->InsertKeyConcurrently(entry);
  }
  if (!inserted) return false;
  writer.last_other_sequence = sequence;
  StoreMax(&shard.other_sequence_max, sequence, one_writer);
  Increment(&others_, one_writer);
  return true;
}

}  // namespace varve
