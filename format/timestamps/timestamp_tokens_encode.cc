// The choice and the writing of token streams. See timestamp_tokens.h.
#include <algorithm>

#include "format/timestamps/timestamp_packed.h"
#include "format/timestamps/timestamp_tokens.h"

namespace varve {
namespace {

constexpr size_t kLinearTokensMax = 256;
constexpr uint64_t kTokenHeaderCost = 28;  // a length's, in sixteenths of a bit

// Adds neighbours up: the counts of tokens of one bit less.
size_t HalveLinear(uint32_t* counts, size_t alphabet) {
  const size_t half = (alphabet + 1) / 2;
  for (size_t i = 0; i < half; ++i) {
    const uint32_t second = 2 * i + 1 < alphabet ? counts[2 * i + 1] : 0;
    counts[i] = counts[2 * i] + second;
  }
  std::fill(counts + half, counts + alphabet, 0);
  return half;
}

// The counts of log tokens with one mantissa bit less; *extra_bits follows.
size_t HalveLog(uint32_t* counts, size_t alphabet, unsigned mantissa_bits,
                uint64_t* extra_bits) {
  size_t last = 0;
  for (uint32_t token = 0; token < alphabet; ++token) {
    const uint32_t n = counts[token];
    counts[token] = 0;
    if (n == 0) continue;
    const LogToken parts = JoinLog(token, mantissa_bits);
    // Any number of this token: its mantissa and zeros.
    const TokenParts half = SplitLog(
        uint64_t{parts.mantissa} << parts.extra_bits, mantissa_bits - 1);
    *extra_bits += uint64_t{n} * (half.extra_bits - parts.extra_bits);
    counts[half.token] += n;
    last = half.token;
  }
  return last + 1;
}

}  // namespace

void TokenEncoder::Judge(const Choice& choice, size_t count,
                         uint64_t extra_bits, Choice* best) {
  uint64_t cost = 16 * extra_bits + kTokenHeaderCost * choice.alphabet;
  const uint64_t whole = Log2x16(count);
  size_t used = 0;
  for (size_t token = 0; token < choice.alphabet; ++token) {
    const uint64_t n = counts_[token];
    if (n == 0) continue;
    ++used;
    // No code is shorter than one bit.
    cost += n * std::max<uint64_t>(whole - Log2x16(n), 16);
  }
  if (used < 2 || cost >= best->cost_x16) return;
  *best = choice;
  best->cost_x16 = cost;
  std::copy_n(counts_, choice.alphabet, best_counts_);
}

void TokenEncoder::ChooseLinear(const uint64_t* values, size_t count,
                                uint64_t least, uint64_t span, Choice* best) {
  Choice choice;
  choice.base = least;
  const unsigned span_bits = BitLength(span);
  choice.parameter = span_bits > 8 ? span_bits - 8 : 0;
  if (choice.parameter > kExtraBitsMax) return;
  choice.alphabet = (span >> choice.parameter) + 1;
  std::fill_n(counts_, kLinearTokensMax, 0);
  for (size_t i = 0; i < count; ++i) {
    ++counts_[(values[i] - least) >> choice.parameter];
  }
  for (;;) {
    Judge(choice, count, count * choice.parameter, best);
    if (choice.alphabet <= 8 || choice.parameter == kExtraBitsMax) break;
    choice.alphabet = HalveLinear(counts_, choice.alphabet);
    ++choice.parameter;
  }
}

void TokenEncoder::ChooseLog(TokenKind kind, const uint64_t* values,
                             size_t count, uint64_t base, Choice* best) {
  Choice choice;
  choice.kind = kind;
  choice.base = base;
  choice.parameter = kMantissaBitsMax;
  std::fill_n(counts_, kTokensMax, 0);
  uint64_t extra_bits = 0;
  uint32_t last = 0;
  for (size_t i = 0; i < count; ++i) {
    uint64_t x = values[i] - base;
    if (kind == kTokenZigZag) x = ZigZag(static_cast<int64_t>(x));
    const TokenParts parts = SplitLog(x, kMantissaBitsMax);
    if (parts.extra_bits > kExtraBitsMax - kMantissaBitsMax) return;
    ++counts_[parts.token];
    extra_bits += parts.extra_bits;
    last = std::max(last, parts.token);
  }
  choice.alphabet = last + 1;
  for (;;) {
    Judge(choice, count, extra_bits, best);
    if (choice.parameter == kMantissaBitsMin) break;
    choice.alphabet =
        HalveLog(counts_, choice.alphabet, choice.parameter, &extra_bits);
    --choice.parameter;
  }
}

// The code's lengths, each as its difference from the one before.
void TokenEncoder::AppendCode(const Choice& choice, std::string* out) const {
  AppendVarint(out, choice.alphabet);
  char bytes[kTokensMax + 16];
  BitStringWriter writer(bytes);
  int before = kFirstCodeBits;
  for (size_t token = 0; token < choice.alphabet; ++token) {
    const int length = lengths_[token];
    if (length == before) {
      writer.Put(0, 1);
    } else if (length == before + 1) {
      writer.Put(1, 2);
    } else if (length == before - 1) {
      writer.Put(3, 3);
    } else {
      writer.Put(7u | static_cast<unsigned>(length) << 3, 7);
    }
    before = length;
  }
  out->append(bytes, static_cast<size_t>(writer.Finish() - bytes));
}

uint64_t TokenEncoder::MeanBits(const Choice& choice) const {
  uint64_t bits = 0;
  for (size_t token = 0; token < choice.alphabet; ++token) {
    if (lengths_[token] == 0) continue;
    const unsigned extra_bits =
        choice.kind == kTokenLinear
            ? choice.parameter
            : JoinLog(static_cast<uint32_t>(token), choice.parameter)
                  .extra_bits;
    bits += ExpectedTokenBits(lengths_[token], extra_bits);
  }
  return bits;
}

// The streams follow each other without padding, after the sizes of all but
// the last, in bits, each as its difference from what is expected.
template <typename Split>
void TokenEncoder::AppendStreams(const uint64_t* values, size_t count,
                                 uint64_t mean_bits, Split split,
                                 std::string* out) {
  const size_t streams = count < kOneStreamBelow ? 1 : kTokenStreams;
  const size_t values_each = (count + streams - 1) / streams;
  const uint64_t expected = values_each * mean_bits >> kCodeBitsMax;
  constexpr size_t kChunkValues = 256;
  char chunk[kChunkValues * (kCodeBitsMax + kExtraBitsMax) / 8 + 16] = {};
  streams_.clear();
  int64_t bits[kTokenStreams] = {};
  BitStringWriter writer(chunk);
  for (size_t i = 0; i < count; ++i) {
    uint64_t x = values[i];
    const TokenParts parts = split(&x);
    const unsigned code_bits = lengths_[parts.token];
    const uint64_t extra = x & LowBits(parts.extra_bits);
    writer.Put(codes_[parts.token] | extra << code_bits,
               code_bits + parts.extra_bits);
    bits[i / values_each] += code_bits + parts.extra_bits;
    if ((i + 1) % kChunkValues == 0) {
      streams_.append(chunk, static_cast<size_t>(writer.at() - chunk));
      writer.Restart(chunk);
    }
  }
  streams_.append(chunk, static_cast<size_t>(writer.Finish() - chunk));
  for (size_t s = 0; s + 1 < streams; ++s) {
    AppendVarint(out, ZigZag(bits[s] - static_cast<int64_t>(expected)));
  }
  out->append(streams_);
}

bool TokenEncoder::Append(const uint64_t* values, size_t count, uint64_t center,
                          std::string* out) {
  int64_t least = static_cast<int64_t>(values[0]);
  int64_t most = least;
  for (size_t i = 1; i < count; ++i) {
    least = std::min(least, static_cast<int64_t>(values[i]));
    most = std::max(most, static_cast<int64_t>(values[i]));
  }
  const auto low = static_cast<uint64_t>(least);
  const uint64_t span = static_cast<uint64_t>(most) - low;
  Choice best;
  ChooseLinear(values, count, low, span, &best);
  // With an exact token for each value, logarithms gain little.
  if (span >= 128) {
    ChooseLog(kTokenZigZag, values, count, center, &best);
    ChooseLog(kTokenLog, values, count, low, &best);
  }
  if (best.cost_x16 == ~uint64_t{0}) return false;

  BuildCodeLengths(best_counts_, best.alphabet, kCodeBitsMax, lengths_);
  std::fill(best_counts_ + best.alphabet, best_counts_ + kTokensMax, 0);
  std::fill(lengths_ + best.alphabet, lengths_ + kTokensMax, uint8_t{0});
  ForEachCode(lengths_, best.alphabet, kCodeBitsMax,
              [&](size_t token, unsigned, uint32_t code) {
                codes_[token] = static_cast<uint16_t>(code);
              });
  out->push_back(
      static_cast<char>(best.kind << kTokenParameterBits | best.parameter));
  AppendVarint(out, ZigZag(static_cast<int64_t>(best.base)));
  AppendCode(best, out);
  const uint64_t mean_bits = MeanBits(best);
  switch (best.kind) {
    case kTokenLinear:
      AppendStreams(
          values, count, mean_bits,
          [&](uint64_t* x) {
            return SplitLinear(*x -= best.base, best.parameter);
          },
          out);
      break;
    case kTokenLog:
      AppendStreams(
          values, count, mean_bits,
          [&](uint64_t* x) {
            return SplitLog(*x -= best.base, best.parameter);
          },
          out);
      break;
    case kTokenZigZag:
      AppendStreams(
          values, count, mean_bits,
          [&](uint64_t* x) {
            *x = ZigZag(static_cast<int64_t>(*x - best.base));
            return SplitLog(*x, best.parameter);
          },
          out);
      break;
  }
  return true;
}

}  // namespace varve
