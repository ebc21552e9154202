// Token packing. See integer_packing.h, value_token.h and FORMAT-values.md.
//
// tokens = [bias:varint] coded:varint token_stream raw_bits
// coded is 0 for tokens stored as they are, else twice the bytes of the token
// stream, plus 0 for Huffman codes and 1 for a zstd frame.
#include <algorithm>

#include "format/coding/bit_stream.h"
#include "format/coding/varint.h"
#include "format/values/huffman.h"
#include "format/values/integer_packing.h"
#include "format/values/value_token.h"

namespace varve {
namespace {

// A frame takes longer to decode: it must be smaller by one part in this many.
constexpr size_t kFrameGainMin = 64;

// On disk; the numbers never change.
enum TokenCoder : uint8_t { kCoderHuffman = 0, kCoderZstd = 1 };

// Level 0 stands for Huffman codes; else zstd's, when that is smaller.
void AppendTokens(const uint8_t* tokens, size_t count, int level,
                  PackingEncodeScratch* scratch, std::string* out) {
  auto& coded = scratch->coded;
  if (coded.size() < HuffmanBytesMax(count)) {
    coded.resize(HuffmanBytesMax(count));
  }
  const char* const end =
      EncodeHuffman(tokens, count, scratch->kernels, coded.data());
  size_t bytes =
      end == nullptr ? count : static_cast<size_t>(end - coded.data());
  if (level != 0) {
    scratch->frame.clear();
    const size_t frame = scratch->zstd.Append(
        reinterpret_cast<const char*>(tokens), count, level,
        bytes - bytes / kFrameGainMin, &scratch->frame);
    if (frame != 0) {
      AppendVarint(out, frame * 2 + kCoderZstd);
      out->append(scratch->frame);
      return;
    }
  }
  if (end == nullptr) {
    out->push_back('\0');
    out->append(reinterpret_cast<const char*>(tokens), count);
  } else {
    AppendVarint(out, bytes * 2 + kCoderHuffman);
    out->append(coded.data(), bytes);
  }
}

}  // namespace

void EncodeTokens(const int64_t* values, size_t count, Sign sign, int level,
                  PackingEncodeScratch* scratch, std::string* out) {
  scratch->tokens.resize(count);
  scratch->bytes.resize(std::max(scratch->bytes.size(), count * 8 + 16));
  uint8_t* const tokens = scratch->tokens.data();
  char* const raw = scratch->bytes.data();
  uint64_t bias = 0;
  if (sign == Sign::kBias) {
    bias = static_cast<uint64_t>(scratch->kernels.range(values, count).least);
    AppendVarint(out, ZigZag(static_cast<int64_t>(bias)));
  }
  const char* const raw_end =
      scratch->kernels.write_tokens(values, count, sign, bias, tokens, raw);
  AppendTokens(tokens, count, level, scratch, out);
  out->append(raw, static_cast<size_t>(raw_end - raw));
}

namespace {

// The parts of a body of `count` tokens.
struct TokenBody {
  uint64_t bias = 0;
  uint64_t coded = 0;
  const char* stored = nullptr;  // as tokens or as their code
  const char* raw = nullptr;     // bits, to the end of the body
};

Fault ReadTokenBody(const char* p, const char* limit, size_t count, Sign sign,
                    TokenBody* body) {
  if (sign == Sign::kBias) {
    p = DecodeVarint(p, limit, &body->bias);
    if (p == nullptr) return "token bias is cut off";
    body->bias = static_cast<uint64_t>(UnZigZag(body->bias));
  }
  p = DecodeVarint(p, limit, &body->coded);
  if (p == nullptr) return "size of the tokens is cut off";
  const size_t stored = body->coded == 0 ? count : body->coded / 2;
  if (stored > static_cast<size_t>(limit - p)) return "tokens are cut off";
  body->stored = p;
  body->raw = p + stored;
  return nullptr;
}

// Takes the tokens out of their code, into the scratch memory if they have one.
Fault UncodeTokens(const TokenBody& body, const char* limit, size_t count,
                   PackingDecodeScratch* scratch, const uint8_t** tokens) {
  *tokens = reinterpret_cast<const uint8_t*>(body.stored);
  if (body.coded == 0) return nullptr;
  if (scratch->bytes.size() < count) scratch->bytes.resize(count);
  char* const bytes = scratch->bytes.data();
  uint8_t* const decoded = reinterpret_cast<uint8_t*>(bytes);
  const auto stored = static_cast<size_t>(body.raw - body.stored);
  const bool whole = body.coded % 2 == kCoderZstd
                         ? scratch->zstd.Read(body.stored, stored, bytes, count)
                         : DecodeHuffman(body.stored, body.raw, limit, count,
                                         scratch->kernels, decoded);
  *tokens = decoded;
  return whole ? nullptr : "token stream is not one token a value";
}

// Reads the parts of a body and its tokens.
Fault ReadTokens(const char* p, const char* limit, size_t count, Sign sign,
                 PackingDecodeScratch* scratch, TokenBody* body,
                 const uint8_t** tokens) {
  const Fault fault = ReadTokenBody(p, limit, count, sign, body);
  return fault != nullptr ? fault
                          : UncodeTokens(*body, limit, count, scratch, tokens);
}

// REQUIRES: the raw bits are those of `tokens`, with so many before the range.
void Expand(const uint8_t* tokens, IndexRange range, const TokenBody& body,
            const char* limit, uint64_t bits_before, uint8_t token_max,
            Sign sign, const ValueKernels& kernels, uint64_t* out) {
  (token_max < kTokenRaw57 ? kernels.expand_tokens : ExpandTokensFrom)(
      tokens + range.begin, range.size(), body.raw, limit, bits_before, sign,
      body.bias, out);
}

// The raw bits of the tokens in [begin, end).
uint64_t BitsBetween(const uint8_t* tokens, size_t begin, size_t end,
                     const ValueKernels& kernels) {
  uint8_t ignored;
  return begin == end
             ? 0
             : kernels.token_bits(tokens + begin, end - begin, &ignored);
}

}  // namespace

Fault DecodeTokens(const char* p, const char* limit, size_t count,
                   IndexRange range, Sign sign, PackingDecodeScratch* scratch,
                   uint64_t* out) {
  TokenBody body;
  const uint8_t* tokens = nullptr;
  const Fault fault =
      ReadTokens(p, limit, count, sign, scratch, &body, &tokens);
  if (fault != nullptr) return fault;
  uint8_t token_max;
  const uint64_t bits = scratch->kernels.token_bits(tokens, count, &token_max);
  if (BytesOfBits(bits) != static_cast<size_t>(limit - body.raw)) {
    return "raw bits do not match the tokens";
  }
  Expand(tokens, range, body, limit,
         BitsBetween(tokens, 0, range.begin, scratch->kernels), token_max, sign,
         scratch->kernels, out);
  return nullptr;
}

Fault OpenTokens(const char* p, const char* limit, size_t count, Sign sign,
                 PackingDecodeScratch* scratch, OpenedIntegers* opened) {
  TokenBody body;
  const uint8_t* tokens = nullptr;
  const Fault fault =
      ReadTokens(p, limit, count, sign, scratch, &body, &tokens);
  if (fault != nullptr) return fault;
  opened->raw_bytes = static_cast<size_t>(limit - body.raw);
  constexpr size_t kApart = OpenedIntegers::kTokensApart;
  opened->places.clear();
  opened->places.reserve((count + kApart - 1) / kApart);
  uint64_t bit = 0;
  for (size_t at = 0; at < count; at += kApart) {
    opened->places.push_back({bit, 0});
    bit +=
        BitsBetween(tokens, at, std::min(at + kApart, count), scratch->kernels);
  }
  if (BytesOfBits(bit) != opened->raw_bytes) {
    return "raw bits do not match the tokens";
  }
  opened->tokens.assign(tokens, tokens + count);
  return nullptr;
}

Fault DecodeOpenedTokens(const char* p, const char* limit,
                         const OpenedIntegers& opened, IndexRange range,
                         Sign sign, const ValueKernels& kernels,
                         uint64_t* out) {
  TokenBody body;
  const Fault fault =
      ReadTokenBody(p, limit, opened.tokens.size(), sign, &body);
  if (fault != nullptr) return fault;
  if (opened.raw_bytes != static_cast<size_t>(limit - body.raw)) {
    return "raw bits are not those of the opened tokens";
  }
  if (range.size() == 0) return nullptr;
  const size_t place = range.begin / OpenedIntegers::kTokensApart;
  const uint8_t* const tokens = opened.tokens.data();
  uint8_t token_max;
  kernels.token_bits(tokens + range.begin, range.size(), &token_max);
  Expand(tokens, range, body, limit,
         opened.places[place].raw_bit +
             BitsBetween(tokens, place * OpenedIntegers::kTokensApart,
                         range.begin, kernels),
         token_max, sign, kernels, out);
  return nullptr;
}

}  // namespace varve
