// Loops of the kernels that are the same C++ at every level, but gain from
// what the compiler may use there: shifts by any register (BMI2) above all.
// Each level makes its own function of them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "format/coding/bit_stream.h"
#include "format/values/huffman.h"
#include "format/values/value_kernels.h"
#include "format/values/value_token.h"

#define VARVE_LOOP inline __attribute__((always_inline))

// Arrays with an element for each stream become registers when loops over
// them are unrolled, which compilers leave undone at -O2.
#if defined(__clang__)
#define VARVE_UNROLL _Pragma("unroll")
#else
#define VARVE_UNROLL _Pragma("GCC unroll 8")
#endif

namespace varve {

// A bit stream without a branch on how full a word is: up to 56 bits a step,
// written at once. May write 8 bytes past the last field.
struct ByteSteppedBits {
  char* p;
  uint64_t held = 0;
  unsigned used = 0;  // below 8

  VARVE_LOOP void Put(uint64_t field, unsigned width) {
    held |= field << used;
    StoreLittle64(p, held);
    used += width;
    p += used / 8;
    held >>= used & ~7u;
    used &= 7;
  }
  VARVE_LOOP char* Finish() {
    StoreLittle64(p, held);
    return p + (used != 0 ? 1 : 0);
  }
};

VARVE_LOOP char* PackLoop(const uint64_t* values, size_t count, unsigned width,
                          uint64_t reference, char* p) {
  if (width == 0) return p;
  const uint64_t mask = LowBits(width);
  if (width > 56) {
    BitWriter writer(p);
    for (size_t i = 0; i < count; ++i) {
      writer.Put((values[i] - reference) & mask, width);
    }
    return writer.Finish();
  }
  ByteSteppedBits bits{p};
  size_t i = 0;
  if (width <= 14) {  // four at a step
    for (; i + 4 <= count; i += 4) {
      const uint64_t a = (values[i] - reference) & mask;
      const uint64_t b = (values[i + 1] - reference) & mask;
      const uint64_t c = (values[i + 2] - reference) & mask;
      const uint64_t d = (values[i + 3] - reference) & mask;
      bits.Put((a | b << width) | (c | d << width) << (2 * width), 4 * width);
    }
  } else if (width <= 28) {
    for (; i + 2 <= count; i += 2) {
      const uint64_t a = (values[i] - reference) & mask;
      const uint64_t b = (values[i + 1] - reference) & mask;
      bits.Put(a | b << width, 2 * width);
    }
  }
  for (; i < count; ++i) bits.Put((values[i] - reference) & mask, width);
  return bits.Finish();
}

VARVE_LOOP void TokensOfLoop(const int64_t* values, size_t count, Sign sign,
                             uint64_t bias, uint8_t* tokens) {
  for (size_t i = 0; i < count; ++i) {
    const uint64_t v = sign == Sign::kZigZag
                           ? ZigZag(values[i])
                           : static_cast<uint64_t>(values[i]) - bias;
    const unsigned length = BitLength(v | 8);
    const unsigned width = length == 4 ? 0 : length - 3;
    const uint64_t coarse = 4 * width + 8 + ((v >> width) & 3);
    tokens[i] = static_cast<uint8_t>(length == 4 ? v : coarse);
  }
}

VARVE_LOOP char* WriteTokensLoop(const int64_t* values, size_t count, Sign sign,
                                 uint64_t bias, uint8_t* tokens, char* p) {
  ByteSteppedBits bits{p};
  for (size_t i = 0; i < count; ++i) {
    const uint64_t v = sign == Sign::kZigZag
                           ? ZigZag(values[i])
                           : static_cast<uint64_t>(values[i]) - bias;
    // Without a branch: what is below 16 has length 4 or less and no bits.
    const unsigned length = BitLength(v | 8);
    const unsigned width = length == 4 ? 0 : length - 3;
    const uint64_t coarse = 4 * width + 8 + ((v >> width) & 3);
    tokens[i] = static_cast<uint8_t>(length == 4 ? v : coarse);
    const uint64_t raw = v & LowBits(width);
    if (width <= 56) {
      bits.Put(raw, width);
    } else {
      bits.Put(raw & 0xffffffff, 32);
      bits.Put(raw >> 32, width - 32);
    }
  }
  return bits.Finish();
}

// Codes are written from their highest bit on, four at a step.
VARVE_LOOP char* HuffmanWriteLoop(const uint8_t* symbols, size_t count,
                                  const HuffmanCode* codes, char* p) {
  uint64_t held = 0;  // the lowest `used` bits count
  unsigned used = 0;  // below 8
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const HuffmanCode a = codes[symbols[i]], b = codes[symbols[i + 1]];
    const HuffmanCode c = codes[symbols[i + 2]], d = codes[symbols[i + 3]];
    const uint64_t ab = static_cast<uint64_t>(a.code) << b.length | b.code;
    const uint64_t cd = static_cast<uint64_t>(c.code) << d.length | d.code;
    const unsigned cd_length = c.length + d.length;
    const unsigned length = a.length + b.length + cd_length;
    held = held << length | ab << cd_length | cd;
    used += length;
    StoreBig64(p, held << (63 - used) << 1);
    p += used / 8;
    used &= 7;
  }
  for (; i < count; ++i) {
    held = held << codes[symbols[i]].length | codes[symbols[i]].code;
    used += codes[symbols[i]].length;
    StoreBig64(p, held << (63 - used) << 1);
    p += used / 8;
    used &= 7;
  }
  return p + (used != 0 ? 1 : 0);
}

template <size_t kStreams>
VARVE_LOOP void NextSymbols(const HuffmanEntry* table, unsigned unused_bits,
                            uint64_t* high, uint8_t* out, ptrdiff_t apart) {
  VARVE_UNROLL
  for (size_t k = 0; k < kStreams; ++k) {
    const HuffmanEntry entry = table[high[k] >> unused_bits];
    high[k] <<= entry.length & 63;
    *out = entry.symbol;
    out += apart;
  }
}

// The work on one stream hides behind the look-ups of the others. A one below
// the bits of a word tells, by where it is, how many were used (the same is
// done in zstd's Huffman decoder). Bits count from the first stream's bytes,
// and outputs are equally far apart.
template <size_t kStreams>
VARVE_LOOP void HuffmanRoundsLoop(const HuffmanEntry* table,
                                  unsigned table_bits, size_t rounds,
                                  HuffmanStream* streams) {
  static_assert(kHuffmanSymbolsPerLoad == 5);
  const char* const p = streams[0].p;
  size_t starts[kStreams], bits[kStreams];
  VARVE_UNROLL
  for (size_t k = 0; k < kStreams; ++k) {
    starts[k] = static_cast<size_t>(streams[k].p - p) * 8 + streams[k].bit;
    bits[k] = starts[k];
  }
  uint8_t* out = streams[0].out;
  const ptrdiff_t apart = streams[1].out - out;
  for (size_t round = 0; round < rounds; ++round) {
    uint64_t high[kStreams];
    VARVE_UNROLL
    for (size_t k = 0; k < kStreams; ++k) {
      high[k] = (LoadBig64(p + bits[k] / 8) | 1) << (bits[k] % 8);
    }
    NextSymbols<kStreams>(table, 64 - table_bits, high, out, apart);
    NextSymbols<kStreams>(table, 64 - table_bits, high, out + 1, apart);
    NextSymbols<kStreams>(table, 64 - table_bits, high, out + 2, apart);
    NextSymbols<kStreams>(table, 64 - table_bits, high, out + 3, apart);
    NextSymbols<kStreams>(table, 64 - table_bits, high, out + 4, apart);
    out += kHuffmanSymbolsPerLoad;
    VARVE_UNROLL
    for (size_t k = 0; k < kStreams; ++k) {
      bits[k] = (bits[k] & ~size_t{7}) +
                static_cast<size_t>(__builtin_ctzll(high[k]));
    }
  }
  VARVE_UNROLL
  for (size_t k = 0; k < kStreams; ++k) {
    streams[k].bit += bits[k] - starts[k];
    streams[k].out += rounds * kHuffmanSymbolsPerLoad;
    streams[k].count -= rounds * kHuffmanSymbolsPerLoad;
  }
}

}  // namespace varve
