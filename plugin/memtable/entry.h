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

inline const char* LoadVarint64(const char* from, uint64_t* value) {
  uint64_t result = 0;
  for (int shift = 0;; shift += 7) {
    const uint8_t byte = static_cast<uint8_t>(*from++);
    result |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  *value = result;
  return from;
}

inline char* StoreVarint(char* to, uint64_t value) {
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

// What a memtable row keeps of an entry that merges a short operand: all but
// the user key.
struct Operand {
  uint64_t sequence;
  Slice value;
};

// False unless the `bytes` at `entry` are exactly such an entry, of which
// nothing is lost in *operand. Its value points into the entry.
inline bool ReadOperand(const char* entry, const EntryKey& key, size_t bytes,
                        Operand* operand) {
  if ((key.tag & 0xff) != kMergeType) return false;
  uint32_t value_bytes = 0;
  const char* const value = LoadVarint32(key.end(), &value_bytes);
  if (value + value_bytes != entry + bytes) return false;
  *operand = {key.sequence(), Slice(value, value_bytes)};
  return true;
}

inline size_t VarintBytes(uint64_t value) {
  size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

// What follows the user key in the entry of an operand of that length.
inline size_t OperandTailBytes(size_t value_bytes) {
  return kTagBytes + VarintBytes(value_bytes) + value_bytes;
}

// Writes it, and returns its end.
inline char* WriteOperandTail(char* to, const Operand& operand) {
  StoreU64(to, operand.sequence << 8 | kMergeType);
  to = StoreVarint(to + kTagBytes, operand.value.size());
  memcpy(to, operand.value.data(), operand.value.size());
  return to + operand.value.size();
}

}  // namespace varve::memtable
