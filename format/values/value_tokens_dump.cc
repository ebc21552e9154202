// Bodies of tokens (packing 2), line by line. See value_integers_dump.h.
#include <algorithm>
#include <string>

#include "format/coding/bit_stream.h"
#include "format/coding/zstd_frames.h"
#include "format/values/value_integers_dump.h"

namespace varve {
namespace {

constexpr size_t kSymbols = 256;
constexpr unsigned kCodeBitsMax = 11;

// Bits of [bytes, bytes + size); zeros behind them, as far as one asks.
class Bits {
 public:
  Bits(const char* bytes, size_t size) : bytes_(bytes), bits_(8 * size) {}

  // The lowest bit of a byte first.
  unsigned Low(unsigned width) {
    unsigned v = 0;
    for (unsigned i = 0; i < width; ++i, ++at_) v |= Shifted(at_ % 8) << i;
    return v;
  }
  // The highest bit of a byte first.
  unsigned High() {
    const unsigned bit = Shifted(7 - at_ % 8);
    ++at_;
    return bit;
  }
  bool beyond() const { return at_ > bits_; }
  size_t bytes_used() const { return BytesOfBits(at_); }

 private:
  // The bit of the byte in hand that `shift` leads to.
  unsigned Shifted(size_t shift) const {
    if (at_ >= bits_) return 0;
    return static_cast<unsigned char>(bytes_[at_ / 8]) >> shift & 1;
  }

  const char* const bytes_;
  const size_t bits_;
  size_t at_ = 0;
};

struct HuffmanLengths {
  unsigned bits_max = 0;
  unsigned of[kSymbols] = {};  // 0: does not occur
};

// Reads one item: false when it is not a length. `*symbol` moves on.
bool ReadLength(Bits* bits, unsigned* before, size_t* symbol,
                HuffmanLengths* lengths) {
  if (bits->Low(1) == 1) {
    if (bits->Low(1) == 0) {
      *before = bits->Low(1) == 1 ? *before + 1 : *before - 1;
    } else if (bits->Low(1) == 0) {
      *symbol += bits->Low(3) + 1;
      return *symbol < kSymbols;
    } else {
      *before = bits->Low(4);
    }
  }
  if (*before == 0 || *before > lengths->bits_max) return false;
  lengths->of[(*symbol)++] = *before;
  return true;
}

bool DumpLengths(ColumnLines* lines, HuffmanLengths* lengths) {
  Bits bits(lines->ahead(), lines->left());
  unsigned before = 8;
  // Of the code space, in units of its longest codes.
  const unsigned whole = 1u << lengths->bits_max;
  unsigned used = 0;
  std::vector<std::string> words;
  for (size_t symbol = 0; used < whole;) {
    const size_t last = symbol;
    if (symbol >= kSymbols || !ReadLength(&bits, &before, &symbol, lengths) ||
        bits.beyond()) {
      return lines->Damaged("these are not the lengths of a code");
    }
    if (lengths->of[last] == 0) continue;
    used += whole >> lengths->of[last];
    words.push_back(std::to_string(last) + ":" +
                    std::to_string(lengths->of[last]));
  }
  if (used > whole) {
    return lines->Damaged("these are not the lengths of a code");
  }
  const char* bytes = nullptr;
  lines->TakeBytes(bits.bytes_used(), &bytes);
  lines->Note("code lengths of " + std::to_string(words.size()) +
              " tokens, token:bits");
  lines->Details(words);
  return true;
}

// Canonical: codes ascend by (length, symbol).
class HuffmanReader {
 public:
  explicit HuffmanReader(const HuffmanLengths& lengths) {
    for (unsigned length = 1; length <= kCodeBitsMax; ++length) {
      for (size_t s = 0; s < kSymbols; ++s) {
        if (lengths.of[s] != length) continue;
        symbols_.push_back(static_cast<uint8_t>(s));
        ++count_[length];
      }
    }
  }

  bool Next(Bits* bits, uint8_t* symbol) const {
    unsigned code = 0, first = 0;
    size_t index = 0;
    for (unsigned length = 1; length <= kCodeBitsMax; ++length) {
      code = code << 1 | bits->High();
      first <<= 1;
      if (code - first < count_[length]) {
        *symbol = symbols_[index + (code - first)];
        return true;
      }
      first += count_[length];
      index += count_[length];
    }
    return false;
  }

 private:
  unsigned count_[kCodeBitsMax + 1] = {};
  std::vector<uint8_t> symbols_;
};

bool DumpStream(size_t bytes, size_t count, const std::string& name,
                const HuffmanReader& reader, ColumnLines* lines,
                std::vector<uint8_t>* tokens) {
  const char* p = nullptr;
  if (!lines->TakeBytes(bytes, &p)) {
    return lines->Damaged(name + " is cut off");
  }
  Bits bits(p, bytes);
  for (size_t i = 0; i < count; ++i) {
    uint8_t token = 0;
    if (!reader.Next(&bits, &token) || bits.beyond()) {
      return lines->Damaged(name + " ends early");
    }
    tokens->push_back(token);
  }
  if (bits.bytes_used() != bytes) {
    return lines->Damaged(name + " has bytes behind its tokens");
  }
  lines->Note(name + ": " + std::to_string(count) + " tokens");
  return true;
}

bool DumpHuffman(size_t count, ColumnLines* lines,
                 std::vector<uint8_t>* tokens) {
  HuffmanLengths lengths;
  lengths.bits_max = count < 2048 ? 9 : kCodeBitsMax;
  if (!DumpLengths(lines, &lengths)) return false;
  const size_t streams = count < 256 ? 1 : count < 2048 ? 4 : 8;
  std::vector<size_t> sizes;
  std::string note = "sizes of streams:";
  for (size_t i = 0; i + 1 < streams; ++i) {
    unsigned low = 0, high = 0;
    if (!lines->TakeByte(&low) || !lines->TakeByte(&high)) {
      return lines->Damaged("the sizes of streams are cut off");
    }
    sizes.push_back(low | high << 8);
    note += (i == 0 ? " " : ", ") + std::to_string(sizes.back());
  }
  if (streams > 1) lines->Note(note + " bytes, and the rest");
  const HuffmanReader reader(lengths);
  const size_t each = (count + streams - 1) / streams;
  for (size_t i = 0; i < streams; ++i) {
    const bool last = i + 1 == streams;
    if (!DumpStream(last ? lines->left() : sizes[i],
                    last ? count - each * i : each,
                    "stream " + std::to_string(i), reader, lines, tokens)) {
      return false;
    }
  }
  return true;
}

bool DumpFrame(size_t count, ColumnLines* lines, std::vector<uint8_t>* tokens) {
  const char* frame = nullptr;
  const size_t bytes = lines->left();
  std::string unpacked(count, '\0');
  if (!lines->TakeBytes(bytes, &frame) ||
      !ZstdDecompressor().Read(frame, bytes, &unpacked[0], count)) {
    return lines->Damaged("the frame does not unpack to a token a residual");
  }
  lines->Note("zstd frame of " + std::to_string(count) + " tokens");
  lines->Unpacked(unpacked);
  tokens->assign(unpacked.begin(), unpacked.end());
  return true;
}

bool DumpTokenBytes(size_t count, ColumnLines* lines,
                    std::vector<uint8_t>* tokens) {
  uint64_t coded = 0;
  if (!lines->TakeVarint(&coded)) {
    return lines->Damaged("the tokens' size is cut off");
  }
  if (coded == 0) {
    lines->Note("coded: 0, a byte a token");
    const char* bytes = nullptr;
    if (!lines->TakeBytes(count, &bytes)) {
      return lines->Damaged("the tokens are cut off");
    }
    lines->Note("tokens");
    tokens->assign(bytes, bytes + count);
    return true;
  }
  const bool frame = coded % 2 == 1;
  lines->Note("coded: " + std::to_string(coded / 2) + " bytes of " +
              (frame ? "a zstd frame" : "Huffman codes"));
  ColumnLines::Part body;
  if (!lines->Enter(coded / 2, &body)) {
    return lines->Damaged("the tokens are cut off");
  }
  if (frame ? !DumpFrame(count, lines, tokens)
            : !DumpHuffman(count, lines, tokens)) {
    return false;
  }
  lines->Leave(body);
  return true;
}

unsigned RawBits(uint8_t token) { return token < 16 ? 0 : token / 4u - 2; }

}  // namespace

bool DumpTokens(size_t count, bool zigzag, ColumnLines* lines,
                std::vector<uint64_t>* residuals) {
  uint64_t bias = 0;
  std::vector<uint8_t> tokens;
  if (!DumpBias(zigzag, lines, &bias) ||
      !DumpTokenBytes(count, lines, &tokens)) {
    return false;
  }
  uint64_t raw_bits = 0;
  for (const uint8_t token : tokens) raw_bits += RawBits(token);
  const char* raw = nullptr;
  if (!lines->TakeBytes(BytesOfBits(raw_bits), &raw)) {
    return lines->Damaged("the raw bits are cut off");
  }
  if (raw_bits > 0) {
    lines->Note("raw bits: " + std::to_string(raw_bits));
  }
  size_t bit = 0;
  for (const uint8_t token : tokens) {
    const unsigned width = RawBits(token);
    uint64_t v = token;
    if (token >= 16) v = uint64_t{4u + token % 4u} << width;
    // Bit by bit: a residual begins at any.
    for (unsigned i = 0; i < width; ++i, ++bit) {
      const auto byte = static_cast<unsigned char>(raw[bit / 8]);
      v += uint64_t{byte >> bit % 8 & 1u} << i;
    }
    residuals->push_back(SignedResidual(v, zigzag, bias));
  }
  return true;
}

}  // namespace varve
