#include "format/part/entry_list.h"

#include <algorithm>
#include <cstring>

#include "format/coding/varint.h"

namespace varve {
namespace {

constexpr size_t kTrailerBytes = 8;  // sequence and type of an internal key
// What Prev keeps of a restart interval: more than a writer puts into one. Of
// longer ones only the end, so that no list makes it keep more than that and
// one key.
constexpr size_t kCachedEntriesMax = 2048;
constexpr size_t kCachedKeyBytesMax = 1 << 20;

void AppendLittle32(std::string* out, uint32_t v) {
  char bytes[4];
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(v >> (8 * i));
  out->append(bytes, sizeof bytes);
}

size_t SharedBytes(const Slice& a, const Slice& b) {
  const size_t limit = std::min(a.size(), b.size());
  size_t i = 0;
  while (i + 8 <= limit) {
    const uint64_t differ =
        LoadLittle64(a.data() + i) ^ LoadLittle64(b.data() + i);
    if (differ != 0)
      return i + static_cast<size_t>(__builtin_ctzll(differ)) / 8;
    i += 8;
  }
  while (i < limit && a[i] == b[i]) ++i;
  return i;
}

// The three sizes of an entry; nullptr when they do not lie in [p, limit).
const char* DecodeSizes(const char* p, const char* limit, uint64_t* shared,
                        uint64_t* unshared, uint64_t* value_bytes) {
  if (limit - p < 3) return nullptr;
  const auto byte = [p](int i) { return static_cast<unsigned char>(p[i]); };
  if (((byte(0) | byte(1) | byte(2)) & 0x80) == 0) {
    *shared = byte(0);
    *unshared = byte(1);
    *value_bytes = byte(2);
    return p + 3;
  }
  p = DecodeVarint(p, limit, shared);
  if (p != nullptr) p = DecodeVarint(p, limit, unshared);
  if (p != nullptr) p = DecodeVarint(p, limit, value_bytes);
  if (p == nullptr || ((*shared | *unshared | *value_bytes) >> 32) != 0) {
    return nullptr;
  }
  return p;
}

}  // namespace

EntryListBuilder::EntryListBuilder(int restart_interval)
    : restart_interval_(restart_interval), restarts_(1, 0) {}

void EntryListBuilder::Add(const Slice& key, const Slice& value,
                           const Slice& last_key) {
  size_t shared = 0;
  if (since_restart_ == restart_interval_) {
    restarts_.push_back(static_cast<uint32_t>(bytes_.size()));
    since_restart_ = 0;
  } else if (since_restart_ > 0) {
    shared = SharedBytes(last_key, key);
  }
  char sizes[3 * kVarint64Bytes];
  char* p = EncodeVarint(sizes, shared);
  p = EncodeVarint(p, key.size() - shared);
  p = EncodeVarint(p, value.size());
  bytes_.append(sizes, static_cast<size_t>(p - sizes));
  bytes_.append(key.data() + shared, key.size() - shared);
  bytes_.append(value.data(), value.size());
  ++since_restart_;
  ++entry_count_;
}

Slice EntryListBuilder::Finish() {
  for (uint32_t restart : restarts_) AppendLittle32(&bytes_, restart);
  AppendLittle32(&bytes_, static_cast<uint32_t>(restarts_.size()));
  return bytes_;
}

void EntryListBuilder::Reset() {
  bytes_.clear();
  restarts_.assign(1, 0);
  since_restart_ = 0;
  entry_count_ = 0;
}

void EntryListCursor::Open(const Slice& list, size_t key_bytes_min) {
  Close();
  base_ = list.data();
  key_bytes_min_ = key_bytes_min;
  if (list.size() < 8) return Fail(0);
  restart_count_ = LoadLittle32(list.data() + list.size() - 4);
  const uint64_t tail_bytes = uint64_t{restart_count_} * 4 + 4;
  if (restart_count_ == 0 || tail_bytes > list.size()) {
    return Fail(list.size() - 4);
  }
  entries_bytes_ = list.size() - static_cast<size_t>(tail_bytes);
}

void EntryListCursor::Close() {
  base_ = nullptr;
  entries_bytes_ = 0;
  valid_ = false;
  corrupt_ = false;
  key_ = shown_key_ = value_ = Slice();
  current_ = next_ = 0;
  cached_.clear();
}

void EntryListCursor::Fail(size_t at) {
  valid_ = false;
  corrupt_ = true;
  current_ = at;
}

uint32_t EntryListCursor::RestartAt(uint32_t index) const {
  return LoadLittle32(base_ + entries_bytes_ + size_t{index} * 4);
}

void EntryListCursor::SetKey(const char* tail, size_t shared, size_t unshared) {
  if (shared == 0) {
    key_ = Slice(tail, unshared);
    key_in_list_ = true;
    return;
  }
  if (key_in_list_) {
    key_buffer_.assign(key_.data(), shared);
  } else {
    key_buffer_.resize(shared);
  }
  key_buffer_.append(tail, unshared);
  key_ = key_buffer_;
  key_in_list_ = false;
}

void EntryListCursor::ShowKey() {
  if (!overrides_) {
    shown_key_ = key_;
    return;
  }
  override_buffer_.assign(key_.data(), key_.size());
  char* trailer = &override_buffer_[key_.size() - kTrailerBytes];
  StoreLittle64(trailer,
                sequence_ << 8 | static_cast<unsigned char>(trailer[0]));
  shown_key_ = override_buffer_;
}

bool EntryListCursor::Parse(size_t offset) {
  if (offset >= entries_bytes_) {
    valid_ = false;
    current_ = entries_bytes_;
    return false;
  }
  const char* limit = base_ + entries_bytes_;
  uint64_t shared, unshared, value_bytes;
  const char* p =
      DecodeSizes(base_ + offset, limit, &shared, &unshared, &value_bytes);
  if (p == nullptr || shared > key_.size() ||
      unshared + value_bytes > static_cast<uint64_t>(limit - p) ||
      shared + unshared < key_bytes_min_) {
    Fail(offset);
    return false;
  }
  SetKey(p, static_cast<size_t>(shared), static_cast<size_t>(unshared));
  ShowKey();
  value_ = Slice(p + unshared, static_cast<size_t>(value_bytes));
  current_ = offset;
  next_ = static_cast<size_t>(p + unshared + value_bytes - base_);
  valid_ = true;
  return true;
}

bool EntryListCursor::ParseRestart(uint32_t index) {
  key_ = Slice();
  return Parse(RestartAt(index));
}

void EntryListCursor::SeekToFirst() {
  if (base_ != nullptr && !corrupt_) ParseRestart(0);
}

void EntryListCursor::SeekToLast() {
  if (base_ == nullptr || corrupt_ || !ParseRestart(restart_count_ - 1)) return;
  while (next_ < entries_bytes_) {
    if (!Parse(next_)) return;
  }
}

void EntryListCursor::Prev() {
  if (cached_index_ < cached_.size() &&
      cached_[cached_index_].offset == current_) {
    if (cached_index_ > 0) return LoadCached(cached_index_ - 1);
  }
  if (current_ == 0) {
    valid_ = false;
    return;
  }
  CacheEntriesBefore(current_);
  if (corrupt_) return;
  if (cached_.empty()) {
    valid_ = false;
    return;
  }
  LoadCached(cached_.size() - 1);
}

// From the last restart before `offset`, or as near to it as is kept, up to the
// entry that ends there.
void EntryListCursor::CacheEntriesBefore(size_t offset) {
  cached_.clear();
  cached_keys_.clear();
  uint32_t left = 0;
  uint32_t right = restart_count_ - 1;
  while (left < right) {
    const uint32_t middle = left + (right - left + 1) / 2;
    if (RestartAt(middle) < offset) {
      left = middle;
    } else {
      right = middle - 1;
    }
  }
  if (!ParseRestart(left)) return;
  while (valid_ && current_ < offset) {
    if (cached_.size() == kCachedEntriesMax ||
        cached_keys_.size() + key_.size() > kCachedKeyBytesMax) {
      cached_.clear();
      cached_keys_.clear();
    }
    CachedEntry entry;
    entry.offset = current_;
    entry.next = next_;
    entry.key_at = cached_keys_.size();
    entry.key_bytes = key_.size();
    entry.value = value_;
    entry.key = key_;
    entry.in_list = key_in_list_;
    if (!key_in_list_) {
      cached_keys_.append(key_.data(), key_.size());
    }
    cached_.push_back(entry);
    if (next_ >= offset) return;
    Parse(next_);
  }
}

void EntryListCursor::LoadCached(size_t index) {
  const CachedEntry& entry = cached_[index];
  cached_index_ = index;
  if (entry.in_list) {
    key_ = entry.key;
    key_in_list_ = true;
  } else {
    key_buffer_.assign(cached_keys_.data() + entry.key_at, entry.key_bytes);
    key_ = key_buffer_;
    key_in_list_ = false;
  }
  ShowKey();
  value_ = entry.value;
  current_ = entry.offset;
  next_ = entry.next;
  valid_ = true;
}

void ClearGlobalSequence(std::string* properties, size_t list_bytes) {
  constexpr size_t kSequenceBytes = 8;
  EntryListCursor cursor;
  cursor.Open(Slice(properties->data(), list_bytes), 0);
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    if (cursor.key() == kGlobalSequenceProperty &&
        cursor.value().size() == kSequenceBytes) {
      std::memset(&(*properties)[static_cast<size_t>(cursor.value().data() -
                                                     properties->data())],
                  0, kSequenceBytes);
      return;
    }
  }
}

}  // namespace varve
