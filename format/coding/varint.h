// Bounded little-endian and variable-length integers over byte ranges. A
// reader never looks past its limit and answers nullptr where the bytes end
// early or do not fit: the caller turns that into a Corruption that says
// where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace varve {

inline constexpr size_t kVarint64Bytes = 10;  // at most

inline uint64_t ZigZag(int64_t v) {
  return (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63);
}
inline int64_t UnZigZag(uint64_t v) {
  return static_cast<int64_t>((v >> 1) ^ (~(v & 1) + 1));
}

// Writes v at p and returns the byte after it.
// REQUIRES: room for kVarint64Bytes.
inline char* EncodeVarint(char* p, uint64_t v) {
  while (v >= 0x80) {
    *p++ = static_cast<char>(v | 0x80);
    v >>= 7;
  }
  *p++ = static_cast<char>(v);
  return p;
}

inline void AppendVarint(std::string* out, uint64_t v) {
  char buffer[kVarint64Bytes];
  out->append(buffer, static_cast<size_t>(EncodeVarint(buffer, v) - buffer));
}

inline size_t VarintBytes(uint64_t v) {
  size_t bytes = 1;
  while (v >= 0x80) {
    v >>= 7;
    ++bytes;
  }
  return bytes;
}

// DecodeVarint behind its first byte, which was 0x80 or more.
inline const char* DecodeVarintTail(const char* p, const char* limit,
                                    uint64_t result, uint64_t* v) {
  for (unsigned shift = 7; p < limit && shift < 64; shift += 7) {
    const uint64_t byte = static_cast<unsigned char>(*p++);
    if (byte < 0x80) {
      if (byte == 0 || (shift == 63 && byte > 1)) return nullptr;
      *v = result | byte << shift;
      return p;
    }
    result |= (byte & 0x7f) << shift;
  }
  return nullptr;
}

// Reads a varint from [p, limit) and returns the byte after it; nullptr when
// it is cut off, longer than 64 bits, or longer than it need be (so that a
// value has one spelling only).
inline const char* DecodeVarint(const char* p, const char* limit, uint64_t* v) {
  if (p >= limit) return nullptr;
  const uint64_t first = static_cast<unsigned char>(*p++);
  if (first < 0x80) {
    *v = first;
    return p;
  }
  if (limit - p >= 3) {  // most take four bytes at most: without the loop
    const uint64_t second = static_cast<unsigned char>(p[0]);
    uint64_t result = (first & 0x7f) | (second & 0x7f) << 7;
    if (second < 0x80 && second != 0) {
      *v = result;
      return p + 1;
    }
    const uint64_t third = static_cast<unsigned char>(p[1]);
    result |= (third & 0x7f) << 14;
    if (second >= 0x80 && third < 0x80 && third != 0) {
      *v = result;
      return p + 2;
    }
    const uint64_t fourth = static_cast<unsigned char>(p[2]);
    result |= fourth << 21;
    if (second >= 0x80 && third >= 0x80 && fourth < 0x80 && fourth != 0) {
      *v = result;
      return p + 3;
    }
  }
  return DecodeVarintTail(p, limit, first & 0x7f, v);
}

inline void StoreLittle64(char* p, uint64_t v) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  v = __builtin_bswap64(v);
#endif
  std::memcpy(p, &v, sizeof v);
}
inline uint32_t LoadLittle32(const char* p) {
  uint32_t v;
  std::memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  v = __builtin_bswap32(v);
#endif
  return v;
}
inline uint64_t LoadLittle64(const char* p) {
  uint64_t v;
  std::memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  v = __builtin_bswap64(v);
#endif
  return v;
}
inline void StoreBig64(char* p, uint64_t v) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  v = __builtin_bswap64(v);
#endif
  std::memcpy(p, &v, sizeof v);
}
inline uint64_t LoadBig64(const char* p) {
  uint64_t v;
  std::memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  v = __builtin_bswap64(v);
#endif
  return v;
}
inline void StoreBig32(char* p, uint32_t v) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  v = __builtin_bswap32(v);
#endif
  std::memcpy(p, &v, sizeof v);
}
inline uint32_t LoadBig32(const char* p) {
  uint32_t v;
  std::memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  v = __builtin_bswap32(v);
#endif
  return v;
}

}  // namespace varve
