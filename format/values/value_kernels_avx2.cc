// The kernels with AVX2 and BMI2, without FMA. See value_kernels.h.
#if defined(__x86_64__)
#include <immintrin.h>

#include "format/coding/bit_stream.h"
#include "format/values/value_constants.h"
#include "format/values/value_kernels.h"
#include "format/values/value_loops.h"
#include "format/values/value_token.h"

#define VARVE_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt")))

namespace varve {
namespace {

constexpr size_t kLanes = 4;
constexpr unsigned kGatherWidthMax = 57;

VARVE_AVX2 inline __m256i Load(const void* p) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(p));
}
VARVE_AVX2 inline void Store(void* p, __m256i v) {
  _mm256_storeu_si256(static_cast<__m256i*>(p), v);
}

// Eight fields take `width` bytes and are gathered as two times four words.
VARVE_AVX2 void Unpack(const char* p, const char* limit, size_t count,
                       unsigned width, uint64_t reference, uint64_t* out) {
  size_t i = 0;
  if (width != 0 && width <= kGatherWidthMax) {
    const __m256i first = _mm256_setr_epi64x(0, width, 2 * width, 3 * width);
    const __m256i second =
        _mm256_add_epi64(first, _mm256_set1_epi64x(4 * width));
    const __m256i low3 = _mm256_set1_epi64x(7);
    const __m256i byte0 = _mm256_srli_epi64(first, 3);
    const __m256i byte1 = _mm256_srli_epi64(second, 3);
    const __m256i shift0 = _mm256_and_si256(first, low3);
    const __m256i shift1 = _mm256_and_si256(second, low3);
    const __m256i mask =
        _mm256_set1_epi64x(static_cast<int64_t>(LowBits(width)));
    const __m256i add = _mm256_set1_epi64x(static_cast<int64_t>(reference));
    for (; i + 8 <= count && limit - p >= 64; i += 8, p += width) {
      const long long* const at = reinterpret_cast<const long long*>(p);
      const __m256i w0 = _mm256_i64gather_epi64(at, byte0, 1);
      const __m256i w1 = _mm256_i64gather_epi64(at, byte1, 1);
      const __m256i v0 = _mm256_and_si256(_mm256_srlv_epi64(w0, shift0), mask);
      const __m256i v1 = _mm256_and_si256(_mm256_srlv_epi64(w1, shift1), mask);
      Store(out + i, _mm256_add_epi64(v0, add));
      Store(out + i + 4, _mm256_add_epi64(v1, add));
    }
  }
  kPlainKernels.unpack(p, limit, count - i, width, reference, out + i);
}

VARVE_AVX2 void SuffixSum(uint64_t* x, size_t count, uint64_t last) {
  const __m256i zero = _mm256_setzero_si256();
  __m256i carry = _mm256_set1_epi64x(static_cast<int64_t>(last));
  size_t i = count;
  for (; i >= kLanes; i -= kLanes) {
    __m256i s = Load(x + i - kLanes);
    // Lanes one up, then two up, zeros from above.
    s = _mm256_add_epi64(
        s, _mm256_blend_epi32(_mm256_permute4x64_epi64(s, 0x39), zero, 0xc0));
    s = _mm256_add_epi64(s, _mm256_permute2x128_si256(s, s, 0x81));
    Store(x + i - kLanes, _mm256_sub_epi64(carry, s));
    carry = _mm256_sub_epi64(
        carry, _mm256_broadcastq_epi64(_mm256_castsi256_si128(s)));
  }
  uint64_t sum =
      static_cast<uint64_t>(_mm_cvtsi128_si64(_mm256_castsi256_si128(carry)));
  while (i-- > 0) {
    sum -= x[i];
    x[i] = sum;
  }
}

VARVE_AVX2 void Scale(uint64_t* x, size_t count, uint64_t factor,
                      uint64_t add) {
  size_t i = 0;
  if (factor == 1) {
    const __m256i more = _mm256_set1_epi64x(static_cast<int64_t>(add));
    for (; i + kLanes <= count; i += kLanes) {
      Store(x + i, _mm256_add_epi64(Load(x + i), more));
    }
  }
  for (; i < count; ++i) x[i] = x[i] * factor + add;
}

// int64 to float64 as the processor would round it: the upper 48 and the
// lower 16... bits are made floats by their exponents and added, one rounding.
VARVE_AVX2 inline __m256d ToDouble(__m256i v) {
  const __m256d upper_magic = _mm256_set1_pd(442721857769029238784.);  // 3*2^67
  const __m256d both_magic =
      _mm256_set1_pd(442726361368656609280.);  // 3 * 2^67 + 2^52
  const __m256i lower_magic = _mm256_set1_epi64x(0x4330000000000000);  // 2^52
  __m256i upper = _mm256_srai_epi32(v, 16);
  upper = _mm256_blend_epi16(upper, _mm256_setzero_si256(), 0x33);
  upper = _mm256_add_epi64(upper, _mm256_castpd_si256(upper_magic));
  const __m256i lower = _mm256_blend_epi16(v, lower_magic, 0x88);
  const __m256d high = _mm256_sub_pd(_mm256_castsi256_pd(upper), both_magic);
  return _mm256_add_pd(high, _mm256_castsi256_pd(lower));
}

VARVE_AVX2 void Divide(uint64_t* x, size_t count, double divisor) {
  const __m256d by = _mm256_set1_pd(divisor);
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    __m256d v = ToDouble(Load(x + i));
    if (divisor != 1) v = _mm256_div_pd(v, by);
    Store(x + i, _mm256_castpd_si256(v));
  }
  kPlainKernels.divide(x + i, count - i, divisor);
}

VARVE_AVX2 uint64_t TokenBits(const uint8_t* tokens, size_t count,
                              uint8_t* token_max) {
  const __m256i low = _mm256_set1_epi8(0x3f);
  const __m256i two = _mm256_set1_epi8(2);
  const __m256i exact = _mm256_set1_epi8(kTokenExact);
  __m256i sum = _mm256_setzero_si256(), most = sum;
  size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    const __m256i t = Load(tokens + i);
    most = _mm256_max_epu8(most, t);
    const __m256i wide = _mm256_cmpeq_epi8(_mm256_max_epu8(t, exact), t);
    const __m256i quarter = _mm256_and_si256(_mm256_srli_epi16(t, 2), low);
    const __m256i width =
        _mm256_and_si256(_mm256_subs_epu8(quarter, two), wide);
    sum = _mm256_add_epi64(sum, _mm256_sad_epu8(width, _mm256_setzero_si256()));
  }
  uint8_t each[32];
  uint64_t sums[4];
  Store(each, most);
  Store(sums, sum);
  const uint64_t rest =
      kPlainKernels.token_bits(tokens + i, count - i, token_max);
  for (uint8_t t : each) *token_max = t > *token_max ? t : *token_max;
  return rest + sums[0] + sums[1] + sums[2] + sums[3];
}

VARVE_AVX2 void ExpandTokens(const uint8_t* tokens, size_t count, const char* p,
                             const char* limit, uint64_t bit, Sign sign,
                             uint64_t bias, uint64_t* out) {
  size_t i = 0;
  for (; i < count; ++i) {
    const char* const at = p + bit / 8;
    if (limit - at < static_cast<ptrdiff_t>(kWordBytes)) break;
    const unsigned width = TokenRawBits(tokens[i]);
    const uint64_t raw = _bzhi_u64(LoadLittle64(at) >> (bit % 8), width);
    const uint64_t v = TokenBase(tokens[i]) + raw;
    out[i] =
        sign == Sign::kZigZag ? static_cast<uint64_t>(UnZigZag(v)) : v + bias;
    bit += width;
  }
  ExpandTokensFrom(tokens + i, count - i, p, limit, bit, sign, bias, out + i);
}

VARVE_AVX2 QuantiseSummary Quantise(const uint64_t* words, size_t count,
                                    double divisor, int64_t* integers,
                                    int64_t* corrections) {
  const __m256d by = _mm256_set1_pd(divisor);
  const __m256d exact_below = _mm256_set1_pd(kExactIntegerLimit);
  const __m256d zero = _mm256_setzero_pd();
  const __m256d sign = _mm256_set1_pd(-0.0);
  const __m256i impossible = _mm256_set1_epi64x(INT64_MAX);
  const __m256i near = _mm256_set1_epi64x(kCorrectionMax);
  const __m256i below_near = _mm256_set1_epi64x(-kCorrectionMax);
  QuantiseSummary summary;
  size_t i = 0, same = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const __m256i word = Load(words + i);
    const __m256d scaled = _mm256_mul_pd(_mm256_castsi256_pd(word), by);
    const __m256d fits =
        _mm256_cmp_pd(_mm256_andnot_pd(sign, scaled), exact_below, _CMP_LT_OQ);
    // What does not fit becomes 0, and so does -0.
    const __m256d k = _mm256_add_pd(
        _mm256_round_pd(_mm256_and_pd(scaled, fits),
                        _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC),
        zero);
    double each[kLanes];
    _mm256_storeu_pd(each, k);
    for (size_t lane = 0; lane < kLanes; ++lane) {
      integers[i + lane] = static_cast<int64_t>(each[lane]);
    }
    const __m256i back = _mm256_castpd_si256(_mm256_div_pd(k, by));
    const __m256i off = _mm256_blendv_epi8(
        impossible, _mm256_sub_epi64(word, back), _mm256_castpd_si256(fits));
    Store(corrections + i, off);
    const __m256i none = _mm256_cmpeq_epi64(off, _mm256_setzero_si256());
    const __m256i far = _mm256_or_si256(_mm256_cmpgt_epi64(off, near),
                                        _mm256_cmpgt_epi64(below_near, off));
    same += static_cast<size_t>(__builtin_popcount(
        static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(none)))));
    summary.exceptions += static_cast<size_t>(__builtin_popcount(
        static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(far)))));
  }
  summary.corrections = i - same - summary.exceptions;
  const QuantiseSummary rest = kPlainKernels.quantise(
      words + i, count - i, divisor, integers + i, corrections + i);
  summary.exceptions += rest.exceptions;
  summary.corrections += rest.corrections;
  return summary;
}

VARVE_AVX2 inline uint64_t AnyBits(__m256i v) {
  const __m128i half =
      _mm_or_si128(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  return static_cast<uint64_t>(_mm_cvtsi128_si64(half) |
                               _mm_extract_epi64(half, 1));
}

VARVE_AVX2 uint64_t Difference(const int64_t* values, size_t count,
                               int64_t* out) {
  __m256i any = _mm256_setzero_si256();
  size_t i = 0;
  for (; i + kLanes < count; i += kLanes) {
    const __m256i v = _mm256_sub_epi64(Load(values + i + 1), Load(values + i));
    Store(out + i, v);
    any = _mm256_or_si256(any, v);
  }
  return AnyBits(any) |
         kPlainKernels.difference(values + i, count - i, out + i);
}

VARVE_AVX2 uint64_t Subtract(const int64_t* values, size_t count, int64_t from,
                             int64_t* out) {
  const __m256i less = _mm256_set1_epi64x(from);
  __m256i any = _mm256_setzero_si256();
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const __m256i v = _mm256_sub_epi64(Load(values + i), less);
    Store(out + i, v);
    any = _mm256_or_si256(any, v);
  }
  return AnyBits(any) |
         kPlainKernels.subtract(values + i, count - i, from, out + i);
}

// All ones where a lane is negative.
VARVE_AVX2 inline __m256i Negative(__m256i v) {
  return _mm256_cmpgt_epi64(_mm256_setzero_si256(), v);
}

VARVE_AVX2 size_t Order(const uint64_t* words, size_t count, unsigned shift,
                        int64_t* out) {
  const __m256i rest = _mm256_set1_epi64x(INT64_MAX);
  const __m256i exponent = _mm256_set1_epi64x(0x7ff0000000000000);
  const __m128i by = _mm_cvtsi32_si128(static_cast<int>(shift));
  size_t i = 0, not_finite = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const __m256i v = Load(words + i);
    const __m256i magnitude = _mm256_srl_epi64(_mm256_and_si256(v, rest), by);
    Store(out + i, _mm256_xor_si256(magnitude, Negative(v)));
    const __m256i odd =
        _mm256_cmpeq_epi64(_mm256_and_si256(v, exponent), exponent);
    not_finite += static_cast<size_t>(__builtin_popcount(
        static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(odd)))));
  }
  return not_finite + kPlainKernels.order(words + i, count - i, shift, out + i);
}

VARVE_AVX2 void Unorder(uint64_t* x, size_t count, unsigned shift) {
  const __m256i rest = _mm256_set1_epi64x(INT64_MAX);
  const __m256i sign = _mm256_set1_epi64x(INT64_MIN);
  const __m128i by = _mm_cvtsi32_si128(static_cast<int>(shift));
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const __m256i v = Load(x + i);
    const __m256i magnitude = _mm256_and_si256(
        _mm256_sll_epi64(_mm256_xor_si256(v, Negative(v)), by), rest);
    Store(x + i, _mm256_or_si256(magnitude, _mm256_and_si256(v, sign)));
  }
  kPlainKernels.unorder(x + i, count - i, shift);
}

VARVE_AVX2 void Add(uint64_t* x, size_t count, const uint64_t* y) {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    Store(x + i, _mm256_add_epi64(Load(x + i), Load(y + i)));
  }
  kPlainKernels.add(x + i, count - i, y + i);
}

VARVE_AVX2 size_t CountWider(const int64_t* values, size_t count,
                             uint64_t reference, unsigned width) {
  const __m256i less = _mm256_set1_epi64x(static_cast<int64_t>(reference));
  const __m128i by = _mm_cvtsi32_si128(static_cast<int>(width));
  __m256i narrow = _mm256_setzero_si256();  // minus their number
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const __m256i v = _mm256_sub_epi64(Load(values + i), less);
    narrow = _mm256_add_epi64(
        narrow,
        _mm256_cmpeq_epi64(_mm256_srl_epi64(v, by), _mm256_setzero_si256()));
  }
  int64_t each[kLanes];
  Store(each, narrow);
  const auto narrow_count =
      static_cast<size_t>(-(each[0] + each[1] + each[2] + each[3]));
  return i - narrow_count +
         kPlainKernels.count_wider(values + i, count - i, reference, width);
}

VARVE_AVX2 void TokensOf(const int64_t* values, size_t count, Sign sign,
                         uint64_t bias, uint8_t* tokens) {
  TokensOfLoop(values, count, sign, bias, tokens);
}

VARVE_AVX2 ValueRange Range(const int64_t* values, size_t count) {
  __m256i least = _mm256_set1_epi64x(values[0]), most = least;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const __m256i v = Load(values + i);
    least = _mm256_blendv_epi8(least, v, _mm256_cmpgt_epi64(least, v));
    most = _mm256_blendv_epi8(most, v, _mm256_cmpgt_epi64(v, most));
  }
  int64_t low[kLanes], high[kLanes];
  Store(low, least);
  Store(high, most);
  ValueRange range = {low[0], high[0]};
  for (size_t lane = 1; lane < kLanes; ++lane) {
    range.least = low[lane] < range.least ? low[lane] : range.least;
    range.most = high[lane] > range.most ? high[lane] : range.most;
  }
  for (; i < count; ++i) {
    range.least = values[i] < range.least ? values[i] : range.least;
    range.most = values[i] > range.most ? values[i] : range.most;
  }
  return range;
}

VARVE_AVX2 char* WriteTokens(const int64_t* values, size_t count, Sign sign,
                             uint64_t bias, uint8_t* tokens, char* p) {
  return WriteTokensLoop(values, count, sign, bias, tokens, p);
}

VARVE_AVX2 char* HuffmanWrite(const uint8_t* symbols, size_t count,
                              const HuffmanCode* codes, char* p) {
  return HuffmanWriteLoop(symbols, count, codes, p);
}

VARVE_AVX2 void HuffmanRounds(const HuffmanEntry* table, unsigned table_bits,
                              size_t rounds, size_t stream_count,
                              HuffmanStream* streams) {
  if (stream_count == 8) {
    HuffmanRoundsLoop<8>(table, table_bits, rounds, streams);
  } else {
    HuffmanRoundsLoop<4>(table, table_bits, rounds, streams);
  }
}

VARVE_AVX2 char* Pack(const uint64_t* values, size_t count, unsigned width,
                      uint64_t reference, char* p) {
  return PackLoop(values, count, width, reference, p);
}

}  // namespace

const ValueKernels kAvx2Kernels = {
    Unpack,       SuffixSum,    Scale,         Divide,   TokenBits,
    ExpandTokens, Quantise,     Difference,    Subtract, Order,
    Unorder,      Add,          CountWider,    TokensOf, Range,
    WriteTokens,  HuffmanWrite, HuffmanRounds, Pack};

}  // namespace varve
#endif  // __x86_64__
