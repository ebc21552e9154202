// See value_source.h.
#include "format/value_source.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "format/bit_stream.h"
#include "format/varint.h"

namespace varve {
namespace {

constexpr size_t kSampleRun = 16;  // neighbours, so that deltas can be seen
constexpr size_t kSampleRuns = 3;
constexpr size_t kSampleMax = kSampleRun * kSampleRuns;
constexpr unsigned kExceptionBits = 80;
constexpr int kDecimalsTried = 17;

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
    for (size_t i = start; i < std::max(end, start + kSampleRun) && i < count && taken < kSampleRun; ++i) {
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

unsigned DivisorBits(const Sample& sample, double divisor,
                     const ValueKernels& kernels, bool* exact) {
  int64_t integers[kSampleMax];
  int64_t corrections[kSampleMax];
  const QuantiseSummary summary = kernels.quantise(
      sample.words, sample.count, divisor, integers, corrections);
  *exact = summary.exceptions == 0 && summary.corrections == 0;
  unsigned bits = static_cast<unsigned>(summary.exceptions) * kExceptionBits;
  size_t kept = 0;
  for (size_t i = 0; i < sample.count; ++i) {
    const int64_t c = corrections[i];
    if (c < -kCorrectionMax || c > kCorrectionMax) continue;
    integers[kept++] = integers[i];
    if (c != 0) bits += 1 + BitLength(ZigZag(c));
  }
  return bits + (kept > 0 ? ResidualBits(integers, kept) : 0);
}

}  // namespace

bool IsFinite(uint64_t word) {
  return (word & 0x7ff0000000000000) != 0x7ff0000000000000;
}

SourceChoice ChooseSource(const uint64_t* words, size_t count,
                          const ValueKernels& kernels) {
  SourceChoice best;
  const Sample sample = TakeSample(words, count);
  uint64_t any = 0;
  for (size_t i = 0; i < count; ++i) any |= words[i];
  const uint64_t magnitude = any & INT64_MAX;
  best.shift = magnitude == 0
                   ? 0
                   : static_cast<unsigned>(__builtin_ctzll(magnitude));
  if (sample.count == 0) return best;
  int64_t ordered[kSampleMax];
  for (size_t i = 0; i < sample.count; ++i) {
    ordered[i] = OrderedOfWord(sample.words[i], best.shift);
  }
  unsigned best_bits = ResidualBits(ordered, sample.count);
  for (int e = 0; e <= kDecimalsTried; ++e) {
    bool exact;
    const unsigned bits =
        DivisorBits(sample, kPowersOfTen[e], kernels, &exact);
    if (bits < best_bits) {
      best_bits = bits;
      best.source = static_cast<uint8_t>(e);
      best.divisor = kPowersOfTen[e];
    }
    if (exact) break;
  }
  return best;
}

bool FindDecimal(uint64_t word, int exponent_max, int* exponent,
                 int64_t* integer) {
  double value;
  std::memcpy(&value, &word, sizeof value);
  for (int e = 0; e <= exponent_max; ++e) {
    int64_t correction;
    kPlainKernels.quantise(&word, 1, kPowersOfTen[e], integer, &correction);
    if (correction == 0) {
      *exponent = e;
      return true;
    }
    if (!(std::fabs(value * kPowersOfTen[e]) < kExactIntegerLimit)) break;
  }
  return false;
}

}  // namespace varve
