// A sorted list of entries with prefix-compressed keys: what boxes of rows,
// leaves of the index and RocksDB's meta blocks hold.
//
//   list    := entry* restart:u32{n} n:u32          n >= 1
//   entry   := shared:varint32 unshared:varint32 value_bytes:varint32
//              key_tail[unshared] value[value_bytes]
//   restart := offset of an entry whose `shared` is 0
//
// `shared` counts the bytes that the key has in common with the entry before.
// The layout is LevelDB's, so that RocksDB's own readers understand the meta
// blocks. Bytes only; the order of keys is the caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

using rocksdb::Slice;
using rocksdb::Status;

class EntryListBuilder {
 public:
  // Every restart_interval-th key is stored whole. 1: all of them.
  explicit EntryListBuilder(int restart_interval);

  // `last_key` is the key of the Add before; ignored on the first.
  void Add(const Slice& key, const Slice& value, const Slice& last_key);
  bool empty() const { return entry_count_ == 0; }
  size_t entry_count() const { return entry_count_; }
  // What Finish would return now.
  size_t CurrentBytes() const {
    return bytes_.size() + restarts_.size() * 4 + 4;
  }
  // The list; valid until Reset.
  Slice Finish();
  void Reset();

 private:
  const int restart_interval_;
  int since_restart_ = 0;
  size_t entry_count_ = 0;
  std::string bytes_;
  std::vector<uint32_t> restarts_;
};

// Walks a list. Bytes that are no list make it invalid and corrupt(), never
// read outside.
class EntryListCursor {
 public:
  EntryListCursor() = default;
  EntryListCursor(const EntryListCursor&) = delete;
  EntryListCursor& operator=(const EntryListCursor&) = delete;

  // The list's bytes outlive the cursor's use of them. Keys shorter than
  // key_bytes_min make the list corrupt. The cursor is then not Valid.
  void Open(const Slice& list, size_t key_bytes_min);
  void Close();

  // All keys end in 8 bytes of internal key: shows them with this sequence
  // number (of an ingested file) instead of their own. Survives Open.
  void OverrideSequence(uint64_t sequence) {
    overrides_ = true;
    sequence_ = sequence;
  }

  bool Valid() const { return valid_; }
  bool corrupt() const { return corrupt_; }
  // The byte of the list at which it was found corrupt.
  size_t corrupt_at() const { return current_; }

  // REQUIRES: Valid(). Valid until the cursor moves.
  const Slice& key() const { return shown_key_; }
  const Slice& value() const { return value_; }
  // Held for Prev.
  size_t cached_bytes() const {
    return cached_.capacity() * sizeof(CachedEntry) + cached_keys_.capacity();
  }
  // The key's bytes lie in the list, not in the cursor.
  bool key_in_list() const { return key_in_list_ && !overrides_; }

  void SeekToFirst();
  void SeekToLast();
  // REQUIRES: Valid().
  void Next() { Parse(next_); }
  void Prev();

  // The first entry whose key is at or after target.
  // int order(const Slice& a, const Slice& b): <0, 0, >0.
  template <class Order>
  void Seek(const Slice& target, const Order& order) {
    if (!SeekToRestartBefore(target, order)) return;
    while (valid_ && order(shown_key_, target) < 0) Parse(next_);
  }

 private:
  struct CachedEntry {
    size_t offset;
    size_t next;
    size_t key_at;  // in cached_keys_, unless in_list
    size_t key_bytes;
    Slice key;  // only when in_list
    bool in_list;
    Slice value;
  };

  uint32_t RestartAt(uint32_t index) const;
  // Decodes the entry at `offset`; key_ holds the key before it, or `offset`
  // is a restart.
  bool Parse(size_t offset);
  bool ParseRestart(uint32_t index);
  void SetKey(const char* tail, size_t shared, size_t unshared);
  void ShowKey();
  void CacheEntriesBefore(size_t offset);
  void LoadCached(size_t index);
  void Fail(size_t at);

  template <class Order>
  bool SeekToRestartBefore(const Slice& target, const Order& order) {
    if (base_ == nullptr || corrupt_) return false;
    uint32_t left = 0;
    uint32_t right = restart_count_ - 1;
    while (left < right) {
      const uint32_t middle = left + (right - left + 1) / 2;
      if (!ParseRestart(middle)) return false;
      if (order(shown_key_, target) < 0) {
        left = middle;
      } else {
        right = middle - 1;
      }
    }
    return ParseRestart(left);
  }

  const char* base_ = nullptr;
  size_t entries_bytes_ = 0;
  uint32_t restart_count_ = 0;
  size_t key_bytes_min_ = 0;

  bool valid_ = false;
  bool corrupt_ = false;
  bool key_in_list_ = false;
  bool overrides_ = false;
  uint64_t sequence_ = 0;
  size_t current_ = 0;  // offset of the entry
  size_t next_ = 0;     // offset behind it
  Slice key_;           // as stored; in the list or in key_buffer_
  Slice shown_key_;
  Slice value_;
  std::string key_buffer_;
  std::string override_buffer_;

  // The entries of one restart interval, for Prev.
  std::vector<CachedEntry> cached_;
  std::string cached_keys_;
  size_t cached_index_ = 0;
};

// RocksDB writes an ingested file's global sequence number in place, into the
// entry of this name among the properties. Sets that entry's value, if it is
// there and of 8 bytes, to zero: so the checksum counts it. The list is the
// first `list_bytes` of *properties.
inline constexpr char kGlobalSequenceProperty[] =
    "rocksdb.external_sst_file.global_seqno";
void ClearGlobalSequence(std::string* properties, size_t list_bytes);

}  // namespace varve
