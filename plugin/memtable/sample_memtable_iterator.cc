// See sample_memtable_iterator.h.
#include "plugin/memtable/sample_memtable_iterator.h"

#include "compaction/read_hint.h"
#include "plugin/memtable/row_head.h"

namespace varve {

using memtable::EntryKey;
using memtable::SampleRow;
using rocksdb::Slice;

SampleMemtableIterator::SampleMemtableIterator(const SampleMemtable* memtable,
                                               rocksdb::Arena* arena,
                                               memtable::Reader reader)
    : memtable_(memtable),
      in_arena_(arena != nullptr),
      reader_(reader),
      others_(memtable->skip_list()->GetIterator(arena)),
      row_(memtable->images(), memtable->spans()),
      may_be_of_flush_(memtable->read_only()) {}

SampleMemtableIterator::~SampleMemtableIterator() {
  if (in_arena_) {
    others_->~Iterator();
  } else {
    delete others_;
  }
}

// Varve's own iterators pin nothing, and each call on them has a hint.
void SampleMemtableIterator::Enter(const SampleRow* row) {
  other_is_of_row_ = OfRow::kUnknown;
  const ReadHint* const hint = ReadHint::Current();
  if (hint != nullptr && reader_ == memtable::Reader::kGet) {
    return row_.EnterPicked(row, *hint);
  }
  if (reader_ == memtable::Reader::kIterator) {
    if (hint != nullptr) {
      return row_.Enter(row, RowWalk::Life::kNextCall, hint->number());
    }
    if (may_be_of_flush_ && FlushMark::Now().IsOneFlushAfter(made_at_)) {
      return row_.Enter(row, RowWalk::Life::kSecondRow, /*call=*/0);
    }
  }
  row_.Enter(row, RowWalk::Life::kMemtable, /*call=*/0);
}

// REQUIRES: row_ is in a row, and others_ is valid and behind the row's head.
bool SampleMemtableIterator::OtherIsOfRow() {
  if (other_is_of_row_ == OfRow::kUnknown) {
    const char* const other = others_->key();
    const bool yes = !EntryKey(other).is_head() &&
                     memtable_->IsOf(other, row_.row()->user_key(), &scratch_);
    other_is_of_row_ = yes ? OfRow::kYes : OfRow::kNo;
  }
  return other_is_of_row_ == OfRow::kYes;
}

void SampleMemtableIterator::StepForward() {
  others_->Next();
  other_is_of_row_ = OfRow::kUnknown;
}

// The present entry is the first of those at others_ and in row_.
void SampleMemtableIterator::Settle() {
  for (;;) {
    if (row_.row() != nullptr && row_.position() >= 0) {
      const bool other_first = others_->Valid() && OtherIsOfRow() &&
                               EntryKey(others_->key()).sequence() >
                                   row_.SequenceAt(row_.position());
      entry_is_of_row_ = !other_first;
      entry_ = other_first ? others_->key() : row_.Entry();
      return;
    }
    entry_is_of_row_ = false;
    entry_ = others_->Valid() ? others_->key() : nullptr;
    if (entry_ == nullptr || !EntryKey(entry_).is_head()) return;
    Enter(memtable::RowOfHead(entry_));
    StepForward();
  }
}

void SampleMemtableIterator::Next() {
  if (entry_is_of_row_) {
    row_.MoveTo(row_.position() - 1);
  } else {
    StepForward();
  }
  Settle();
}

void SampleMemtableIterator::Prev() {
  may_be_of_flush_ = false;
  if (others_->Valid()) {
    others_->Prev();
  } else {
    others_->SeekToLast();
  }
  // Past what somebody has written behind the present entry in the meantime.
  while (entry_is_of_row_ && others_->Valid() && !OtherIsBeforeEntry()) {
    others_->Prev();
  }
  SettleBackward();
}

// REQUIRES: the present entry is row_'s, and others_ not before row_'s head.
bool SampleMemtableIterator::OtherIsBeforeEntry() {
  const EntryKey other(others_->key());
  if (other.is_head()) {
    return memtable::RowOfHead(others_->key()) == row_.row();
  }
  return memtable_->IsOf(others_->key(), row_.row()->user_key(), &scratch_) &&
         other.sequence() > row_.SequenceAt(row_.position());
}

// The present entry is the last of those before: others_ stands at the skip
// list's, and row_ in front of its own.
void SampleMemtableIterator::SettleBackward() {
  for (;;) {
    other_is_of_row_ = OfRow::kUnknown;
    if (!others_->Valid()) {
      row_.Leave();
      entry_ = nullptr;
      return;
    }
    const EntryKey other(others_->key());
    if (other.is_head()) {
      const SampleRow* const row = memtable::RowOfHead(others_->key());
      if (row_.row() != row) {
        Enter(row);
        row_.MoveTo(-1);
      }
      if (row_.position() + 1 < row_.size()) return TakeNewerOfRow();
      row_.Leave();
      others_->Prev();
      continue;
    }
    if (row_.row() == nullptr) {
      const SampleRow* const row = memtable_->RowOf(other.user_key);
      if (row != nullptr) {
        Enter(row);
        row_.MoveTo(-1);
      }
    }
    if (row_.row() != nullptr && row_.position() + 1 < row_.size() &&
        OtherIsOfRow() &&
        row_.SequenceAt(row_.position() + 1) < other.sequence()) {
      return TakeNewerOfRow();
    }
    entry_is_of_row_ = false;
    entry_ = others_->key();
    return;
  }
}

void SampleMemtableIterator::TakeNewerOfRow() {
  row_.MoveTo(row_.position() + 1);
  StepForward();
  // Past what somebody has written here in the meantime.
  const uint64_t sequence = row_.SequenceAt(row_.position());
  while (others_->Valid() && OtherIsOfRow() &&
         EntryKey(others_->key()).sequence() > sequence) {
    StepForward();
  }
  entry_is_of_row_ = true;
  entry_ = row_.Entry();
}

void SampleMemtableIterator::Seek(const Slice& internal_key,
                                  const char* entry) {
  may_be_of_flush_ = false;
  other_is_of_row_ = OfRow::kUnknown;
  row_.Leave();
  const Slice target =
      entry == nullptr
          ? internal_key
          : Slice(EntryKey(entry).user_key.data(),
                  EntryKey(entry).user_key.size() + memtable::kTagBytes);
  const Slice user_key(target.data(), target.size() - memtable::kTagBytes);
  const uint64_t sequence =
      memtable::LoadU64(user_key.data() + user_key.size()) >> 8;
  scratch_.resize(memtable::kVarint32BytesMax + target.size());
  memtable::WriteHeadKey(&scratch_[0], user_key);
  others_->Seek(Slice(), scratch_.data());
  if (others_->Valid() && EntryKey(others_->key()).is_head() &&
      memtable_->IsOf(others_->key(), user_key, &scratch_)) {
    Enter(memtable::RowOfHead(others_->key()));
    row_.MoveTo(row_.AtOrBefore(sequence));
    StepForward();
  }
  if (others_->Valid() && !EntryKey(others_->key()).is_head() &&
      memtable_->comparator()(others_->key(), target) < 0) {
    others_->Seek(target, entry);
    other_is_of_row_ = OfRow::kUnknown;
  }
  Settle();
}

void SampleMemtableIterator::SeekForPrev(const Slice& internal_key,
                                         const char* entry) {
  Seek(internal_key, entry);
  if (!Valid()) SeekToLast();
  const Slice target =
      entry == nullptr
          ? internal_key
          : Slice(EntryKey(entry).user_key.data(),
                  EntryKey(entry).user_key.size() + memtable::kTagBytes);
  while (Valid() && memtable_->comparator()(entry_, target) > 0) Prev();
}

void SampleMemtableIterator::SeekToFirst() {
  row_.Leave();
  other_is_of_row_ = OfRow::kUnknown;
  others_->SeekToFirst();
  Settle();
}

void SampleMemtableIterator::SeekToLast() {
  may_be_of_flush_ = false;
  row_.Leave();
  others_->SeekToLast();
  SettleBackward();
}

}  // namespace varve
