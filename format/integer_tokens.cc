// Token packing. See integer_packing.h, value_token.h and FORMAT.md.
//
// tokens = [bias:varint] coded:varint token_stream raw_bits
// coded is 0 for tokens stored as they are, else twice the bytes of the token
// stream, plus 0 for Huffman codes and 1 for a zstd frame.
#include <algorithm>

#include "format/bit_stream.h"
#include "format/huffman.h"
#include "format/integer_packing.h"
#include "format/value_token.h"
#include "format/varint.h"

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

Fault DecodeTokens(const char* p, const char* limit, size_t count,
                   const IndexRange& range, Sign sign,
                   PackingDecodeScratch* scratch, uint64_t* out) {
  uint64_t bias = 0;
  if (sign == Sign::kBias) {
    p = DecodeVarint(p, limit, &bias);
    if (p == nullptr) return "token bias is cut off";
    bias = static_cast<uint64_t>(UnZigZag(bias));
  }
  uint64_t coded;
  p = DecodeVarint(p, limit, &coded);
  if (p == nullptr) return "size of the tokens is cut off";
  const size_t stored = coded == 0 ? count : coded / 2;
  if (stored > static_cast<size_t>(limit - p)) return "tokens are cut off";
  const uint8_t* tokens = reinterpret_cast<const uint8_t*>(p);
  if (coded != 0) {
    if (scratch->bytes.size() < count) scratch->bytes.resize(count);
    char* const bytes = scratch->bytes.data();
    uint8_t* const decoded = reinterpret_cast<uint8_t*>(bytes);
    const bool whole = coded % 2 == kCoderZstd
                           ? scratch->zstd.Read(p, stored, bytes, count)
                           : DecodeHuffman(p, p + stored, limit, count,
                                           scratch->kernels, decoded);
    if (!whole) return "token stream is not one token a value";
    tokens = decoded;
  }
  p += stored;
  uint8_t token_max;
  const uint64_t bits = scratch->kernels.token_bits(tokens, count, &token_max);
  if (BytesOfBits(bits) != static_cast<size_t>(limit - p)) {
    return "raw bits do not match the tokens";
  }
  uint8_t ignored;
  const uint64_t bits_before =
      range.begin == 0
          ? 0
          : scratch->kernels.token_bits(tokens, range.begin, &ignored);
  (token_max < kTokenRaw57 ? scratch->kernels.expand_tokens : ExpandTokensFrom)(
      tokens + range.begin, range.size(), p, limit, bits_before, sign, bias,
      out);
  return nullptr;
}

}  // namespace varve
