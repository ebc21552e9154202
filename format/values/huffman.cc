// See huffman.h.
#include "format/values/huffman.h"

#include <algorithm>
#include <cstring>

#include "format/coding/bit_stream.h"
#include "format/coding/prefix_code.h"
#include "format/coding/varint.h"
#include "format/values/value_kernels.h"

namespace varve {
namespace {

constexpr size_t kSymbols = 256;
constexpr size_t kLengthRunMax = 8;  // symbols that do not occur, at once
constexpr size_t kTableSizeMax = size_t{1} << kHuffmanBitsMax;

// On disk: how many streams `count` symbols are cut into.
size_t StreamCount(size_t count) {
  return count < 256 ? 1 : count < 2048 ? 4 : 8;
}

// The length of each symbol's code, 0 for those that do not occur.
struct CodeBook {
  uint8_t lengths[kSymbols + kLengthRunMax];
  unsigned bits;   // no code is longer
  size_t end = 0;  // no symbol from here on occurs
  uint32_t of_length[kHuffmanBitsMax + 1] = {};
};

// On disk: the longest code that `count` symbols may have. Short streams do
// not pay for a long table.
unsigned CodeBitsMax(size_t count) {
  return count < 2048 ? 9 : kHuffmanBitsMax;
}

// Returns how many symbols occur.
size_t MakeCodeBook(const uint8_t* symbols, size_t count, CodeBook* book) {
  uint32_t counts[4][kSymbols] = {};
  size_t at = 0;
  for (; at + 4 <= count; at += 4) {
    for (size_t k = 0; k < 4; ++k) ++counts[k][symbols[at + k]];
  }
  for (; at < count; ++at) ++counts[0][symbols[at]];
  uint64_t order[kSymbols];  // how often, then the symbol
  size_t used = 0;
  for (size_t s = 0; s < kSymbols; ++s) {
    const uint32_t n =
        counts[0][s] + counts[1][s] + counts[2][s] + counts[3][s];
    if (n != 0) order[used++] = uint64_t{n} << 32 | s;
  }
  if (used < 2) return used;
  book->end = static_cast<uint8_t>(order[used - 1]) + size_t{1};
  std::memset(book->lengths, 0, book->end);
  std::sort(order, order + used);
  uint32_t weights[kSymbols];
  uint8_t lengths[kSymbols];
  for (size_t i = 0; i < used; ++i) {
    weights[i] = static_cast<uint32_t>(order[i] >> 32);
  }
  LengthsOfSorted(weights, used, book->bits, lengths);
  for (size_t i = 0; i < used; ++i) {
    book->lengths[static_cast<uint8_t>(order[i])] = lengths[i];
    ++book->of_length[lengths[i]];
  }
  return used;
}

// Lengths are written in symbol order, each against the one before (8 before
// the first), until the code is complete:
//   0 the same; 10s one less (s = 0) or more (s = 1);
//   110nnn n + 1 symbols that do not occur; 111llll length l
void WriteLengths(const CodeBook& book, BitWriter* writer) {
  const uint8_t* const lengths = book.lengths;
  unsigned before = 8;
  const size_t table_size = size_t{1} << book.bits;
  size_t left = table_size;
  for (size_t s = 0; left != 0;) {
    if (lengths[s] == 0) {
      size_t run = 1;
      while (run < kLengthRunMax && lengths[s + run] == 0) ++run;
      writer->Put(0b011 | (run - 1) << 3, 6);
      s += run;
      continue;
    }
    const unsigned length = lengths[s++];
    left -= table_size >> length;
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
bool ReadLengths(const char* p, const char* limit, CodeBook* book,
                 size_t* bits) {
  const size_t available = static_cast<size_t>(limit - p) * 8;
  const size_t table_size = size_t{1} << book->bits;
  unsigned before = 8;
  size_t left = table_size, bit = 0, s = 0;
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
      // All at once; what lies behind the run is written later.
      std::memset(book->lengths + s, 0, kLengthRunMax);
      s += ((next >> 3) & 7) + 1;
      continue;
    } else {
      bit += 7;
      length = (next >> 3) & 15;
    }
    if (length == 0 || length > book->bits || table_size >> length > left) {
      return false;
    }
    left -= table_size >> length;
    book->lengths[s++] = static_cast<uint8_t>(length);
    ++book->of_length[length];
    before = length;
  }
  book->end = s;
  *bits = bit;
  return bit <= available;
}

// First code of each length, left-aligned in book.bits bits: shorter
// codes come first, symbols of one length in their order.
void FirstCodes(const CodeBook& book, uint32_t* first) {
  uint32_t code = 0;
  for (unsigned length = 1; length <= book.bits; ++length) {
    first[length] = code;
    code += book.of_length[length] << (book.bits - length);
  }
}

void FillTable(const CodeBook& book, HuffmanEntry* table) {
  uint32_t next[kHuffmanBitsMax + 1];
  FirstCodes(book, next);
  for (size_t s = 0; s < book.end; ++s) {
    const unsigned length = book.lengths[s];
    if (length == 0) continue;
    const size_t span = (size_t{1} << book.bits) >> length;
    const HuffmanEntry entry = {static_cast<uint8_t>(s),
                                static_cast<uint8_t>(length)};
    HuffmanEntry* to = table + next[length];
    next[length] += static_cast<uint32_t>(span);
    if (span < 4) {
      for (size_t i = 0; i < span; ++i) to[i] = entry;
      continue;
    }
    const HuffmanEntry eight[8] = {entry, entry, entry, entry,
                                   entry, entry, entry, entry};
    if (span == 4) {
      std::memcpy(to, eight, sizeof eight / 2);
      continue;
    }
    for (size_t i = 0; i < span; i += 8) {
      std::memcpy(to + i, eight, sizeof eight);
    }
  }
}

// Decodes what is left of one stream, symbol by symbol.
bool FinishStream(const HuffmanEntry* table, unsigned table_bits,
                  const char* readable, HuffmanStream* s) {
  const size_t bits = static_cast<size_t>(s->limit - s->p) * 8;
  size_t bit = s->bit;
  for (size_t i = 0; i < s->count; ++i) {
    if (bit >= bits) return false;
    const char* const at = s->p + bit / 8;
    uint64_t high;
    if (readable - at >= 8) {
      high = LoadBig64(at);
    } else {
      char padded[8] = {};
      std::memcpy(padded, at, static_cast<size_t>(readable - at));
      high = LoadBig64(padded);
    }
    const HuffmanEntry entry = table[high << (bit % 8) >> (64 - table_bits)];
    s->out[i] = entry.symbol;
    bit += entry.length;
  }
  return BytesOfBits(bit) * 8 == bits;
}

// How many rounds of kHuffmanSymbolsPerLoad symbols a stream surely has: a
// round takes 7 bytes at most, and a load needs 8. A damaged stream may run
// into the bytes behind it: that is found at its end.
size_t SureRounds(const HuffmanStream& s, const char* readable) {
  const size_t bytes = static_cast<size_t>(readable - s.p);
  const size_t at = s.bit / 8;
  const size_t loads = bytes < at + 8 ? 0 : (bytes - at - 8) / 7;
  return std::min(s.count / kHuffmanSymbolsPerLoad, loads);
}

void DecodeTogether(const HuffmanEntry* table, unsigned table_bits,
                    const char* readable, const ValueKernels& kernels,
                    size_t stream_count, HuffmanStream* streams) {
  for (;;) {
    size_t rounds = SIZE_MAX;
    for (size_t k = 0; k < stream_count; ++k) {
      rounds = std::min(rounds, SureRounds(streams[k], readable));
    }
    if (rounds == 0) return;
    kernels.huffman_rounds(table, table_bits, rounds, stream_count, streams);
  }
}

// Symbols of stream i of n: equal parts, the last takes what is left.
size_t StreamSymbols(size_t i, size_t n, size_t count) {
  const size_t each = (count + n - 1) / n;
  return i + 1 < n ? each : count - each * (n - 1);
}

}  // namespace

char* EncodeHuffman(const uint8_t* symbols, size_t count,
                    const ValueKernels& kernels, char* p) {
  CodeBook book;
  book.bits = CodeBitsMax(count);
  if (MakeCodeBook(symbols, count, &book) < 2) return nullptr;
  char* const start = p;
  BitWriter writer(p);
  WriteLengths(book, &writer);
  p = writer.Finish();
  uint32_t next[kHuffmanBitsMax + 1];
  FirstCodes(book, next);
  HuffmanCode codes[kSymbols];
  for (size_t s = 0; s < book.end; ++s) {
    const unsigned length = book.lengths[s];
    if (length == 0) continue;
    const uint32_t code = next[length] >> (book.bits - length);
    codes[s] = {static_cast<uint16_t>(code), static_cast<uint16_t>(length)};
    next[length] += uint32_t{1} << (book.bits - length);
  }
  const size_t streams = StreamCount(count);
  char* size_at = p;
  p += 2 * (streams - 1);
  for (size_t i = 0; i < streams; ++i) {
    const size_t n = StreamSymbols(i, streams, count);
    char* const end = kernels.huffman_write(symbols, n, codes, p);
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

bool DecodeHuffman(const char* p, const char* limit, const char* readable,
                   size_t count, const ValueKernels& kernels,
                   uint8_t* symbols) {
  CodeBook book;
  book.bits = CodeBitsMax(count);
  size_t bits;
  if (!ReadLengths(p, limit, &book, &bits)) return false;
  p += BytesOfBits(bits);
  HuffmanEntry table[kTableSizeMax];
  FillTable(book, table);
  const size_t n = StreamCount(count);
  if (static_cast<size_t>(limit - p) < 2 * (n - 1)) return false;
  const char* sizes = p;
  p += 2 * (n - 1);
  HuffmanStream streams[kHuffmanStreamsMax];
  for (size_t i = 0; i < n; ++i, sizes += 2) {
    size_t bytes = static_cast<size_t>(limit - p);
    if (i + 1 < n) {
      const size_t said =
          static_cast<unsigned char>(sizes[0]) |
          static_cast<size_t>(static_cast<unsigned char>(sizes[1])) << 8;
      if (said > bytes) return false;
      bytes = said;
    }
    streams[i] = {p, p + bytes, 0, symbols, StreamSymbols(i, n, count)};
    symbols += streams[i].count;
    p += bytes;
  }
  if (n > 1) DecodeTogether(table, book.bits, readable, kernels, n, streams);
  for (size_t i = 0; i < n; ++i) {
    if (!FinishStream(table, book.bits, readable, &streams[i])) return false;
  }
  return true;
}

}  // namespace varve
