// Canonical Huffman codes of at most 11 bits over bytes, for token streams:
// quicker to set up and to decode than a zstd frame of the same few
// kilobytes, which looks for matches that tokens seldom have.
//
// stream = lengths (a bit stream, see huffman.cc) sizes streams
// The symbols are cut into equal parts, each coded by itself from its highest
// bit on, so that a decoder can work on all of them at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace varve {

struct ValueKernels;

inline constexpr unsigned kHuffmanBitsMax = 11;

// Room that EncodeHuffman needs for `count` symbols.
constexpr size_t HuffmanBytesMax(size_t count) {
  return 256 + 64 + count * kHuffmanBitsMax / 8 + 16;
}

inline constexpr size_t kHuffmanStreamsMax = 8;
inline constexpr size_t kHuffmanSymbolsPerLoad = 57 / kHuffmanBitsMax;

struct HuffmanCode {
  uint16_t code;  // in its lowest `length` bits
  uint16_t length;
};

struct HuffmanEntry {
  uint8_t symbol;
  uint8_t length;
};

struct HuffmanStream {
  const char* p;
  const char* limit;
  size_t bit;  // from p
  uint8_t* out;
  size_t count;  // symbols left
};

// Writes symbols[0, count) at p and returns the byte after them; nullptr when
// a code does not pay (one symbol only, or no gain over plain bytes).
// REQUIRES: room for HuffmanBytesMax(count).
char* EncodeHuffman(const uint8_t* symbols, size_t count,
                    const ValueKernels& kernels, char* p);

// True when [p, limit) is exactly one stream of `count` symbols, now in
// symbols. Any bytes are safe; those up to `readable` may be read too, which
// is faster at the end. REQUIRES: limit <= readable.
bool DecodeHuffman(const char* p, const char* limit, const char* readable,
                   size_t count, const ValueKernels& kernels, uint8_t* symbols);

}  // namespace varve
