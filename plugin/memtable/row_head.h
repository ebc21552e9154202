// The head of a row among the entries of a memtable's skip list: an entry of
// the row's user key with a tag that no other has, and the row itself behind
// it. The skip list sorts it before every entry of its key, and refuses a
// second one for any key that the comparator calls equal.
#pragma once

#include <new>

#include "plugin/memtable/sample_row.h"

namespace varve::memtable {

inline constexpr size_t kVarint32BytesMax = 5;

// What the skip list is to allocate for it.
inline size_t HeadBytes(size_t user_key_bytes) {
  return kVarint32BytesMax + user_key_bytes + kTagBytes + alignof(SampleRow) -
         1 + sizeof(SampleRow);
}

inline char* WriteHeadKey(char* to, const Slice& user_key) {
  to = StoreVarint(to, user_key.size() + kTagBytes);
  memcpy(to, user_key.data(), user_key.size());
  to += user_key.size();
  StoreU64(to, kHeadTag);
  return to + kTagBytes;
}

inline SampleRow* RowAfter(const char* key_end) {
  const uintptr_t at = reinterpret_cast<uintptr_t>(key_end);
  return reinterpret_cast<SampleRow*>((at + alignof(SampleRow) - 1) &
                                      ~uintptr_t{alignof(SampleRow) - 1});
}

// REQUIRES: EntryKey(head).is_head().
inline SampleRow* RowOfHead(const char* head) {
  return RowAfter(EntryKey(head).end());
}

// Makes both in `memory` of HeadBytes(), with the row's first operand in
// `chunk` of `room`, as SampleRow has it.
inline SampleRow* NewRow(const Slice& user_key, const Operand& first,
                         size_t room, char* chunk, uint8_t shard,
                         char* memory) {
  const char* const end = WriteHeadKey(memory, user_key);
  return new (RowAfter(end)) SampleRow(memory, first, room, chunk, shard);
}

}  // namespace varve::memtable
