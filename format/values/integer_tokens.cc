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

// The parts of a body of tokens.
struct TokenBody {
  uint64_t bias = 0;
  uint64_t coded = 0;
  Sign sign = Sign::kBias;
  const char* stored = nullptr;  // as tokens or as their code
  ColumnBytes raw;               // bits

  size_t stored_bytes() const { return static_cast<size_t>(raw.p - stored); }
};

Fault ReadTokenBody(ColumnBytes bytes, size_t count, Sign sign,
                    TokenBody* body) {
  body->sign = sign;
  if (sign == Sign::kBias && !bytes.TakeZigZag(&body->bias)) {
    return "token bias is cut off";
  }
  if (!bytes.TakeVarint(&body->coded)) return "size of the tokens is cut off";
  const size_t stored = body->coded == 0 ? count : body->coded / 2;
  if (stored > bytes.size()) return "tokens are cut off";
  body->stored = bytes.p;
  body->raw = {bytes.p + stored, bytes.limit};
  return kNoFault;
}

// Takes the tokens out of their code, into the scratch memory if they have one.
Fault UncodeTokens(const TokenBody& body, size_t count,
                   PackingDecodeScratch* scratch, const uint8_t** tokens) {
  *tokens = reinterpret_cast<const uint8_t*>(body.stored);
  if (body.coded == 0) return kNoFault;
  if (scratch->bytes.size() < count) scratch->bytes.resize(count);
  char* const bytes = scratch->bytes.data();
  uint8_t* const decoded = reinterpret_cast<uint8_t*>(bytes);
  const bool whole =
      body.coded % 2 == kCoderZstd
          ? scratch->zstd.Read(body.stored, body.stored_bytes(), bytes, count)
          : DecodeHuffman(body.stored, body.raw.p, body.raw.limit, count,
                          scratch->kernels, decoded);
  *tokens = decoded;
  if (!whole) return "token stream is not one token a value";
  return kNoFault;
}

// Where the raw bits of some tokens lie, and the largest of these tokens.
struct RawBits {
  uint64_t before = 0;
  uint8_t token_max = 0;
};

// REQUIRES: the raw bits are those of `tokens`, with bits.before of them before
// the range.
void Expand(const TokenBody& body, const uint8_t* tokens, IndexRange range,
            RawBits bits, const ValueKernels& kernels, uint64_t* out) {
  (bits.token_max < kTokenRaw57 ? kernels.expand_tokens : ExpandTokensFrom)(
      tokens + range.begin, range.size(), body.raw.p, body.raw.limit,
      bits.before, body.sign, body.bias, out);
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

Fault DecodeTokens(ColumnBytes bytes, size_t count, IndexRange range, Sign sign,
                   PackingDecodeScratch* scratch, uint64_t* out) {
  TokenBody body;
  const uint8_t* tokens = nullptr;
  Fault fault = ReadTokenBody(bytes, count, sign, &body);
  if (fault.ok()) fault = UncodeTokens(body, count, scratch, &tokens);
  if (!fault.ok()) return fault;
  const ValueKernels& kernels = scratch->kernels;
  RawBits raw;
  const uint64_t bits = kernels.token_bits(tokens, count, &raw.token_max);
  if (BytesOfBits(bits) != body.raw.size()) {
    return "raw bits do not match the tokens";
  }
  raw.before = BitsBetween(tokens, 0, range.begin, kernels);
  Expand(body, tokens, range, raw, kernels, out);
  return kNoFault;
}

Fault OpenTokens(ColumnBytes bytes, size_t count, Sign sign,
                 PackingDecodeScratch* scratch, OpenedIntegers* opened) {
  TokenBody body;
  const uint8_t* tokens = nullptr;
  Fault fault = ReadTokenBody(bytes, count, sign, &body);
  if (fault.ok()) fault = UncodeTokens(body, count, scratch, &tokens);
  if (!fault.ok()) return fault;
  opened->raw_bytes = body.raw.size();
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
  return kNoFault;
}

Fault DecodeOpenedTokens(ColumnBytes bytes, const OpenedIntegers& opened,
                         IndexRange range, Sign sign,
                         const ValueKernels& kernels, uint64_t* out) {
  TokenBody body;
  const Fault fault = ReadTokenBody(bytes, opened.tokens.size(), sign, &body);
  if (!fault.ok()) return fault;
  if (opened.raw_bytes != body.raw.size()) {
    return "raw bits are not those of the opened tokens";
  }
  if (range.size() == 0) return kNoFault;
  const size_t place = range.begin / OpenedIntegers::kTokensApart;
  const uint8_t* const tokens = opened.tokens.data();
  RawBits raw;
  kernels.token_bits(tokens + range.begin, range.size(), &raw.token_max);
  raw.before = opened.places[place].raw_bit +
               BitsBetween(tokens, place * OpenedIntegers::kTokensApart,
                           range.begin, kernels);
  Expand(body, tokens, range, raw, kernels, out);
  return kNoFault;
}

}  // namespace varve
