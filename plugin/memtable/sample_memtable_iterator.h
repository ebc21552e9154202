// An iterator over a sample memtable, in RocksDB's order: entries of the skip
// list and of rows, merged. Heads are passed over.
//
// Its state is the same however it came to where it is: `others_` stands at
// the first entry of the skip list that is not before the present one, `row_`
// is in the row of the nearest head before that (or in none, if that is not
// known), at its first entry that is not before the present one.
#pragma once

#include <memory>
#include <string>

#include "compaction/flush_mark.h"
#include "plugin/memtable/row_walk.h"
#include "plugin/memtable/sample_memtable.h"

namespace varve {

class SampleMemtableIterator final : public rocksdb::MemTableRep::Iterator {
 public:
  // `arena` as MemTableRep::GetIterator has it.
  SampleMemtableIterator(const SampleMemtable* memtable, rocksdb::Arena* arena,
                         memtable::Reader reader);
  ~SampleMemtableIterator() override;
  SampleMemtableIterator(const SampleMemtableIterator&) = delete;
  SampleMemtableIterator& operator=(const SampleMemtableIterator&) = delete;

  bool Valid() const override { return entry_ != nullptr; }
  const char* key() const override { return entry_; }
  void Next() override;
  void Prev() override;
  void Seek(const rocksdb::Slice& internal_key, const char* entry) override;
  void SeekForPrev(const rocksdb::Slice& internal_key,
                   const char* entry) override;
  void SeekToFirst() override;
  void SeekToLast() override;

 private:
  using RowWalk = memtable::RowWalk;

  void Enter(const memtable::SampleRow* row);
  bool OtherIsOfRow();
  bool OtherIsBeforeEntry();
  void StepForward();
  void Settle();
  void SettleBackward();
  void TakeNewerOfRow();

  const SampleMemtable* const memtable_;
  const bool in_arena_;
  const memtable::Reader reader_;
  rocksdb::MemTableRep::Iterator* const others_;
  RowWalk row_;
  const char* entry_ = nullptr;
  bool entry_is_of_row_ = false;

  // Whether others_ stands at an entry of row_'s key, while that is known.
  enum class OfRow { kUnknown, kYes, kNo };
  OfRow other_is_of_row_ = OfRow::kUnknown;

  // A flush's iterators are made for a memtable that is read-only, one flush
  // ago on its thread, and go forward once.
  const FlushMark made_at_ = FlushMark::Now();
  bool may_be_of_flush_;

  std::string scratch_;
};

}  // namespace varve
