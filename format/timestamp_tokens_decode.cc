// The reading of token streams. See timestamp_tokens.h.
#include <algorithm>
#include <cstring>

#include "format/timestamp_tokens.h"

namespace varve {
namespace {

// Values of each stream between two looks at the streams' ends, and the bytes
// that they may take beyond an end before it is noticed.
constexpr size_t kValuesPerLook = 8;
constexpr size_t kValueBitsMax = kCodeBitsMax + kExtraBitsMax;
constexpr size_t kPaddingBytes = kValuesPerLook * kValueBitsMax / 8 + 16;
static_assert(kValueBitsMax <= 56, "one load holds a value at any bit");

}  // namespace

const char* TokenDecoder::ReadCode(const char* p, const char* limit,
                                   TokenKind kind, unsigned parameter) {
  uint64_t alphabet;
  p = DecodeVarint(p, limit, &alphabet);
  if (p == nullptr || alphabet < 2 || alphabet > kTokensMax) return nullptr;
  uint8_t lengths[kTokensMax];
  BitReader reader(p, limit);
  unsigned length = kFirstCodeBits;
  unsigned length_most = 0;
  for (size_t token = 0; token < alphabet; ++token) {
    if (reader.Get(1) != 0) {
      if (reader.Get(1) != 0) {
        length = static_cast<unsigned>(reader.Get(4));
      } else {
        length += reader.Get(1) == 0 ? 1u : ~0u;
      }
    }
    if (length > kCodeBitsMax) return nullptr;
    lengths[token] = static_cast<uint8_t>(length);
    length_most = std::max(length_most, length);
  }
  p = reader.Finish();
  if (p == nullptr || !IsWholeCode(lengths, alphabet, kCodeBitsMax)) {
    return nullptr;
  }
  table_bits_ = length_most;
  bool fits = true;
  value_bits_max_ = 0;
  ForEachCode(lengths, alphabet, kCodeBitsMax,
              [&](size_t token, unsigned code_bits, uint32_t code) {
    LogToken parts = {static_cast<uint32_t>(token), parameter};
    if (kind != kTokenLinear) {
      parts = JoinLog(static_cast<uint32_t>(token), parameter);
    }
    fits &= parts.extra_bits <= kExtraBitsMax;
    value_bits_max_ = std::max(value_bits_max_, code_bits + parts.extra_bits);
    const Entry entry = {static_cast<uint16_t>(parts.mantissa),
                         static_cast<uint8_t>(code_bits),
                         static_cast<uint8_t>(parts.extra_bits)};
    for (size_t i = code; i < size_t{1} << table_bits_;
         i += size_t{1} << code_bits) {
      table_[i] = entry;
    }
  });
  return fits ? p : nullptr;
}

// Stream s begins where stream s - 1 ends: ends[s], ends[s + 1] are byte
// offsets within padded_.
template <bool kIsZigZag, size_t kStreams>
bool TokenDecoder::ReadInterleaved(const size_t* ends, size_t count,
                                   uint64_t base, uint64_t* values) {
  const char* const bytes = padded_.data();
  const size_t each = (count + kStreams - 1) / kStreams;
  const uint64_t table_mask = LowBits(table_bits_);
  size_t bit[kStreams];
  for (size_t s = 0; s < kStreams; ++s) bit[s] = ends[s] * 8;
  const auto next = [&](size_t s) {
    uint64_t word = LoadLittle64(bytes + bit[s] / 8) >> (bit[s] % 8);
    const Entry entry = table_[word & table_mask];
    bit[s] += entry.code_bits + entry.extra_bits;
    word >>= entry.code_bits;
    const uint64_t extra =
        word & ((uint64_t{1} << entry.extra_bits) - 1);
    const uint64_t x = uint64_t{entry.mantissa} << entry.extra_bits | extra;
    return base + (kIsZigZag ? static_cast<uint64_t>(UnZigZag(x)) : x);
  };
  const auto beyond = [&] {
    bool any = false;
    for (size_t s = 0; s < kStreams; ++s) any |= bit[s] > ends[s + 1] * 8;
    return any;
  };
  // The last stream is the shortest: what all have, then what the first have.
  const size_t last = count - each * (kStreams - 1);
  size_t i = 0;
  for (; i + kValuesPerLook <= last; i += kValuesPerLook) {
    for (size_t k = 0; k < kValuesPerLook; ++k) {
      for (size_t s = 0; s < kStreams; ++s) values[s * each + i + k] = next(s);
    }
    if (beyond()) return false;
  }
  for (; i < each; ++i) {
    for (size_t s = 0; s < kStreams; ++s) {
      if (s * each + i < std::min((s + 1) * each, count)) {
        values[s * each + i] = next(s);
      }
    }
    if (beyond()) return false;
  }
  for (size_t s = 0; s < kStreams; ++s) {
    // Each stream ends in its last byte, with zeros.
    if ((bit[s] + 7) / 8 != ends[s + 1]) return false;
    if (bit[s] % 8 != 0 &&
        static_cast<unsigned char>(bytes[bit[s] / 8]) >> (bit[s] % 8) != 0) {
      return false;
    }
  }
  return true;
}

template <bool kIsZigZag>
bool TokenDecoder::ReadStreams(const char* p, const char* limit, size_t count,
                               uint64_t base, uint64_t* values) {
  const size_t streams = count < kOneStreamBelow ? 1 : kTokenStreams;
  size_t ends[kTokenStreams + 1] = {};
  for (size_t s = 1; s < streams; ++s) {
    uint64_t bytes;
    p = DecodeVarint(p, limit, &bytes);
    if (p == nullptr || bytes > kPieceBytesMax) return false;
    ends[s] = ends[s - 1] + bytes;
  }
  const auto all = static_cast<size_t>(limit - p);
  if (ends[streams - 1] > all) return false;
  // More bytes than the values can take are refused before they are copied.
  if (all > (count * value_bits_max_ + 7) / 8 + streams) return false;
  ends[streams] = all;
  padded_.assign(p, all);
  padded_.append(kPaddingBytes, '\0');
  return streams == 1
             ? ReadInterleaved<kIsZigZag, 1>(ends, count, base, values)
             : ReadInterleaved<kIsZigZag, kTokenStreams>(ends, count, base,
                                                         values);
}

bool TokenDecoder::Read(const char* p, const char* limit, size_t count,
                        uint64_t* values) {
  if (p == limit) return false;
  const auto first = static_cast<uint8_t>(*p++);
  const unsigned parameter = first & LowBits(kTokenParameterBits);
  const unsigned kind = first >> kTokenParameterBits;
  if (kind > kTokenZigZag) return false;
  const bool parameter_fits =
      kind == kTokenLinear ? parameter <= kExtraBitsMax
                           : parameter >= kMantissaBitsMin &&
                                 parameter <= kMantissaBitsMax;
  if (!parameter_fits) return false;
  uint64_t base_code;
  p = DecodeVarint(p, limit, &base_code);
  if (p == nullptr) return false;
  const auto base = static_cast<uint64_t>(UnZigZag(base_code));
  p = ReadCode(p, limit, static_cast<TokenKind>(kind), parameter);
  if (p == nullptr) return false;
  return kind == kTokenZigZag
             ? ReadStreams<true>(p, limit, count, base, values)
             : ReadStreams<false>(p, limit, count, base, values);
}

}  // namespace varve
