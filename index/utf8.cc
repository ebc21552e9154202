// See utf8.h.
#include "index/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace varve {
namespace {

constexpr uint64_t kTopBits = 0x8080808080808080;

// The bytes of the character at p, 0 if it is none.
size_t CharacterBytes(const unsigned char* p, size_t left) {
  const unsigned char first = p[0];
  if (first < 0x80) return 1;
  const size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || bytes > left) return 0;
  for (size_t i = 1; i < bytes; ++i) {
    if ((p[i] & 0xc0) != 0x80) return 0;
  }
  if ((first == 0xe0 && p[1] < 0xa0) || (first == 0xed && p[1] > 0x9f) ||
      (first == 0xf0 && p[1] < 0x90) || (first == 0xf4 && p[1] > 0x8f)) {
    return 0;
  }
  return bytes;
}

}  // namespace

bool IsUtf8(const rocksdb::Slice& text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  size_t left = text.size();
  while (left > 0) {
    uint64_t word;
    if (left >= sizeof word) {
      memcpy(&word, p, sizeof word);
      if ((word & kTopBits) == 0) {
        p += sizeof word;
        left -= sizeof word;
        continue;
      }
    }
    const size_t bytes = CharacterBytes(p, left);
    if (bytes == 0) return false;
    p += bytes;
    left -= bytes;
  }
  return true;
}

}  // namespace varve
