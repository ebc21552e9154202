// See index_key.h.
#include "format/index/index_key.h"

namespace varve {
namespace {

constexpr unsigned kOrderedBytesMax = 6;

unsigned OrderedBytes(uint64_t number) {
  unsigned bytes = 1;
  while (bytes < kOrderedBytesMax && number >> (7 * bytes) != 0) ++bytes;
  return bytes;
}

// The one bits in front of a number of so many bytes.
uint8_t Mark(unsigned bytes) {
  return static_cast<uint8_t>(0xff00u >> (bytes - 1));
}

std::string KindOf(IndexRowKind kind) {
  return std::string(1, static_cast<char>(kind));
}

bool ParseGroup(Slice rest, IndexKey* parsed) {
  do {
    if (!TakeOrderedNumber(&rest, &parsed->chunk)) return false;
  } while (!rest.empty());
  return true;
}

bool ParsePair(const Slice& rest, IndexKey* parsed) {
  parsed->text = rest;
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '\0') return i > 0 && i + 1 < rest.size();
  }
  return false;
}

}  // namespace

void AppendOrderedNumber(std::string* key, uint64_t number) {
  const unsigned bytes = OrderedBytes(number);
  for (unsigned i = bytes; i-- > 0;) {
    const auto byte = static_cast<uint8_t>(number >> (8 * i));
    key->push_back(
        static_cast<char>(i + 1 == bytes ? byte | Mark(bytes) : byte));
  }
}

bool TakeOrderedNumber(Slice* key, uint64_t* number) {
  if (key->empty()) return false;
  const auto first = static_cast<uint8_t>((*key)[0]);
  unsigned bytes = 1;
  while (bytes <= kOrderedBytesMax && (first & (0x80u >> (bytes - 1))) != 0) {
    ++bytes;
  }
  if (bytes > kOrderedBytesMax || bytes > key->size()) return false;
  uint64_t result = first & static_cast<uint8_t>(~Mark(bytes));
  for (unsigned i = 1; i < bytes; ++i) {
    result = result << 8 | static_cast<uint8_t>((*key)[i]);
  }
  if (OrderedBytes(result) != bytes) return false;
  key->remove_prefix(bytes);
  *number = result;
  return true;
}

std::string NumberKey(IndexRowKind kind) { return KindOf(kind); }

std::string PairKey(const Slice& name, const Slice& value) {
  std::string key;
  key.reserve(2 + name.size() + value.size());
  key.push_back(static_cast<char>(IndexRowKind::kPair));
  key.append(name.data(), name.size());
  key.push_back('\0');
  key.append(value.data(), value.size());
  return key;
}

std::string ChunkKey(IndexRowKind kind, uint64_t chunk) {
  std::string key = KindOf(kind);
  AppendOrderedNumber(&key, chunk);
  return key;
}

std::string OwnedChunkKey(IndexRowKind kind, uint64_t owner, uint64_t chunk) {
  std::string key = OwnerPrefix(kind, owner);
  AppendOrderedNumber(&key, chunk);
  return key;
}

std::string OwnerPrefix(IndexRowKind kind, uint64_t owner) {
  return ChunkKey(kind, owner);
}

bool ParseIndexKey(const Slice& key, IndexKey* parsed) {
  if (key.empty()) return false;
  *parsed = IndexKey();
  parsed->kind = static_cast<IndexRowKind>(key[0]);
  Slice rest(key.data() + 1, key.size() - 1);
  switch (parsed->kind) {
    case IndexRowKind::kNextSeries:
    case IndexRowKind::kNextPair:
      return rest.empty();
    case IndexRowKind::kPair:
      return ParsePair(rest, parsed);
    case IndexRowKind::kGroup:
      return ParseGroup(rest, parsed);
    case IndexRowKind::kPosting:
    case IndexRowKind::kDay:
      return TakeOrderedNumber(&rest, &parsed->owner) &&
             TakeOrderedNumber(&rest, &parsed->chunk) && rest.empty();
    case IndexRowKind::kPairPage:
    case IndexRowKind::kLabels:
    case IndexRowKind::kDeadSeries:
    case IndexRowKind::kDeadPairs:
      return TakeOrderedNumber(&rest, &parsed->chunk) && rest.empty();
  }
  return false;
}

}  // namespace varve
