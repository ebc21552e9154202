// See huffman.h.
#include "format/huffman.h"

#include <algorithm>
#include <cstring>

#include "format/bit_stream.h"
#include "format/varint.h"

namespace varve {
namespace {

constexpr size_t kSymbols = 256;
constexpr size_t kTableSize = size_t{1} << kHuffmanBitsMax;
constexpr size_t kStreamsMax = 4;
constexpr size_t kManyStreamsFrom = 256;  // symbols
constexpr size_t kSymbolsPerLoad = 57 / kHuffmanBitsMax;

size_t StreamCount(size_t count) {
  return count >= kManyStreamsFrom ? kStreamsMax : 1;
}

struct Leaf {
  uint32_t weight;
  uint8_t symbol;
};

// Depths of a Huffman tree over leaves sorted by weight, lightest first.
void TreeDepths(const Leaf* leaves, size_t count, uint8_t* depths) {
  uint32_t weights[2 * kSymbols];
  uint16_t parents[2 * kSymbols];
  for (size_t i = 0; i < count; ++i) weights[i] = leaves[i].weight;
  size_t leaf = 0, node = count;
  const size_t root = 2 * count - 2;
  for (size_t next = count; next <= root; ++next) {
    weights[next] = 0;
    for (int child = 0; child < 2; ++child) {
      const bool take_leaf =
          leaf < count && (node >= next || weights[leaf] <= weights[node]);
      const size_t taken = take_leaf ? leaf++ : node++;
      weights[next] += weights[taken];
      parents[taken] = static_cast<uint16_t>(next);
    }
  }
  uint8_t node_depths[2 * kSymbols];
  node_depths[root] = 0;
  for (size_t i = root; i-- > 0;) {
    node_depths[i] = static_cast<uint8_t>(node_depths[parents[i]] + 1);
  }
  std::copy_n(node_depths, count, depths);
}

// Cuts depths to kHuffmanBitsMax and makes the code complete again: lengthens
// the longest codes that are still short enough until they fit, then gives
// what is left to the heaviest leaves. depths fall as leaves get heavier.
void LimitDepths(uint8_t* depths, size_t count) {
  size_t used = 0;  // of kTableSize
  for (size_t i = 0; i < count; ++i) {
    depths[i] = std::min<uint8_t>(depths[i], kHuffmanBitsMax);
    used += kTableSize >> depths[i];
  }
  for (size_t i = 0; used > kTableSize; i = (i + 1) % count) {
    while (depths[i] < kHuffmanBitsMax && used > kTableSize) {
      used -= kTableSize >> (depths[i] + 1);
      ++depths[i];
    }
  }
  for (size_t i = count; i-- > 0;) {
    while (depths[i] > 1 && used + (kTableSize >> depths[i]) <= kTableSize) {
      used += kTableSize >> depths[i];
      --depths[i];
    }
  }
}

// Code lengths of all symbols, 0 for those that do not occur. Returns how
// many occur.
size_t CodeLengths(const uint8_t* symbols, size_t count, uint8_t* lengths) {
  uint32_t counts[4][kSymbols] = {};
  size_t at = 0;
  for (; at + 4 <= count; at += 4) {
    for (size_t k = 0; k < 4; ++k) ++counts[k][symbols[at + k]];
  }
  for (; at < count; ++at) ++counts[0][symbols[at]];
  Leaf leaves[kSymbols];
  size_t used = 0;
  for (size_t s = 0; s < kSymbols; ++s) {
    const uint32_t n =
        counts[0][s] + counts[1][s] + counts[2][s] + counts[3][s];
    if (n != 0) leaves[used++] = {n, static_cast<uint8_t>(s)};
  }
  std::memset(lengths, 0, kSymbols);
  if (used < 2) return used;
  std::sort(leaves, leaves + used, [](const Leaf& a, const Leaf& b) {
    return a.weight != b.weight ? a.weight < b.weight : a.symbol < b.symbol;
  });
  uint8_t depths[kSymbols];
  TreeDepths(leaves, used, depths);
  LimitDepths(depths, used);
  for (size_t i = 0; i < used; ++i) lengths[leaves[i].symbol] = depths[i];
  return used;
}

// Lengths are written in symbol order, each against the one before (8 before
// the first), until the code is complete:
//   0 the same; 10s one less (s = 0) or more (s = 1);
//   110nnn n + 1 symbols that do not occur; 111llll length l
void WriteLengths(const uint8_t* lengths, BitWriter* writer) {
  unsigned before = 8;
  size_t left = kTableSize;
  for (size_t s = 0; left != 0;) {
    if (lengths[s] == 0) {
      size_t run = 1;
      while (run < 8 && lengths[s + run] == 0) ++run;
      writer->Put(0b011 | (run - 1) << 3, 6);
      s += run;
      continue;
    }
    const unsigned length = lengths[s++];
    left -= kTableSize >> length;
    if (length == before) {
      writer->Put(0, 1);
    } else if (length + 1 == before || length == before + 1) {
      writer->Put(0b01 | (length > before ? 4u : 0u), 3);
    } else {
      writer->Put(0b111 | length << 3, 7);
    }
    before = length;
  }
}

// Reads lengths that WriteLengths wrote, and the bits that they take. False
// when they are no complete code.
bool ReadLengths(const char* p, const char* limit, uint8_t* lengths,
                 size_t* bits) {
  std::memset(lengths, 0, kSymbols);
  const size_t available = static_cast<size_t>(limit - p) * 8;
  unsigned before = 8;
  size_t left = kTableSize, bit = 0, s = 0;
  while (left != 0) {
    if (bit >= available || s >= kSymbols) return false;
    const uint64_t next = LoadBits(p, limit, bit, 7);
    unsigned length = before;
    if ((next & 1) == 0) {
      bit += 1;
    } else if ((next & 3) == 1) {
      bit += 3;
      length = (next & 4) != 0 ? before + 1 : before - 1;
    } else if ((next & 7) == 3) {
      bit += 6;
      s += ((next >> 3) & 7) + 1;
      continue;
    } else {
      bit += 7;
      length = (next >> 3) & 15;
    }
    if (length == 0 || length > kHuffmanBitsMax ||
        kTableSize >> length > left) {
      return false;
    }
    left -= kTableSize >> length;
    lengths[s++] = static_cast<uint8_t>(length);
    before = length;
  }
  *bits = bit;
  return bit <= available;
}

// First code of each length, left-aligned in kHuffmanBitsMax bits: shorter
// codes come first, symbols of one length in their order.
void FirstCodes(const uint8_t* lengths, uint32_t* first) {
  uint32_t of_length[kHuffmanBitsMax + 1] = {};
  for (size_t s = 0; s < kSymbols; ++s) ++of_length[lengths[s]];
  uint32_t code = 0;
  for (unsigned length = 1; length <= kHuffmanBitsMax; ++length) {
    first[length] = code;
    code += of_length[length] << (kHuffmanBitsMax - length);
  }
}

// Writes bits from the highest on.
char* WriteStream(const uint8_t* symbols, size_t count, const uint16_t* codes,
                  const uint8_t* lengths, char* p) {
  uint64_t held = 0;  // bits from the top
  unsigned used = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t s = symbols[i];
    held |= static_cast<uint64_t>(codes[s]) << (64 - kHuffmanBitsMax) >> used;
    used += lengths[s];
    if (used >= 48) {
      StoreBig64(p, held);
      p += 6;
      held <<= 48;
      used -= 48;
    }
  }
  StoreBig64(p, held);
  return p + (used + 7) / 8;
}

struct TableEntry {
  uint8_t symbol;
  uint8_t length;
};

void FillTable(const uint8_t* lengths, TableEntry* table) {
  uint32_t next[kHuffmanBitsMax + 1];
  FirstCodes(lengths, next);
  for (size_t s = 0; s < kSymbols; ++s) {
    const unsigned length = lengths[s];
    if (length == 0) continue;
    const size_t span = kTableSize >> length;
    std::fill_n(table + next[length], span,
                TableEntry{static_cast<uint8_t>(s),
                           static_cast<uint8_t>(length)});
    next[length] += static_cast<uint32_t>(span);
  }
}

struct Stream {
  const char* p;
  const char* limit;
  size_t bit;
  uint8_t* out;
  size_t count;
};

// Decodes what is left of one stream, symbol by symbol.
bool FinishStream(const TableEntry* table, Stream* s) {
  const size_t bits = static_cast<size_t>(s->limit - s->p) * 8;
  for (; s->count > 0; --s->count) {
    if (s->bit >= bits) return false;
    const char* const at = s->p + s->bit / 8;
    char padded[8] = {};
    std::memcpy(padded, at,
                std::min<size_t>(8, static_cast<size_t>(s->limit - at)));
    const uint64_t high = LoadBig64(padded) << (s->bit % 8);
    const TableEntry entry = table[high >> (64 - kHuffmanBitsMax)];
    *s->out++ = entry.symbol;
    s->bit += entry.length;
  }
  return BytesOfBits(s->bit) * 8 == bits;
}

// How many rounds of kSymbolsPerLoad symbols a stream surely has: a round
// takes 7 bytes at most, and a load needs 8.
size_t SureRounds(const Stream& s) {
  const size_t bytes = static_cast<size_t>(s.limit - s.p);
  const size_t at = s.bit / 8;
  const size_t loads = bytes < at + 8 ? 0 : (bytes - at - 8) / 7;
  return std::min(s.count / kSymbolsPerLoad, loads);
}

#define VARVE_NEXT_SYMBOL(s)                                        \
  {                                                                 \
    const TableEntry entry = table[high_##s >> (64 - kHuffmanBitsMax)]; \
    high_##s <<= entry.length;                                      \
    bit_##s += entry.length;                                        \
    out_##s[i] = entry.symbol;                                      \
  }

// Decodes `rounds` rounds of four streams, the work of one hiding behind the
// table look-ups of the others.
void DecodeRounds(const TableEntry* table, size_t rounds, Stream* streams) {
  const char* const p_a = streams[0].p;
  const char* const p_b = streams[1].p;
  const char* const p_c = streams[2].p;
  const char* const p_d = streams[3].p;
  size_t bit_a = streams[0].bit, bit_b = streams[1].bit;
  size_t bit_c = streams[2].bit, bit_d = streams[3].bit;
  uint8_t* out_a = streams[0].out;
  uint8_t* out_b = streams[1].out;
  uint8_t* out_c = streams[2].out;
  uint8_t* out_d = streams[3].out;
  for (size_t round = 0; round < rounds; ++round) {
    uint64_t high_a = LoadBig64(p_a + bit_a / 8) << (bit_a % 8);
    uint64_t high_b = LoadBig64(p_b + bit_b / 8) << (bit_b % 8);
    uint64_t high_c = LoadBig64(p_c + bit_c / 8) << (bit_c % 8);
    uint64_t high_d = LoadBig64(p_d + bit_d / 8) << (bit_d % 8);
    for (size_t i = 0; i < kSymbolsPerLoad; ++i) {
      VARVE_NEXT_SYMBOL(a)
      VARVE_NEXT_SYMBOL(b)
      VARVE_NEXT_SYMBOL(c)
      VARVE_NEXT_SYMBOL(d)
    }
    out_a += kSymbolsPerLoad;
    out_b += kSymbolsPerLoad;
    out_c += kSymbolsPerLoad;
    out_d += kSymbolsPerLoad;
  }
  const size_t bits[] = {bit_a, bit_b, bit_c, bit_d};
  uint8_t* const outs[] = {out_a, out_b, out_c, out_d};
  for (size_t k = 0; k < kStreamsMax; ++k) {
    streams[k].bit = bits[k];
    streams[k].out = outs[k];
    streams[k].count -= rounds * kSymbolsPerLoad;
  }
}

void DecodeFour(const TableEntry* table, Stream* streams) {
  for (;;) {
    size_t rounds = SIZE_MAX;
    for (size_t k = 0; k < kStreamsMax; ++k) {
      rounds = std::min(rounds, SureRounds(streams[k]));
    }
    if (rounds == 0) return;
    DecodeRounds(table, rounds, streams);
  }
}

// Symbols of stream i of n: equal runs, the last takes what is left.
size_t StreamSymbols(size_t i, size_t n, size_t count) {
  const size_t each = (count + n - 1) / n;
  return i + 1 < n ? each : count - each * (n - 1);
}

}  // namespace

char* EncodeHuffman(const uint8_t* symbols, size_t count, char* p) {
  uint8_t lengths[kSymbols];
  if (CodeLengths(symbols, count, lengths) < 2) return nullptr;
  char* const start = p;
  BitWriter writer(p);
  WriteLengths(lengths, &writer);
  p = writer.Finish();
  uint32_t next[kHuffmanBitsMax + 1];
  FirstCodes(lengths, next);
  uint16_t codes[kSymbols] = {};
  for (size_t s = 0; s < kSymbols; ++s) {
    if (lengths[s] == 0) continue;
    codes[s] = static_cast<uint16_t>(next[lengths[s]]);
    next[lengths[s]] += static_cast<uint32_t>(kTableSize >> lengths[s]);
  }
  const size_t streams = StreamCount(count);
  char* size_at = p;
  p += 2 * (streams - 1);
  for (size_t i = 0; i < streams; ++i) {
    const size_t n = StreamSymbols(i, streams, count);
    char* const end = WriteStream(symbols, n, codes, lengths, p);
    if (i + 1 < streams) {
      const size_t bytes = static_cast<size_t>(end - p);
      *size_at++ = static_cast<char>(bytes & 0xff);
      *size_at++ = static_cast<char>(bytes >> 8);
    }
    symbols += n;
    p = end;
  }
  return static_cast<size_t>(p - start) < count ? p : nullptr;
}

bool DecodeHuffman(const char* p, const char* limit, size_t count,
                   uint8_t* symbols) {
  uint8_t lengths[kSymbols];
  size_t bits;
  if (!ReadLengths(p, limit, lengths, &bits)) return false;
  p += BytesOfBits(bits);
  TableEntry table[kTableSize];
  FillTable(lengths, table);
  const size_t n = StreamCount(count);
  if (static_cast<size_t>(limit - p) < 2 * (n - 1)) return false;
  const char* sizes = p;
  p += 2 * (n - 1);
  Stream streams[kStreamsMax];
  for (size_t i = 0; i < n; ++i, sizes += 2) {
    size_t bytes = static_cast<size_t>(limit - p);
    if (i + 1 < n) {
      const size_t said = static_cast<unsigned char>(sizes[0]) |
                          static_cast<size_t>(
                              static_cast<unsigned char>(sizes[1]))
                              << 8;
      if (said > bytes) return false;
      bytes = said;
    }
    streams[i] = {p, p + bytes, 0, symbols, StreamSymbols(i, n, count)};
    symbols += streams[i].count;
    p += bytes;
  }
  if (n == kStreamsMax) DecodeFour(table, streams);
  for (size_t i = 0; i < n; ++i) {
    if (!FinishStream(table, &streams[i])) return false;
  }
  return true;
}

}  // namespace varve
