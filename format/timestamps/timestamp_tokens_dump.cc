// Token streams, line by line. See timestamp_streams_dump.h.
#include <algorithm>
#include <string>

#include "format/coding/varint.h"
#include "format/timestamps/timestamp_streams_dump.h"

namespace varve {
namespace {

constexpr size_t kAlphabetMax = 640;
constexpr unsigned kCodeBitsMax = 11;
constexpr unsigned kExtraBitsMax = 40;
constexpr size_t kFourStreamsFrom = 512;
constexpr size_t kStreams = 4;

struct Token {
  uint64_t mantissa = 0;
  unsigned extra_bits = 0;
};

struct TokenStream {
  unsigned kind = 0;  // 0 linear, 1 log, 2 zigzag
  unsigned parameter = 0;
  uint64_t base = 0;
  std::vector<unsigned> lengths;  // of codes, by token; 0: does not occur
  std::vector<size_t> sorted;     // tokens that occur, by (length, token)
  size_t of_length[kCodeBitsMax + 1] = {};

  Token Of(size_t token) const;
  uint64_t ValueOf(uint64_t x) const;
};

Token TokenStream::Of(size_t token) const {
  if (kind == 0) return {token, parameter};
  if (token < size_t{2} << parameter) return {token, 0};
  // The token is (e << p) + m with 2^p <= m < 2^(p + 1).
  const size_t extra = (token >> parameter) - 1;
  return {token - (extra << parameter), static_cast<unsigned>(extra)};
}

uint64_t TokenStream::ValueOf(uint64_t x) const {
  return base + (kind == 2 ? static_cast<uint64_t>(UnZigZag(x)) : x);
}

bool DumpKind(ColumnLines* lines, TokenStream* stream) {
  static const char* const kKinds[] = {"linear", "log", "zigzag"};
  unsigned kind = 0;
  if (!lines->TakeByte(&kind)) return lines->Damaged("the kind is cut off");
  stream->kind = kind >> 6;
  stream->parameter = kind & 63;
  const bool fits = stream->kind == 0
                        ? stream->parameter <= kExtraBitsMax
                        : stream->parameter >= 1 && stream->parameter <= 4;
  if (stream->kind > 2 || !fits) {
    return lines->Damaged("there is no such kind of token");
  }
  lines->Note(std::string("tokens: ") + kKinds[stream->kind] + ", " +
              std::to_string(stream->parameter) +
              (stream->kind == 0 ? " extra bits" : " bits of mantissa"));
  if (!lines->TakeZigZag(&stream->base)) {
    return lines->Damaged("the base is cut off");
  }
  lines->Note("base: " + std::to_string(static_cast<int64_t>(stream->base)));
  return true;
}

// Reads the lengths of the alphabet. False when they are none.
bool ReadLengths(size_t alphabet, BitString* bits, TokenStream* stream) {
  unsigned length = 5;
  for (size_t token = 0; token < alphabet; ++token) {
    switch (bits->Ones(3)) {
      case 1:
        ++length;
        break;
      case 2:
        --length;
        break;
      case 3:
        length = static_cast<unsigned>(bits->Number(4));
        break;
      default:
        break;
    }
    if (length > kCodeBitsMax) return false;
    stream->lengths.push_back(length);
  }
  return !bits->beyond() && bits->TakePadding();
}

// Puts the tokens in the order of their codes. False when the codes do not
// make a whole, or a token has too many extra bits.
bool SortTokens(TokenStream* stream) {
  unsigned used = 0;  // in units of the longest codes
  for (unsigned length = 1; length <= kCodeBitsMax; ++length) {
    for (size_t token = 0; token < stream->lengths.size(); ++token) {
      if (stream->lengths[token] != length) continue;
      if (stream->Of(token).extra_bits > kExtraBitsMax) return false;
      stream->sorted.push_back(token);
      ++stream->of_length[length];
      used += 1u << (kCodeBitsMax - length);
    }
  }
  return used == 1u << kCodeBitsMax;
}

bool DumpCode(ColumnLines* lines, TokenStream* stream) {
  uint64_t alphabet = 0;
  if (!lines->TakeVarint(&alphabet) || alphabet < 2 ||
      alphabet > kAlphabetMax) {
    return lines->Damaged("an alphabet that cannot be");
  }
  lines->Note("alphabet: " + std::to_string(alphabet));
  BitString bits(lines->ahead(), lines->left());
  if (!ReadLengths(static_cast<size_t>(alphabet), &bits, stream) ||
      !SortTokens(stream)) {
    return lines->Damaged("these are not the lengths of a code");
  }
  const char* bytes = nullptr;
  lines->TakeBytes(bits.bytes_used(), &bytes);
  lines->Note("code lengths of " + std::to_string(stream->sorted.size()) +
              " tokens, token:bits");
  std::vector<std::string> words;
  for (size_t token = 0; token < stream->lengths.size(); ++token) {
    if (stream->lengths[token] == 0) continue;
    words.push_back(std::to_string(token) + ":" +
                    std::to_string(stream->lengths[token]));
  }
  lines->Details(words);
  return true;
}

// The next integer. Codes come from their highest bit on.
uint64_t TakeInteger(const TokenStream& stream, BitString* bits) {
  size_t code = 0, first = 0, index = 0;
  for (unsigned length = 1; length <= kCodeBitsMax; ++length) {
    code = code << 1 | bits->Bit();
    first <<= 1;
    if (code - first < stream.of_length[length]) {
      const Token token = stream.Of(stream.sorted[index + (code - first)]);
      const uint64_t extra = bits->Number(token.extra_bits);
      return stream.ValueOf((token.mantissa << token.extra_bits) + extra);
    }
    first += stream.of_length[length];
    index += stream.of_length[length];
  }
  return 0;  // no bits lead here: the code is whole
}

// What streams of `each` integers are expected to take, in bits.
uint64_t ExpectedBits(const TokenStream& stream, size_t each) {
  uint64_t sum = 0;
  for (const size_t token : stream.sorted) {
    const unsigned length = stream.lengths[token];
    sum += uint64_t{length + stream.Of(token).extra_bits}
           << (kCodeBitsMax - length);
  }
  return each * sum >> kCodeBitsMax;
}

// Where each stream but the last one ends, in bits.
bool DumpSizes(const TokenStream& stream, size_t each, ColumnLines* lines,
               std::vector<uint64_t>* ends) {
  const uint64_t expected = ExpectedBits(stream, each);
  uint64_t end = 0;
  for (size_t s = 0; s + 1 < kStreams; ++s) {
    uint64_t more = 0;
    if (!lines->TakeZigZag(&more)) {
      return lines->Damaged("the streams' sizes are cut off");
    }
    const uint64_t bits = expected + more;
    const uint64_t bits_max = each * (kCodeBitsMax + kExtraBitsMax);
    if (bits > bits_max) {
      return lines->Damaged("a stream's size that cannot be");
    }
    end += bits;
    ends->push_back(end);
    lines->Note("stream " + std::to_string(s) + ": " + std::to_string(bits) +
                " bits, " + std::to_string(expected) + " expected");
  }
  return true;
}

}  // namespace

bool DumpTokenStream(size_t count, ColumnLines* lines,
                     std::vector<uint64_t>* integers) {
  TokenStream stream;
  if (!DumpKind(lines, &stream) || !DumpCode(lines, &stream)) return false;
  const size_t streams = count < kFourStreamsFrom ? 1 : kStreams;
  const size_t each = (count + streams - 1) / streams;
  std::vector<uint64_t> ends;
  if (streams > 1 && !DumpSizes(stream, each, lines, &ends)) return false;
  BitString bits(lines->ahead(), lines->left());
  for (size_t i = 0; i < count; ++i) {
    if (i > 0 && i % each == 0 && bits.at() != ends[i / each - 1]) {
      return lines->Damaged("stream " + std::to_string(i / each - 1) +
                            " does not end where its size says");
    }
    integers->push_back(TakeInteger(stream, &bits));
    if (bits.beyond()) return lines->Damaged("the streams are cut off");
  }
  if (!bits.TakePadding() || bits.bytes_used() != lines->left()) {
    return lines->Damaged("bits behind the streams");
  }
  const char* bytes = nullptr;
  lines->TakeBytes(lines->left(), &bytes);
  lines->Note("streams of " + std::to_string(count) + " integers");
  return true;
}

}  // namespace varve
