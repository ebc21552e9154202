// See integer_choice.h.
#include "format/values/integer_choice.h"

#include <algorithm>
#include <numeric>

#include "format/coding/bit_stream.h"
#include "format/coding/varint.h"
#include "format/values/value_token.h"

namespace varve {
namespace {

constexpr size_t kBlockWindow = 32;
constexpr size_t kBlockWindows = 6;
constexpr size_t kTokenWindow = 128;
constexpr size_t kTokenWindows = 6;
constexpr size_t kRepeatSlots = 1024;
constexpr uint64_t kShortResidualBits = 10;
constexpr unsigned kFractionBits = 8;  // of logarithms

int64_t Minus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) -
                              static_cast<uint64_t>(b));
}

unsigned FoldedLength(int64_t v) { return BitLength(ZigZag(v)); }

// log2(v) in fixed point, by a straight line between powers of two.
uint64_t Log2(uint64_t v) {
  const unsigned whole = BitLength(v) - 1;
  const uint64_t fraction = ((v << kFractionBits) >> whole) & 0xff;
  return (uint64_t{whole} << kFractionBits) + fraction;
}

// Spread evenly; the windows cover all values when these are few.
size_t WindowStart(size_t window, size_t windows, size_t size, size_t count) {
  if (windows <= 1 || count <= size) return 0;
  return window * (count - size) / (windows - 1);
}

struct TokenSample {
  int64_t residuals[3][kTokenWindow * kTokenWindows];  // by predictor
  size_t count = 0;
};

void TakeTokenSample(const int64_t* values, size_t count, TokenSample* sample) {
  const bool all = count <= kTokenWindow * kTokenWindows;
  const size_t windows = all ? 1 : kTokenWindows;
  const size_t size = all ? count : kTokenWindow;
  const int64_t last = values[count - 1];
  for (size_t w = 0; w < windows; ++w) {
    const int64_t* v = values + WindowStart(w, windows, size, count);
    for (size_t i = 0; i + 2 < size; ++i) {
      const int64_t delta = Minus(v[i + 1], v[i]);
      const size_t at = sample->count++;
      sample->residuals[kFromLast][at] = Minus(v[i], last);
      sample->residuals[kDelta][at] = delta;
      sample->residuals[kDelta2][at] = Minus(Minus(v[i + 2], v[i + 1]), delta);
    }
  }
}

// Entropy of the sample's tokens, and their raw bits.
uint64_t TokenCost(const int64_t* residuals, size_t count, Sign sign,
                   int64_t bias, const ValueKernels& kernels) {
  uint8_t tokens[kTokenWindow * kTokenWindows];
  kernels.tokens_of(residuals, count, sign, static_cast<uint64_t>(bias),
                    tokens);
  uint16_t counts[2][256] = {};
  size_t i = 0;
  for (; i + 2 <= count; i += 2) {
    ++counts[0][tokens[i]];
    ++counts[1][tokens[i + 1]];
  }
  if (i < count) ++counts[0][tokens[i]];
  uint8_t token_max;
  const uint64_t raw_bits = kernels.token_bits(tokens, count, &token_max);
  uint64_t bits = Log2(count) * count;
  for (size_t t = 0; t <= token_max; ++t) {
    const uint64_t c = uint64_t{counts[0][t]} + counts[1][t];
    if (c > 1) bits -= std::min(bits, Log2(c) * c);
  }
  return (bits >> kFractionBits) + raw_bits;
}

struct SignedCost {
  uint64_t bits;
  Sign sign;
};

SignedCost PlainCost(const TokenSample& sample, const ValueKernels& kernels) {
  const int64_t* const residuals = sample.residuals[kFromLast];
  const int64_t least = kernels.range(residuals, sample.count).least;
  const uint64_t folded =
      TokenCost(residuals, sample.count, Sign::kZigZag, 0, kernels);
  const uint64_t biased =
      TokenCost(residuals, sample.count, Sign::kBias, least, kernels);
  if (biased < folded) return {biased, Sign::kBias};
  return {folded, Sign::kZigZag};
}

// Deltas have one sign in counters; else zero is in their midst.
SignedCost DeltaCost(const TokenSample& sample, const ValueKernels& kernels) {
  const int64_t* const residuals = sample.residuals[kDelta];
  const ValueRange range = kernels.range(residuals, sample.count);
  const bool one_sign = range.least >= 0 || range.most <= 0;
  const Sign sign = one_sign ? Sign::kBias : Sign::kZigZag;
  return {TokenCost(residuals, sample.count, sign, range.least, kernels), sign};
}

// Eighths of the runs of three residuals that have been seen before.
unsigned RepeatEighths(const int64_t* residuals, size_t count) {
  uint32_t seen[kRepeatSlots] = {};
  size_t repeated = 0;
  for (size_t i = 0; i + 2 < count; ++i) {
    uint64_t h = 0;
    for (size_t k = 0; k < 3; ++k) {
      h = (h + static_cast<uint64_t>(residuals[i + k]) + 1) *
          0x9e3779b97f4a7c15;
      h ^= h >> 32;
    }
    uint32_t& slot = seen[h % kRepeatSlots];
    const auto tag = static_cast<uint32_t>(h >> 32) | 1;
    repeated += slot == tag;
    slot = tag;
  }
  return static_cast<unsigned>(repeated * 8 / count);
}

uint64_t Magnitude(int64_t v) {
  return v < 0 ? 0 - static_cast<uint64_t>(v) : static_cast<uint64_t>(v);
}

// An odd divisor's inverse modulo 2^64: exact quotients by multiplication.
uint64_t InverseOfOdd(uint64_t odd) {
  uint64_t inverse = odd;  // Newton: each step doubles the right bits
  for (int i = 0; i < 5; ++i) inverse *= 2 - odd * inverse;
  return inverse;
}

uint64_t WorthItsBytes(uint64_t factor, size_t count) {
  const size_t saved_bits = count * (BitLength(factor) - 1);
  return saved_bits > 16 * VarintBytes(factor) ? factor : 1;
}

}  // namespace

Predictor ChooseMiniBlockPredictor(const int64_t* values, size_t count) {
  if (count < 3) return kFromLast;
  const bool all = count <= kBlockWindow * kBlockWindows;
  const size_t size = std::min(kBlockWindow, count);
  const size_t windows = all ? count / size : kBlockWindows;
  unsigned plain = 0, delta = 0, delta2 = 0;
  for (size_t w = 0; w < windows; ++w) {
    const int64_t* v = values + WindowStart(w, windows, size, count);
    const size_t middle = (size - 2) / 2;
    const int64_t middle_delta = Minus(v[middle + 1], v[middle]);
    for (size_t i = 0; i + 2 < size; ++i) {
      const int64_t d = Minus(v[i + 1], v[i]);
      plain += FoldedLength(Minus(v[i], v[middle]));
      delta += FoldedLength(Minus(d, middle_delta));
      delta2 += FoldedLength(Minus(Minus(v[i + 2], v[i + 1]), d));
    }
  }
  // Decoding a sum less is worth a little.
  if (plain <= delta && plain <= delta2) return kFromLast;
  return delta2 != 0 && delta <= delta2 + delta2 / 16 ? kDelta : kDelta2;
}

TokenChoice ChooseTokens(const int64_t* values, size_t count,
                         const ValueKernels& kernels) {
  TokenSample sample;
  TakeTokenSample(values, count, &sample);
  const SignedCost plain = PlainCost(sample, kernels);
  const SignedCost delta = DeltaCost(sample, kernels);
  const uint64_t delta2_bits = TokenCost(
      sample.residuals[kDelta2], sample.count, Sign::kZigZag, 0, kernels);
  TokenChoice choice;
  uint64_t bits = plain.bits;
  choice.sign = plain.sign;
  if (delta.bits < bits) {
    bits = delta.bits;
    choice.predictor = kDelta;
    choice.sign = delta.sign;
  }
  // A line takes no residuals at all.
  const bool line = delta2_bits == 0 && plain.bits != 0;
  if (line || delta2_bits + delta2_bits / 32 < bits) {
    bits = delta2_bits;
    choice.predictor = kDelta2;
    choice.sign = Sign::kZigZag;
  }
  if (bits >= kShortResidualBits * sample.count) return choice;
  // What repeats itself mostly does so without a delta.
  const bool use_plain = plain.bits < bits + bits / 4;
  choice.repeats_predictor = use_plain ? kFromLast : choice.predictor;
  choice.repeats_sign = use_plain ? plain.sign : choice.sign;
  choice.repeat_eighths =
      RepeatEighths(sample.residuals[choice.repeats_predictor], sample.count);
  return choice;
}

uint64_t CommonFactor(const int64_t* residuals, size_t count,
                      uint64_t any_bits) {
  if (any_bits == 0) return 0;
  const unsigned shift = static_cast<unsigned>(__builtin_ctzll(any_bits));
  uint64_t odd = 0, inverse = 0, quotient_max = 0;
  for (size_t i = 0; i < count && odd != 1; ++i) {
    const uint64_t v = Magnitude(residuals[i]) >> shift;
    if (v == 0 || (odd != 0 && v * inverse <= quotient_max)) continue;
    odd = std::gcd(odd, v);
    odd >>= __builtin_ctzll(odd);
    inverse = InverseOfOdd(odd);
    quotient_max = ~uint64_t{0} / odd;
  }
  return WorthItsBytes(odd << shift, count);
}

uint64_t CommonPowerOfTwo(size_t count, uint64_t any_bits) {
  if (any_bits == 0) return 0;
  return WorthItsBytes(any_bits & (0 - any_bits), count);
}

void DivideExactly(int64_t* residuals, size_t count, uint64_t factor) {
  const unsigned shift = static_cast<unsigned>(__builtin_ctzll(factor));
  const uint64_t inverse = InverseOfOdd(factor >> shift);
  for (size_t i = 0; i < count; ++i) {
    residuals[i] = static_cast<int64_t>(
        static_cast<uint64_t>(residuals[i] >> shift) * inverse);
  }
}

}  // namespace varve
