// The reading of token streams. See timestamp_tokens.h.
#include <algorithm>
#include <cstring>

#include "format/timestamps/timestamp_tokens.h"

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
  BitStringReader reader(p, limit);
  unsigned length = kFirstCodeBits;
  unsigned length_most = 0;
  for (size_t token = 0; token < alphabet; ++token) {
    switch (reader.GetOnes(3)) {
      case 1:
        ++length;
        break;
      case 2:
        --length;
        break;
      case 3:
        length = static_cast<unsigned>(reader.Get(4));
        break;
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
  mean_bits_ = 0;
  ForEachCode(
      lengths, alphabet, kCodeBitsMax,
      [&](size_t token, unsigned code_bits, uint32_t code) {
        LogToken parts = {static_cast<uint32_t>(token), parameter};
        if (kind != kTokenLinear) {
          parts = JoinLog(static_cast<uint32_t>(token), parameter);
        }
        fits &= parts.extra_bits <= kExtraBitsMax;
        mean_bits_ += fits ? ExpectedTokenBits(code_bits, parts.extra_bits) : 0;
        value_bits_max_ =
            std::max(value_bits_max_, code_bits + parts.extra_bits);
        const Entry entry = {static_cast<uint16_t>(parts.mantissa),
                             static_cast<uint8_t>(code_bits + parts.extra_bits),
                             static_cast<uint8_t>(parts.extra_bits)};
        for (size_t i = code; i < size_t{1} << table_bits_;
             i += size_t{1} << code_bits) {
          table_[i] = entry;
        }
      });
  return fits ? p : nullptr;
}

// One stream's place: the next bit, from `bytes` on.
struct TokenDecoder::Cursor {
  const char* bytes;
  size_t bit;

  template <bool kIsZigZag>
  __attribute__((always_inline)) uint64_t Next(const Entry* table,
                                               uint64_t table_mask) {
    uint64_t word = LoadLittle64(bytes + bit / 8) >> (bit % 8);
    const Entry entry = table[word & table_mask];
    bit += entry.all_bits;
    word &= (uint64_t{1} << entry.all_bits) - 1;
    const uint64_t x = (uint64_t{entry.mantissa} << entry.extra_bits) +
                       (word >> (entry.all_bits - entry.extra_bits));
    return kIsZigZag ? static_cast<uint64_t>(UnZigZag(x)) : x;
  }
};

// The body of ReadInterleaved's first loop, `kValuesPerLook` values of each of
// four streams.
template <bool kIsZigZag>
__attribute__((always_inline)) inline void TokenDecoder::NextOfFour(
    Cursor* cursors, uint64_t base, size_t each, uint64_t* values) const {
  Cursor c0 = cursors[0];
  Cursor c1 = cursors[1];
  Cursor c2 = cursors[2];
  Cursor c3 = cursors[3];
  const uint64_t mask = LowBits(table_bits_);
  for (size_t k = 0; k < kValuesPerLook; ++k) {
    values[k] = base + c0.Next<kIsZigZag>(table_, mask);
    values[each + k] = base + c1.Next<kIsZigZag>(table_, mask);
    values[2 * each + k] = base + c2.Next<kIsZigZag>(table_, mask);
    values[3 * each + k] = base + c3.Next<kIsZigZag>(table_, mask);
  }
  cursors[0] = c0;
  cursors[1] = c1;
  cursors[2] = c2;
  cursors[3] = c3;
}

// Stream s begins where stream s - 1 ends: ends[s], ends[s + 1] are bit
// offsets within padded_.
template <bool kIsZigZag, size_t kStreams>
__attribute__((always_inline)) inline bool TokenDecoder::ReadInterleaved(
    const size_t* ends, size_t count, uint64_t base, uint64_t* values) const {
  const char* const bytes = padded_.data();
  const size_t each = (count + kStreams - 1) / kStreams;
  const uint64_t mask = LowBits(table_bits_);
  Cursor cursors[kStreams];
  for (size_t s = 0; s < kStreams; ++s) cursors[s] = {bytes, ends[s]};
  const auto beyond = [&] {
    bool any = false;
    for (size_t s = 0; s < kStreams; ++s) {
      any |= cursors[s].bit > ends[s + 1];
    }
    return any;
  };
  // The last stream is the shortest: what all have, then what the first have.
  const size_t last = count - each * (kStreams - 1);
  size_t i = 0;
  for (; i + kValuesPerLook <= last; i += kValuesPerLook) {
    if constexpr (kStreams == kTokenStreams) {
      NextOfFour<kIsZigZag>(cursors, base, each, values + i);
    } else {
      for (size_t k = 0; k < kValuesPerLook; ++k) {
        values[i + k] =
            base + cursors[0].template Next<kIsZigZag>(table_, mask);
      }
    }
    if (beyond()) return false;
  }
  for (; i < each; ++i) {
    for (size_t s = 0; s < kStreams; ++s) {
      if (s * each + i >= std::min((s + 1) * each, count)) continue;
      values[s * each + i] =
          base + cursors[s].template Next<kIsZigZag>(table_, mask);
    }
    if (beyond()) return false;
  }
  // Each ends where the next begins; the last one in its last byte, with zeros.
  for (size_t s = 0; s + 1 < kStreams; ++s) {
    if (cursors[s].bit != ends[s + 1]) return false;
  }
  const size_t bit = cursors[kStreams - 1].bit;
  if ((bit + 7) / 8 * 8 != ends[kStreams]) return false;
  return bit % 8 == 0 ||
         static_cast<unsigned char>(bytes[bit / 8]) >> (bit % 8) == 0;
}

// The same loop for the processor's level: shifts by a variable are one
// instruction each from v3 on.
#if defined(__x86_64__)
template <bool kIsZigZag>
__attribute__((target("avx2,bmi,bmi2"))) bool TokenDecoder::ReadFourV3(
    const size_t* ends, size_t count, uint64_t base, uint64_t* values) const {
  return ReadInterleaved<kIsZigZag, kTokenStreams>(ends, count, base, values);
}
#endif
template <bool kIsZigZag>
bool TokenDecoder::ReadFour(const size_t* ends, size_t count, uint64_t base,
                            uint64_t* values) const {
#if defined(__x86_64__)
  if (level_ >= CpuLevel::kAvx2) {
    return ReadFourV3<kIsZigZag>(ends, count, base, values);
  }
#endif
  return ReadInterleaved<kIsZigZag, kTokenStreams>(ends, count, base, values);
}

template <bool kIsZigZag>
bool TokenDecoder::ReadStreams(const char* p, const char* limit, size_t count,
                               uint64_t base, uint64_t* values) {
  const size_t streams = count < kOneStreamBelow ? 1 : kTokenStreams;
  size_t ends[kTokenStreams + 1] = {};  // in bits
  const uint64_t expected =
      (count + streams - 1) / streams * mean_bits_ >> kCodeBitsMax;
  for (size_t s = 1; s < streams; ++s) {
    uint64_t more;
    p = DecodeVarint(p, limit, &more);
    if (p == nullptr) return false;
    const uint64_t bits = expected + static_cast<uint64_t>(UnZigZag(more));
    if (bits > 8 * kPieceBytesMax) return false;
    ends[s] = ends[s - 1] + bits;
  }
  const auto all = static_cast<size_t>(limit - p);
  // More bytes than the values can take are refused before they are copied.
  if (all > (count * value_bits_max_ + 7) / 8) return false;
  ends[streams] = all * 8;
  if (ends[streams - 1] > ends[streams]) return false;
  padded_.assign(p, all);
  padded_.append(kPaddingBytes, '\0');
  return streams == 1 ? ReadInterleaved<kIsZigZag, 1>(ends, count, base, values)
                      : ReadFour<kIsZigZag>(ends, count, base, values);
}

bool TokenDecoder::Read(const char* p, const char* limit, size_t count,
                        uint64_t* values) {
  if (p == limit) return false;
  const auto first = static_cast<uint8_t>(*p++);
  const unsigned parameter = first & LowBits(kTokenParameterBits);
  const unsigned kind = first >> kTokenParameterBits;
  if (kind > kTokenZigZag) return false;
  const bool parameter_fits =
      kind == kTokenLinear
          ? parameter <= kExtraBitsMax
          : parameter >= kMantissaBitsMin && parameter <= kMantissaBitsMax;
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
