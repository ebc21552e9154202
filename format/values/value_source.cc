// See value_source.h.
#include "format/values/value_source.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "format/coding/bit_stream.h"
#include "format/coding/value_bits.h"
#include "format/coding/varint.h"

namespace varve {
namespace {

constexpr size_t kSampleRun = 16;  // neighbours, so that deltas can be seen
constexpr size_t kSampleRuns = 3;
constexpr size_t kSampleMax = kSampleRun * kSampleRuns;
constexpr unsigned kExceptionBits = 80;
constexpr int kDecimalsTried = 17;
// The first value of a few may end in zeros.
constexpr int kDecimalsBeyondFirst = 3;
// Words that end in so many zeros, as halves and eighths do, may be shorter
// than their decimals.
constexpr unsigned kBinaryZeroBits = 32;
// An exact decimal of few bits is taken at once; a rational must be clearly
// better, as equal decimals repeat themselves more often.
constexpr unsigned kDecimalGoodBits = 12;
constexpr unsigned kRationalGainBits = 2;
constexpr double kNearWhole = 1.0 / (int64_t{1} << 49);
constexpr uint64_t kDenominatorMax = 1 << 12;
constexpr uint64_t kCommonDenominatorMax = 1 << 20;
constexpr double kRationalValueMax = 1e12;
constexpr int kFractionSteps = 12;
constexpr size_t kFractionStride = 3;

struct Sample {
  uint64_t words[kSampleMax];
  size_t count = 0;
};

// Runs from the start, middle and end of the values that are finite.
Sample TakeSample(const uint64_t* words, size_t count) {
  Sample sample;
  if (count <= kSampleMax) {
    for (size_t i = 0; i < count; ++i) {
      if (IsFinite(words[i])) sample.words[sample.count++] = words[i];
    }
    return sample;
  }
  for (size_t run = 0; run < kSampleRuns; ++run) {
    const size_t start = run * (count - kSampleRun) / (kSampleRuns - 1);
    const size_t end = (run + 1) * count / kSampleRuns;
    size_t taken = 0;
    for (size_t i = start; i < std::max(end, start + kSampleRun) && i < count &&
                           taken < kSampleRun;
         ++i) {
      if (!IsFinite(words[i])) continue;
      sample.words[sample.count++] = words[i];
      ++taken;
    }
  }
  return sample;
}

// Bits that residuals of these integers would take: the cheaper of plain and
// delta, by the bit lengths.
unsigned ResidualBits(const int64_t* integers, size_t count) {
  unsigned plain = 0, delta = 0;
  for (size_t i = 1; i < count; ++i) {
    const uint64_t from_first = static_cast<uint64_t>(integers[i]) -
                                static_cast<uint64_t>(integers[count / 2]);
    const uint64_t from_before = static_cast<uint64_t>(integers[i]) -
                                 static_cast<uint64_t>(integers[i - 1]);
    plain += BitLength(ZigZag(static_cast<int64_t>(from_first)));
    delta += BitLength(ZigZag(static_cast<int64_t>(from_before)));
  }
  return std::min(plain, delta);
}

// Estimated bits of the sample under a divisor; as soon as these are
// bits_max or more, anything from there on.
unsigned DivisorBits(const Sample& sample, double divisor, unsigned bits_max,
                     const ValueKernels& kernels, bool* exact) {
  int64_t integers[kSampleMax];
  int64_t corrections[kSampleMax];
  const QuantiseSummary summary = kernels.quantise(
      sample.words, sample.count, divisor, integers, corrections);
  *exact = summary.exceptions == 0 && summary.corrections == 0;
  unsigned bits = static_cast<unsigned>(summary.exceptions) * kExceptionBits;
  if (bits >= bits_max) return bits;
  size_t kept = 0;
  for (size_t i = 0; i < sample.count; ++i) {
    const int64_t c = corrections[i];
    if (c < -kCorrectionMax || c > kCorrectionMax) continue;
    integers[kept++] = integers[i];
    if (c != 0) bits += 1 + BitLength(ZigZag(c));
  }
  return bits + (kept > 0 ? ResidualBits(integers, kept) : 0);
}

uint64_t Distance(double a, double b) {
  const uint64_t x = BitsOf(a), y = BitsOf(b);
  return x > y ? x - y : y - x;
}

// The smallest denominator of the continued fraction of |value| that comes
// within kCorrectionMax units in the last place; 0 when there is none up to
// kDenominatorMax.
uint64_t Denominator(uint64_t word) {
  const double value = ValueOf(word & INT64_MAX);
  if (!(value < kRationalValueMax)) return 0;
  double rest = value;
  uint64_t p0 = 0, q0 = 1, p1 = 1, q1 = 0;
  for (int step = 0; step < kFractionSteps; ++step) {
    const double whole = std::floor(rest);
    if (whole >= kExactIntegerLimit / kDenominatorMax) return 0;
    const auto a = static_cast<uint64_t>(whole);
    const uint64_t p = a * p1 + p0, q = a * q1 + q0;
    if (q > kDenominatorMax || p >= uint64_t{1} << 53) return 0;
    const double near = static_cast<double>(p) / static_cast<double>(q);
    if (Distance(near, value) <= kCorrectionMax) return q;
    p0 = p1;
    q0 = q1;
    p1 = p;
    q1 = q;
    rest = 1 / (rest - whole);
  }
  return 0;
}

// The least common multiple of the sample's denominators as far as it stays
// small; 1 when there is none.
uint64_t CommonDenominator(const Sample& sample) {
  uint64_t common = 1;
  for (size_t i = 0; i < sample.count; i += kFractionStride) {
    const uint64_t q = Denominator(sample.words[i]);
    if (q == 0) continue;
    const uint64_t next = common / std::gcd(common, q) * q;
    if (next <= kCommonDenominatorMax) common = next;
  }
  return common;
}

}  // namespace

SourceChoice ChooseSource(const uint64_t* words, size_t count,
                          const ValueKernels& kernels) {
  SourceChoice best;
  const Sample sample = TakeSample(words, count);
  uint64_t any = 0;
  for (size_t i = 0; i < count; ++i) any |= words[i];
  const uint64_t magnitude = any & INT64_MAX;
  best.shift =
      magnitude == 0 ? 0 : static_cast<unsigned>(__builtin_ctzll(magnitude));
  if (sample.count == 0) return best;
  int64_t ordered[kSampleMax];
  for (size_t i = 0; i < sample.count; ++i) {
    ordered[i] = OrderedOfWord(sample.words[i], best.shift);
  }
  const auto samples = static_cast<unsigned>(sample.count);
  unsigned best_bits = ResidualBits(ordered, sample.count);
  best.sample_bits = best_bits / samples;
  for (int e = 0; e <= kDecimalsTried; ++e) {
    bool exact;
    const unsigned bits =
        DivisorBits(sample, kPowersOfTen[e], best_bits, kernels, &exact);
    if (bits < best_bits) {
      best_bits = bits;
      best.source = static_cast<uint8_t>(e);
      best.divisor = kPowersOfTen[e];
      best.sample_bits = best_bits / samples;
    }
    if (exact) {
      if (bits <= kDecimalGoodBits * sample.count) return best;
      break;
    }
  }
  const uint64_t common = CommonDenominator(sample);
  if (common > 1) {
    bool exact;
    const auto divisor = static_cast<double>(common);
    const unsigned bits =
        DivisorBits(sample, divisor, best_bits, kernels, &exact);
    if (bits + kRationalGainBits * sample.count < best_bits) {
      best.source = kRational;
      best.divisor = divisor;
      best.sample_bits = bits / samples;
    }
  }
  return best;
}

bool ChooseDecimal(const uint64_t* words, size_t count,
                   const ValueKernels& kernels, SourceChoice* choice,
                   int64_t* integers, int64_t* corrections) {
  int first;
  int64_t integer;
  if (!FindDecimal(words[0], kDecimalsTried, &first, &integer)) return false;
  uint64_t any = 0;
  for (size_t i = 0; i < count; ++i) any |= words[i];
  const bool binary = (any & LowBits(kBinaryZeroBits)) == 0;
  const int last = std::min(first + kDecimalsBeyondFirst, kDecimalsTried);
  for (int e = first; e <= last; ++e) {
    const QuantiseSummary summary =
        kernels.quantise(words, count, kPowersOfTen[e], integers, corrections);
    if (summary.exceptions == 0 && summary.corrections == 0) {
      if (e > 0 && binary) return false;
      choice->source = static_cast<uint8_t>(e);
      choice->divisor = kPowersOfTen[e];
      return true;
    }
  }
  return false;
}

bool FindDecimal(uint64_t word, int exponent_max, int* exponent,
                 int64_t* integer) {
  const double value = ValueOf(word);
  for (int e = 0; e <= exponent_max; ++e) {
    const double scaled = value * kPowersOfTen[e];
    if (!(std::fabs(scaled) < kExactIntegerLimit)) return false;
    *integer = RoundToInteger(scaled);
    const auto whole = static_cast<double>(*integer);
    // Far wider than rounding could make it, so that it turns nothing away
    // that the exact test would take.
    if (std::fabs(scaled - whole) > std::fabs(scaled) * kNearWhole) continue;
    if (QuotientWord(*integer, kPowersOfTen[e]) == word) {
      *exponent = e;
      return true;
    }
  }
  return false;
}

}  // namespace varve
