// An entry of a RocksDB memtable, in the layout of MemTable::Add, which
// rocksdb/memtablerep.h calls frozen:
//
//   varint32 bytes of the internal key | user key | tag | varint32 bytes of
//   the value | value | protection bytes, where there are any
//
// tag = sequence number << 8 | type, 8 bytes, little-endian. Pure: entries
// come from RocksDB in this process, never from a disk.
#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>

#include "rocksdb/slice.h"

namespace varve::memtable {

using rocksdb::Slice;

inline constexpr size_t kTagBytes = 8;
inline constexpr uint8_t kMergeType = 0x2;  // rocksdb::kTypeMerge, on disk too
inline constexpr uint64_t kSequenceMax = (uint64_t{1} << 56) - 1;

// The tag of a row's head, which sorts before every entry of its user key.
// RocksDB gives no entry this sequence number.
inline constexpr uint64_t kHeadTag = ~uint64_t{0};

inline uint64_t LoadU64(const char* from) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) {
    value = value << 8 | static_cast<uint8_t>(from[i]);
  }
  return value;
}

inline void StoreU64(char* to, uint64_t value) {
  for (int i = 0; i < 8; ++i) to[i] = static_cast<char>(value >> 8 * i);
}

inline const char* LoadVarint32(const char* from, uint32_t* value) {
  uint32_t result = static_cast<uint8_t>(*from++);
  if (result >= 0x80) {
    result &= 0x7f;
    for (int shift = 7;; shift += 7) {
      const uint8_t byte = static_cast<uint8_t>(*from++);
      result |= static_cast<uint32_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
  }
  *value = result;
  return from;
}

inline char* StoreVarint32(char* to, uint32_t value) {
  while (value >= 0x80) {
    *to++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<char>(value);
  return to;
}

// The user key of an entry or a head, and its tag.
struct EntryKey {
  explicit EntryKey(const char* entry) {
    uint32_t bytes = 0;
    const char* const key = LoadVarint32(entry, &bytes);
    assert(bytes >= kTagBytes);
    user_key = Slice(key, bytes - kTagBytes);
    tag = LoadU64(user_key.data() + user_key.size());
  }
  uint64_t sequence() const { return tag >> 8; }
  bool is_head() const { return tag == kHeadTag; }
  const char* end() const {
    return user_key.data() + user_key.size() + kTagBytes;
  }

  Slice user_key;
  uint64_t tag;
};

// What a memtable row keeps of an entry that merges one plain sample: all
// but the user key.
struct SampleEntry {
  uint64_t sequence;
  uint64_t timestamp;   // the bits
  uint64_t value_bits;  // the bits
};

// The value of such an entry: format/sample_block.h's plain block of one
// pair. Its bytes are compared and written, and never read as a block.
inline constexpr char kPlainTag[2] = {'\xa7', '\x01'};
inline constexpr uint32_t kPlainBytes = sizeof(kPlainTag) + 16;

// False unless the `bytes` at `entry` are exactly a merge of one plain sample:
// nothing of it is lost in *sample.
inline bool ReadSampleEntry(const char* entry, const EntryKey& key,
                            size_t bytes, SampleEntry* sample) {
  if ((key.tag & 0xff) != kMergeType) return false;
  const char* value = key.end();
  // A value of 18 bytes has a length of one byte.
  if (entry + bytes != value + 1 + kPlainBytes) return false;
  if (*value++ != kPlainBytes) return false;
  if (memcmp(value, kPlainTag, sizeof(kPlainTag)) != 0) return false;
  value += sizeof(kPlainTag);
  *sample = {key.sequence(), LoadU64(value), LoadU64(value + 8)};
  return true;
}

// The other way round, behind the user key. Returns the end.
inline char* WriteSampleEntry(char* to, const SampleEntry& sample) {
  StoreU64(to, sample.sequence << 8 | kMergeType);
  to += kTagBytes;
  *to++ = static_cast<char>(kPlainBytes);
  memcpy(to, kPlainTag, sizeof(kPlainTag));
  to += sizeof(kPlainTag);
  StoreU64(to, sample.timestamp);
  StoreU64(to + 8, sample.value_bits);
  return to + 16;
}

inline constexpr size_t kSampleEntryTailBytes = kTagBytes + 1 + kPlainBytes;

}  // namespace varve::memtable
