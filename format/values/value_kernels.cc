// The kernels in plain C++, and the choice between tables. See
// value_kernels.h.
#include "format/values/value_kernels.h"

#include <cmath>

#include "format/coding/bit_stream.h"
#include "format/values/value_constants.h"
#include "format/values/value_loops.h"
#include "format/values/value_token.h"
#include "format/values/value_word.h"

namespace varve {
namespace {

void Unpack(const char* p, const char* limit, size_t count, unsigned width,
            uint64_t reference, uint64_t* out) {
  if (width == 0) {
    for (size_t i = 0; i < count; ++i) out[i] = reference;
    return;
  }
  const uint64_t mask = LowBits(width);
  size_t bit = 0;
  for (size_t i = 0; i < count; ++i, bit += width) {
    out[i] = reference + (LoadBits(p, limit, bit, width) & mask);
  }
}

void SuffixSum(uint64_t* x, size_t count, uint64_t last) {
  for (size_t i = count; i-- > 0;) {
    last -= x[i];
    x[i] = last;
  }
}

void Scale(uint64_t* x, size_t count, uint64_t factor, uint64_t add) {
  for (size_t i = 0; i < count; ++i) x[i] = x[i] * factor + add;
}

void Divide(uint64_t* x, size_t count, double divisor) {
  for (size_t i = 0; i < count; ++i) {
    x[i] = BitsOf(static_cast<double>(static_cast<int64_t>(x[i])) / divisor);
  }
}

uint64_t TokenBits(const uint8_t* tokens, size_t count, uint8_t* token_max) {
  uint64_t bits = 0;
  uint8_t most = 0;
  for (size_t i = 0; i < count; ++i) {
    bits += TokenRawBits(tokens[i]);
    most = tokens[i] > most ? tokens[i] : most;
  }
  *token_max = most;
  return bits;
}

QuantiseSummary Quantise(const uint64_t* words, size_t count, double divisor,
                         int64_t* integers, int64_t* corrections) {
  QuantiseSummary summary;
  for (size_t i = 0; i < count; ++i) {
    const double value = ValueOf(words[i]);
    const double scaled = value * divisor;
    // Not a number fails the comparison.
    if (!(std::fabs(scaled) < kExactIntegerLimit)) {
      integers[i] = 0;
      corrections[i] = INT64_MAX;
      ++summary.exceptions;
      continue;
    }
    integers[i] = RoundToInteger(scaled);
    const auto off =
        static_cast<int64_t>(words[i] - QuotientWord(integers[i], divisor));
    corrections[i] = off;
    if (off != 0) {
      const bool near = off >= -kCorrectionMax && off <= kCorrectionMax;
      ++(near ? summary.corrections : summary.exceptions);
    }
  }
  return summary;
}

uint64_t Difference(const int64_t* values, size_t count, int64_t* out) {
  uint64_t any = 0;
  for (size_t i = 0; i + 1 < count; ++i) {
    const uint64_t v =
        static_cast<uint64_t>(values[i + 1]) - static_cast<uint64_t>(values[i]);
    out[i] = static_cast<int64_t>(v);
    any |= v;
  }
  return any;
}

uint64_t Subtract(const int64_t* values, size_t count, int64_t from,
                  int64_t* out) {
  uint64_t any = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t v =
        static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(from);
    out[i] = static_cast<int64_t>(v);
    any |= v;
  }
  return any;
}

size_t Order(const uint64_t* words, size_t count, unsigned shift,
             int64_t* out) {
  size_t not_finite = 0;
  for (size_t i = 0; i < count; ++i) {
    out[i] = OrderedOfWord(words[i], shift);
    not_finite += !IsFinite(words[i]);
  }
  return not_finite;
}

void Unorder(uint64_t* x, size_t count, unsigned shift) {
  for (size_t i = 0; i < count; ++i) x[i] = WordOfOrdered(x[i], shift);
}

void Add(uint64_t* x, size_t count, const uint64_t* y) {
  for (size_t i = 0; i < count; ++i) x[i] += y[i];
}

size_t CountWider(const int64_t* values, size_t count, uint64_t reference,
                  unsigned width) {
  const uint64_t most = LowBits(width);
  size_t wider = 0;
  for (size_t i = 0; i < count; ++i) {
    wider += static_cast<uint64_t>(values[i]) - reference > most;
  }
  return wider;
}

void TokensOf(const int64_t* values, size_t count, Sign sign, uint64_t bias,
              uint8_t* tokens) {
  TokensOfLoop(values, count, sign, bias, tokens);
}

ValueRange Range(const int64_t* values, size_t count) {
  ValueRange range = {values[0], values[0]};
  for (size_t i = 1; i < count; ++i) {
    range.least = values[i] < range.least ? values[i] : range.least;
    range.most = values[i] > range.most ? values[i] : range.most;
  }
  return range;
}

char* WriteTokens(const int64_t* values, size_t count, Sign sign, uint64_t bias,
                  uint8_t* tokens, char* p) {
  return WriteTokensLoop(values, count, sign, bias, tokens, p);
}

char* HuffmanWrite(const uint8_t* symbols, size_t count,
                   const HuffmanCode* codes, char* p) {
  return HuffmanWriteLoop(symbols, count, codes, p);
}

void HuffmanRounds(const HuffmanEntry* table, unsigned table_bits,
                   size_t rounds, size_t stream_count, HuffmanStream* streams) {
  if (stream_count == 8) {
    HuffmanRoundsLoop<8>(table, table_bits, rounds, streams);
  } else {
    HuffmanRoundsLoop<4>(table, table_bits, rounds, streams);
  }
}

char* Pack(const uint64_t* values, size_t count, unsigned width,
           uint64_t reference, char* p) {
  return PackLoop(values, count, width, reference, p);
}

}  // namespace

void ExpandTokensFrom(const uint8_t* tokens, size_t count, const char* p,
                      const char* limit, uint64_t bit, Sign sign, uint64_t bias,
                      uint64_t* out) {
  for (size_t i = 0; i < count; ++i) {
    const unsigned width = TokenRawBits(tokens[i]);
    uint64_t v = TokenBase(tokens[i]);
    if (width != 0) v += LoadBits(p, limit, bit, width) & LowBits(width);
    out[i] =
        sign == Sign::kZigZag ? static_cast<uint64_t>(UnZigZag(v)) : v + bias;
    bit += width;
  }
}

const ValueKernels kPlainKernels = {
    Unpack,           SuffixSum,    Scale,         Divide,   TokenBits,
    ExpandTokensFrom, Quantise,     Difference,    Subtract, Order,
    Unorder,          Add,          CountWider,    TokensOf, Range,
    WriteTokens,      HuffmanWrite, HuffmanRounds, Pack};

const ValueKernels& KernelsFor(CpuLevel level) {
#if defined(__x86_64__)
  if (level == CpuLevel::kAvx512) return kAvx512Kernels;
  if (level == CpuLevel::kAvx2) return kAvx2Kernels;
#endif
  (void)level;
  return kPlainKernels;
}

}  // namespace varve
