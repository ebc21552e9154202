// Token packing. See integer_packing.h, value_token.h and FORMAT.md.
//
// tokens = [bias:varint] frame_bytes:varint frame raw_bits
// frame_bytes 0 stands for tokens that are stored as they are.
#include <algorithm>

#include "format/bit_stream.h"
#include "format/integer_packing.h"
#include "format/value_token.h"
#include "format/varint.h"

namespace varve {
namespace {

// Subtracts the smallest value, or folds the sign: to unsigned integers.
// Writes them as tokens and raw bits; returns the byte after the raw bits.
template <class Fold>
char* WriteTokens(const int64_t* values, size_t count, const Fold& fold,
                  uint8_t* tokens, char* p) {
  BitWriter writer(p);
  for (size_t i = 0; i < count; ++i) {
    const uint64_t v = fold(values[i]);
    if (v < kTokenExact) {
      tokens[i] = static_cast<uint8_t>(v);
      continue;
    }
    const unsigned width = BitLength(v) - 3;
    tokens[i] = static_cast<uint8_t>(4 * width + 8 + ((v >> width) & 3));
    writer.Put(v & LowBits(width), width);
  }
  return writer.Finish();
}

}  // namespace

void EncodeTokens(const int64_t* values, size_t count, Sign sign, int level,
                  PackingEncodeScratch* scratch, std::string* out) {
  scratch->tokens.resize(count);
  scratch->bytes.resize(std::max(scratch->bytes.size(), count * 8 + 16));
  uint8_t* const tokens = scratch->tokens.data();
  char* const raw = scratch->bytes.data();
  char* raw_end;
  if (sign == Sign::kZigZag) {
    raw_end = WriteTokens(values, count, ZigZag, tokens, raw);
  } else {
    const int64_t bias = *std::min_element(values, values + count);
    AppendVarint(out, ZigZag(bias));
    raw_end = WriteTokens(
        values, count,
        [bias](int64_t v) {
          return static_cast<uint64_t>(v) - static_cast<uint64_t>(bias);
        },
        tokens, raw);
  }
  const char* const token_bytes = reinterpret_cast<const char*>(tokens);
  // The frame's size comes before it and takes one or two bytes.
  const size_t size_at = out->size();
  out->append(2, '\0');
  const size_t frame =
      scratch->zstd.Append(token_bytes, count, level, count, out);
  if (frame == 0) {
    out->resize(size_at);
    out->push_back('\0');
    out->append(token_bytes, count);
  } else if (frame < 0x80) {
    (*out)[size_at] = static_cast<char>(frame);
    out->erase(size_at + 1, 1);
  } else {
    EncodeVarint(&(*out)[size_at], frame);
  }
  out->append(raw, static_cast<size_t>(raw_end - raw));
}

Fault DecodeTokens(const char* p, const char* limit, size_t count, Sign sign,
                   PackingDecodeScratch* scratch, uint64_t* out) {
  uint64_t bias = 0;
  if (sign == Sign::kBias) {
    p = DecodeVarint(p, limit, &bias);
    if (p == nullptr) return "token bias is cut off";
    bias = static_cast<uint64_t>(UnZigZag(bias));
  }
  uint64_t frame_bytes;
  p = DecodeVarint(p, limit, &frame_bytes);
  if (p == nullptr) return "size of the token frame is cut off";
  const size_t stored = frame_bytes == 0 ? count : frame_bytes;
  if (stored > static_cast<size_t>(limit - p)) return "tokens are cut off";
  const uint8_t* tokens = reinterpret_cast<const uint8_t*>(p);
  if (frame_bytes != 0) {
    if (scratch->bytes.size() < count) scratch->bytes.resize(count);
    if (!scratch->zstd.Read(p, stored, scratch->bytes.data(), count)) {
      return "token frame does not decompress to one token a value";
    }
    tokens = reinterpret_cast<const uint8_t*>(scratch->bytes.data());
  }
  p += stored;
  uint8_t token_max;
  const uint64_t bits = scratch->kernels.token_bits(tokens, count, &token_max);
  if (BytesOfBits(bits) != static_cast<size_t>(limit - p)) {
    return "raw bits do not match the tokens";
  }
  if (token_max < kTokenRaw57) {
    scratch->kernels.expand_tokens(tokens, count, p, limit, sign, bias, out);
  } else {
    ExpandTokensFrom(tokens, count, p, limit, 0, sign, bias, out);
  }
  return nullptr;
}

}  // namespace varve
