// A memtable for samples that are written a few at a time. What readers see
// is, entry for entry and byte for byte, what RocksDB's skip list shows.
//
// Entries that merge a short operand lie in rows (sample_row.h), without
// their key: appending one costs no comparison of keys. Everything else lies
// in RocksDB's own skip list, as do the rows' heads, so that one order holds
// all; an iterator merges the two (sample_memtable_iterator.h). That is so for
// any comparator: rows go by bytes, order by the comparator alone, and a key
// that it calls equal to another row's gets no row.
//
// An entry goes to the skip list also if its row has a newer one, or cannot
// hold it, or if RocksDB gives hints or protection bytes with it; and where
// keys are hardly ever written again, the first two of each (RowsBegin).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "plugin/memtable/chunk_images.h"
#include "plugin/memtable/row_index.h"
#include "plugin/memtable/row_spans.h"
#include "rocksdb/memtablerep.h"

namespace varve {

namespace memtable {
// Who an iterator serves, and so how long its entries stay.
enum class Reader {
  // A Get: it merges them when it has looked everywhere, and the iterator is
  // gone by then. They stay as long as the memtable, or as the ReadHint in
  // force.
  kGet,
  // An iterator of RocksDB's: RowWalk::Life.
  kIterator,
  // One of which RocksDB does not say who it serves: as long as the memtable.
  kAnybody,
};
// When a key gets a row. A row's first operand takes more than in the skip
// list, and each further one less: both take the same at about three.
enum class RowsBegin { kUndecided, kAtOnce, kAtThirdOperand };

// In the mean of all keys.
inline constexpr uint64_t kRowPaysOperands = 3;

// What memtables of one factory learn of those before: whether keys had so
// many operands that rows should begin at once, and how many they, and how many
// keys there were; 0: not known.
struct RowExperience {
  std::atomic<uint32_t> operands{0};
  std::atomic<uint64_t> keys{0};
  std::atomic<RowsBegin> rows_begin{RowsBegin::kAtThirdOperand};
};
}  // namespace memtable

class SampleMemtable final : public rocksdb::MemTableRep {
 public:
  SampleMemtable(const KeyComparator& comparator,
                 std::unique_ptr<rocksdb::MemTableRep> skip_list,
                 rocksdb::Allocator* allocator,
                 std::shared_ptr<memtable::RowExperience> experience);
  ~SampleMemtable() override;

  rocksdb::KeyHandle Allocate(const size_t bytes, char** buffer) override;

  void Insert(rocksdb::KeyHandle handle) override { InsertKey(handle); }
  bool InsertKey(rocksdb::KeyHandle handle) override;
  void InsertWithHint(rocksdb::KeyHandle handle, void** hint) override {
    InsertKeyWithHint(handle, hint);
  }
  bool InsertKeyWithHint(rocksdb::KeyHandle handle, void** hint) override;
  void InsertConcurrently(rocksdb::KeyHandle handle) override {
    InsertKeyConcurrently(handle);
  }
  bool InsertKeyConcurrently(rocksdb::KeyHandle handle) override;
  void InsertWithHintConcurrently(rocksdb::KeyHandle handle,
                                  void** hint) override {
    InsertKeyWithHintConcurrently(handle, hint);
  }
  bool InsertKeyWithHintConcurrently(rocksdb::KeyHandle handle,
                                     void** hint) override;

  bool Contains(const char* entry) const override;
  void Get(const rocksdb::LookupKey& key, void* argument,
           bool (*on_entry)(void* argument, const char* entry)) override;
  void MarkReadOnly() override;
  void MarkFlushed() override { skip_list_->MarkFlushed(); }
  uint64_t ApproximateNumEntries(const rocksdb::Slice& start,
                                 const rocksdb::Slice& end) override;
  void UniqueRandomSample(const uint64_t num_entries,
                          const uint64_t target_sample_size,
                          std::unordered_set<const char*>* entries) override;
  size_t ApproximateMemoryUsage() override;
  Iterator* GetIterator(rocksdb::Arena* arena) override;
  Iterator* GetDynamicPrefixIterator(rocksdb::Arena* arena) override;

  // For iterators.
  memtable::ChunkImages* images() const { return &images_; }
  memtable::RowSpans* spans() const { return &spans_; }
  const KeyComparator& comparator() const { return comparator_; }
  rocksdb::MemTableRep* skip_list() const { return skip_list_.get(); }
  bool read_only() const { return read_only_.load(std::memory_order_acquire); }
  // The row whose key the comparator calls equal to this; nullptr: none.
  const memtable::SampleRow* RowOf(const rocksdb::Slice& user_key) const;
  // Whether `entry` has that user key, to the comparator.
  // REQUIRES: it does not sort before a head of the key.
  bool IsOf(const char* entry, const rocksdb::Slice& user_key,
            std::string* scratch) const;

 private:
  Iterator* NewIterator(rocksdb::Arena* arena, memtable::Reader reader);

  enum class Writers { kOne, kMany };
  enum class Outcome { kInserted, kDuplicate, kNotForARow };
  struct Writer;

  static Writer& ThisWriter();

  bool InsertAny(char* entry, Writers writers, void** hint);
  Outcome InsertOperand(const char* entry, const memtable::EntryKey& key,
                        const memtable::Operand& operand, Writers writers,
                        Writer* writer);
  bool InsertOther(char* entry, Writers writers, void** hint);
  memtable::SampleRow* FindForWriter(const rocksdb::Slice& user_key,
                                     Writer* writer) const;
  Outcome InsertFirst(uint64_t hash, const memtable::EntryKey& key,
                      const memtable::Operand& operand, Writers writers,
                      memtable::SampleRow** row);
  memtable::RowsBegin DecideWhenRowsBegin();
  bool InSkipList(const char* entry, uint64_t sequence,
                  const memtable::RowIndex::Shard& shard,
                  const Writer& writer) const;
  void Follow(memtable::SampleRow* row, uint64_t sequence,
              Writer* writer) const;

  const uint64_t id_;  // of no other memtable of this process
  const KeyComparator& comparator_;
  const std::unique_ptr<rocksdb::MemTableRep> skip_list_;
  std::atomic<uint32_t> expected_operands_{0};  // of a row
  std::atomic<uint64_t> expected_keys_{0};
  std::atomic<memtable::RowsBegin> rows_begin_{memtable::RowsBegin::kUndecided};
  const std::shared_ptr<memtable::RowExperience> experience_;
  memtable::RowIndex rows_;
  mutable memtable::ChunkImages images_;
  mutable memtable::RowSpans spans_;
  std::atomic<bool> read_only_{false};
  // Whether a key was met that the comparator calls equal to a row's other.
  std::atomic<bool> has_equals_{false};
  // Entries in the skip list that are no heads.
  std::atomic<uint64_t> others_{0};

  // Once RocksDB has given a hint, whose map keeps pointers to keys, entries
  // lie where Allocate said for good.
  std::atomic<bool> keeps_buffers_{false};
  std::mutex kept_mutex_;
  std::vector<std::unique_ptr<char[]>> kept_;
};

}  // namespace varve
