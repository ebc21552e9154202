// The kernels with AVX-512 F, BW, CD, DQ and VL. See value_kernels.h.
//
// GCC may fuse a product and a sum under AVX-512 even when they are written
// as intrinsics: no product here meets a sum.
#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes its own _mm512_undefined_epi32() for a mistake (PR 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <cstring>

#include "format/coding/bit_stream.h"
#include "format/values/value_constants.h"
#include "format/values/value_kernels.h"
#include "format/values/value_loops.h"
#include "format/values/value_token.h"

#define VARVE_AVX512     \
  __attribute__((target( \
      "avx2,bmi,bmi2,lzcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl")))

namespace varve {
namespace {

constexpr size_t kLanes = 8;
constexpr unsigned kPermuteWidthMax = 49;  // a field and its shift: 64 bits
constexpr unsigned kGatherWidthMax = 57;

VARVE_AVX512 inline __mmask8 FirstLanes(size_t count) {
  return static_cast<__mmask8>(count >= kLanes ? 0xff : (1u << count) - 1);
}

VARVE_AVX512 void Unpack64(const char* p, size_t count, uint64_t reference,
                           uint64_t* out) {
  const __m512i add = _mm512_set1_epi64(static_cast<int64_t>(reference));
  for (size_t i = 0; i < count; i += kLanes) {
    const __mmask8 lanes = FirstLanes(count - i);
    const __m512i v = _mm512_maskz_loadu_epi64(lanes, p + i * kWordBytes);
    _mm512_mask_storeu_epi64(out + i, lanes, _mm512_add_epi64(v, add));
  }
}

// Eight fields take `width` bytes. Each is moved to its lane as the four
// 16-bit words it begins in, then shifted down.
VARVE_AVX512 void UnpackPermute(const char* p, size_t count, unsigned width,
                                uint64_t reference, uint64_t* out) {
  const __m512i lane = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
  const __m512i bit = _mm512_mullo_epi64(lane, _mm512_set1_epi64(width));
  const __m512i word = _mm512_srli_epi64(bit, 4);
  const __m512i index = _mm512_add_epi16(
      _mm512_mullo_epi64(word, _mm512_set1_epi64(0x0001000100010001)),
      _mm512_set1_epi64(0x0003000200010000));
  const __m512i shift = _mm512_and_si512(bit, _mm512_set1_epi64(15));
  const __m512i mask = _mm512_set1_epi64(static_cast<int64_t>(LowBits(width)));
  const __m512i add = _mm512_set1_epi64(static_cast<int64_t>(reference));
  const __mmask64 group = (uint64_t{1} << width) - 1;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes, p += width) {
    const __m512i bytes = _mm512_maskz_loadu_epi8(group, p);
    const __m512i words = _mm512_permutexvar_epi16(index, bytes);
    const __m512i v = _mm512_and_si512(_mm512_srlv_epi64(words, shift), mask);
    _mm512_storeu_si512(out + i, _mm512_add_epi64(v, add));
  }
  if (i == count) return;
  const size_t rest_bytes = BytesOfBits((count - i) * width);
  const __mmask64 rest = (uint64_t{1} << rest_bytes) - 1;
  const __m512i bytes = _mm512_maskz_loadu_epi8(rest, p);
  const __m512i words = _mm512_permutexvar_epi16(index, bytes);
  const __m512i v = _mm512_and_si512(_mm512_srlv_epi64(words, shift), mask);
  _mm512_mask_storeu_epi64(out + i, FirstLanes(count - i),
                           _mm512_add_epi64(v, add));
}

VARVE_AVX512 void UnpackGather(const char* p, const char* limit, size_t count,
                               unsigned width, uint64_t reference,
                               uint64_t* out) {
  const __m512i lane = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
  const __m512i bit = _mm512_mullo_epi64(lane, _mm512_set1_epi64(width));
  const __m512i byte = _mm512_srli_epi64(bit, 3);
  const __m512i shift = _mm512_and_si512(bit, _mm512_set1_epi64(7));
  const __m512i mask = _mm512_set1_epi64(static_cast<int64_t>(LowBits(width)));
  const __m512i add = _mm512_set1_epi64(static_cast<int64_t>(reference));
  size_t i = 0;
  for (; i + kLanes <= count && limit - p >= 64; i += kLanes, p += width) {
    const __m512i words = _mm512_i64gather_epi64(byte, p, 1);
    const __m512i v = _mm512_and_si512(_mm512_srlv_epi64(words, shift), mask);
    _mm512_storeu_si512(out + i, _mm512_add_epi64(v, add));
  }
  kPlainKernels.unpack(p, limit, count - i, width, reference, out + i);
}

VARVE_AVX512 void Unpack(const char* p, const char* limit, size_t count,
                         unsigned width, uint64_t reference, uint64_t* out) {
  if (width == 0) {
    const __m512i v = _mm512_set1_epi64(static_cast<int64_t>(reference));
    for (size_t i = 0; i < count; i += kLanes) {
      _mm512_mask_storeu_epi64(out + i, FirstLanes(count - i), v);
    }
  } else if (width <= kPermuteWidthMax) {
    UnpackPermute(p, count, width, reference, out);
  } else if (width <= kGatherWidthMax) {
    UnpackGather(p, limit, count, width, reference, out);
  } else if (width == 64) {
    Unpack64(p, count, reference, out);
  } else {
    kPlainKernels.unpack(p, limit, count, width, reference, out);
  }
}

VARVE_AVX512 void SuffixSum(uint64_t* x, size_t count, uint64_t last) {
  const __m512i zero = _mm512_setzero_si512();
  __m512i carry = _mm512_set1_epi64(static_cast<int64_t>(last));
  size_t i = count;
  for (; i >= kLanes; i -= kLanes) {
    __m512i s = _mm512_loadu_si512(x + i - kLanes);
    s = _mm512_add_epi64(s, _mm512_alignr_epi64(zero, s, 1));
    s = _mm512_add_epi64(s, _mm512_alignr_epi64(zero, s, 2));
    s = _mm512_add_epi64(s, _mm512_alignr_epi64(zero, s, 4));
    _mm512_storeu_si512(x + i - kLanes, _mm512_sub_epi64(carry, s));
    carry = _mm512_sub_epi64(
        carry, _mm512_broadcastq_epi64(_mm512_castsi512_si128(s)));
  }
  uint64_t sum =
      static_cast<uint64_t>(_mm_cvtsi128_si64(_mm512_castsi512_si128(carry)));
  while (i-- > 0) {
    sum -= x[i];
    x[i] = sum;
  }
}

VARVE_AVX512 void Scale(uint64_t* x, size_t count, uint64_t factor,
                        uint64_t add) {
  const __m512i by = _mm512_set1_epi64(static_cast<int64_t>(factor));
  const __m512i more = _mm512_set1_epi64(static_cast<int64_t>(add));
  for (size_t i = 0; i < count; i += kLanes) {
    const __mmask8 lanes = FirstLanes(count - i);
    __m512i v = _mm512_maskz_loadu_epi64(lanes, x + i);
    if (factor != 1) v = _mm512_mullo_epi64(v, by);
    _mm512_mask_storeu_epi64(x + i, lanes, _mm512_add_epi64(v, more));
  }
}

VARVE_AVX512 void Divide(uint64_t* x, size_t count, double divisor) {
  const __m512d by = _mm512_set1_pd(divisor);
  for (size_t i = 0; i < count; i += kLanes) {
    const __mmask8 lanes = FirstLanes(count - i);
    __m512d v = _mm512_cvtepi64_pd(_mm512_maskz_loadu_epi64(lanes, x + i));
    if (divisor != 1) v = _mm512_div_pd(v, by);
    _mm512_mask_storeu_epi64(x + i, lanes, _mm512_castpd_si512(v));
  }
}

VARVE_AVX512 uint64_t TokenBits(const uint8_t* tokens, size_t count,
                                uint8_t* token_max) {
  const __m512i low = _mm512_set1_epi8(0x3f);
  const __m512i two = _mm512_set1_epi8(2);
  const __m512i exact = _mm512_set1_epi8(kTokenExact);
  __m512i sum = _mm512_setzero_si512(), most = sum;
  for (size_t i = 0; i < count; i += 64) {
    const __mmask64 bytes =
        count - i >= 64 ? ~uint64_t{0} : (uint64_t{1} << (count - i)) - 1;
    const __m512i t = _mm512_maskz_loadu_epi8(bytes, tokens + i);
    most = _mm512_max_epu8(most, t);
    const __m512i quarter = _mm512_and_si512(_mm512_srli_epi16(t, 2), low);
    const __m512i width =
        _mm512_maskz_subs_epu8(_mm512_cmpge_epu8_mask(t, exact), quarter, two);
    sum = _mm512_add_epi64(sum, _mm512_sad_epu8(width, _mm512_setzero_si512()));
  }
  uint8_t each[64];
  _mm512_storeu_si512(each, most);
  *token_max = 0;
  for (uint8_t t : each) *token_max = t > *token_max ? t : *token_max;
  return static_cast<uint64_t>(_mm512_reduce_add_epi64(sum));
}

// Even lanes of zigzag integers unfolded.
VARVE_AVX512 inline __m512i UnfoldZigZag(__m512i v) {
  const __m512i odd = _mm512_and_si512(v, _mm512_set1_epi64(1));
  return _mm512_xor_si512(_mm512_srli_epi64(v, 1),
                          _mm512_sub_epi64(_mm512_setzero_si512(), odd));
}

VARVE_AVX512 inline __m512i InclusiveSum(__m512i v) {
  const __m512i zero = _mm512_setzero_si512();
  v = _mm512_add_epi64(v, _mm512_alignr_epi64(v, zero, 7));
  v = _mm512_add_epi64(v, _mm512_alignr_epi64(v, zero, 6));
  return _mm512_add_epi64(v, _mm512_alignr_epi64(v, zero, 4));
}

// Eight tokens at a step, as long as 64 bytes can be read where their raw bits
// begin; moves *bit behind those that it read and returns how many tokens.
VARVE_AVX512 size_t ExpandEights(const uint8_t* tokens, size_t count,
                                 const char* p, const char* limit,
                                 uint64_t* first_bit, Sign sign, uint64_t bias,
                                 uint64_t* out) {
  const __m512i add = _mm512_set1_epi64(static_cast<int64_t>(bias));
  const __m512i exact_below = _mm512_set1_epi64(kTokenExact);
  const __m512i seventh = _mm512_set1_epi64(7);
  const __m512i ones = _mm512_set1_epi64(-1);
  uint64_t bit = *first_bit;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const __m512i t = _mm512_cvtepu8_epi64(
        _mm_loadl_epi64(reinterpret_cast<const __m128i*>(tokens + i)));
    const __mmask8 wide = _mm512_cmpge_epu64_mask(t, exact_below);
    __m512i v = t;
    if (wide != 0) {
      if (limit - p < static_cast<ptrdiff_t>(bit / 8 + 64)) break;
      const __m512i width = _mm512_maskz_sub_epi64(
          wide, _mm512_srli_epi64(t, 2), _mm512_set1_epi64(2));
      const __m512i high = _mm512_or_si512(
          _mm512_and_si512(t, _mm512_set1_epi64(3)), _mm512_set1_epi64(4));
      const __m512i ends = InclusiveSum(width);
      const __m512i at =
          _mm512_add_epi64(_mm512_sub_epi64(ends, width),
                           _mm512_set1_epi64(static_cast<int64_t>(bit & 7)));
      const __m512i words =
          _mm512_i64gather_epi64(_mm512_srli_epi64(at, 3), p + bit / 8, 1);
      const __m512i raw = _mm512_andnot_si512(
          _mm512_sllv_epi64(ones, width),
          _mm512_srlv_epi64(words, _mm512_and_si512(at, seventh)));
      v = _mm512_mask_add_epi64(t, wide, _mm512_sllv_epi64(high, width), raw);
      bit += static_cast<uint64_t>(_mm_cvtsi128_si64(
          _mm512_castsi512_si128(_mm512_permutexvar_epi64(seventh, ends))));
    }
    v = sign == Sign::kZigZag ? UnfoldZigZag(v) : _mm512_add_epi64(v, add);
    _mm512_storeu_si512(out + i, v);
  }
  *first_bit = bit;
  return i;
}

VARVE_AVX512 void ExpandTokens(const uint8_t* tokens, size_t count,
                               const char* p, const char* limit, uint64_t bit,
                               Sign sign, uint64_t bias, uint64_t* out) {
  size_t i = ExpandEights(tokens, count, p, limit, &bit, sign, bias, out);
  // The last bytes hold hundreds of short fields: with bytes behind them they
  // are read as quickly as the others.
  const auto rest = static_cast<size_t>(limit - p) - bit / 8;
  constexpr size_t kLoadBytes = 64;
  if (i + kLanes <= count && rest < kLoadBytes) {
    char padded[2 * kLoadBytes] = {};
    std::memcpy(padded, p + bit / 8, rest);
    bit %= 8;
    i += ExpandEights(tokens + i, count - i, padded, padded + sizeof padded,
                      &bit, sign, bias, out + i);
    ExpandTokensFrom(tokens + i, count - i, padded, padded + sizeof padded, bit,
                     sign, bias, out + i);
    return;
  }
  ExpandTokensFrom(tokens + i, count - i, p, limit, bit, sign, bias, out + i);
}

VARVE_AVX512 QuantiseSummary Quantise(const uint64_t* words, size_t count,
                                      double divisor, int64_t* integers,
                                      int64_t* corrections) {
  const __m512d by = _mm512_set1_pd(divisor);
  const __m512d exact_below = _mm512_set1_pd(kExactIntegerLimit);
  const __m512i impossible = _mm512_set1_epi64(INT64_MAX);
  const __m512i near = _mm512_set1_epi64(kCorrectionMax);
  const __m512i near_span = _mm512_set1_epi64(2 * kCorrectionMax);
  QuantiseSummary summary;
  size_t corrected = 0;
  for (size_t i = 0; i < count; i += kLanes) {
    const __mmask8 lanes = FirstLanes(count - i);
    const __m512i word = _mm512_maskz_loadu_epi64(lanes, words + i);
    __m512d scaled = _mm512_castsi512_pd(word);
    if (divisor != 1) scaled = _mm512_mul_pd(scaled, by);
    const __mmask8 fits =
        _mm512_cmp_pd_mask(_mm512_abs_pd(scaled), exact_below, _CMP_LT_OQ);
    const __m512i k = _mm512_maskz_cvtpd_epi64(fits, scaled);
    __m512d back = _mm512_cvtepi64_pd(k);
    if (divisor != 1) back = _mm512_div_pd(back, by);
    __m512i off = _mm512_sub_epi64(word, _mm512_castpd_si512(back));
    off = _mm512_mask_mov_epi64(impossible, fits, off);
    _mm512_mask_storeu_epi64(integers + i, lanes, k);
    _mm512_mask_storeu_epi64(corrections + i, lanes, off);
    const __mmask8 some = _mm512_mask_test_epi64_mask(lanes, off, off);
    if (some == 0) continue;
    const __mmask8 far = _mm512_mask_cmpgt_epu64_mask(
        lanes, _mm512_add_epi64(off, near), near_span);
    corrected += static_cast<size_t>(__builtin_popcount(some));
    summary.exceptions += static_cast<size_t>(__builtin_popcount(far));
  }
  summary.corrections = corrected - summary.exceptions;
  return summary;
}

VARVE_AVX512 uint64_t Difference(const int64_t* values, size_t count,
                                 int64_t* out) {
  __m512i any = _mm512_setzero_si512();
  for (size_t i = 0; i + 1 < count; i += kLanes) {
    const __mmask8 lanes = FirstLanes(count - 1 - i);
    const __m512i v =
        _mm512_sub_epi64(_mm512_maskz_loadu_epi64(lanes, values + i + 1),
                         _mm512_maskz_loadu_epi64(lanes, values + i));
    _mm512_mask_storeu_epi64(out + i, lanes, v);
    any = _mm512_or_si512(any, v);
  }
  return static_cast<uint64_t>(_mm512_reduce_or_epi64(any));
}

VARVE_AVX512 uint64_t Subtract(const int64_t* values, size_t count,
                               int64_t from, int64_t* out) {
  const __m512i less = _mm512_set1_epi64(from);
  __m512i any = _mm512_setzero_si512();
  for (size_t i = 0; i < count; i += kLanes) {
    const __mmask8 lanes = FirstLanes(count - i);
    const __m512i v = _mm512_maskz_sub_epi64(
        lanes, _mm512_maskz_loadu_epi64(lanes, values + i), less);
    _mm512_mask_storeu_epi64(out + i, lanes, v);
    any = _mm512_or_si512(any, v);
  }
  return static_cast<uint64_t>(_mm512_reduce_or_epi64(any));
}

VARVE_AVX512 size_t Order(const uint64_t* words, size_t count, unsigned shift,
                          int64_t* out) {
  const __m512i rest = _mm512_set1_epi64(INT64_MAX);
  const __m512i exponent = _mm512_set1_epi64(0x7ff0000000000000);
  const __m128i by = _mm_cvtsi32_si128(static_cast<int>(shift));
  size_t not_finite = 0;
  for (size_t i = 0; i < count; i += kLanes) {
    const __mmask8 lanes = FirstLanes(count - i);
    const __m512i v = _mm512_maskz_loadu_epi64(lanes, words + i);
    const __m512i magnitude = _mm512_srl_epi64(_mm512_and_si512(v, rest), by);
    _mm512_mask_storeu_epi64(
        out + i, lanes, _mm512_xor_si512(magnitude, _mm512_srai_epi64(v, 63)));
    const __mmask8 odd = _mm512_mask_cmpeq_epi64_mask(
        lanes, _mm512_and_si512(v, exponent), exponent);
    not_finite += static_cast<size_t>(__builtin_popcount(odd));
  }
  return not_finite;
}

VARVE_AVX512 void Unorder(uint64_t* x, size_t count, unsigned shift) {
  const __m512i rest = _mm512_set1_epi64(INT64_MAX);
  const __m128i by = _mm_cvtsi32_si128(static_cast<int>(shift));
  for (size_t i = 0; i < count; i += kLanes) {
    const __mmask8 lanes = FirstLanes(count - i);
    const __m512i v = _mm512_maskz_loadu_epi64(lanes, x + i);
    const __m512i magnitude = _mm512_and_si512(
        _mm512_sll_epi64(_mm512_xor_si512(v, _mm512_srai_epi64(v, 63)), by),
        rest);
    _mm512_mask_storeu_epi64(
        x + i, lanes, _mm512_or_si512(magnitude, _mm512_andnot_si512(rest, v)));
  }
}

VARVE_AVX512 void Add(uint64_t* x, size_t count, const uint64_t* y) {
  for (size_t i = 0; i < count; i += kLanes) {
    const __mmask8 lanes = FirstLanes(count - i);
    const __m512i v = _mm512_add_epi64(_mm512_maskz_loadu_epi64(lanes, x + i),
                                       _mm512_maskz_loadu_epi64(lanes, y + i));
    _mm512_mask_storeu_epi64(x + i, lanes, v);
  }
}

VARVE_AVX512 size_t CountWider(const int64_t* values, size_t count,
                               uint64_t reference, unsigned width) {
  const __m512i less = _mm512_set1_epi64(static_cast<int64_t>(reference));
  const __m512i most = _mm512_set1_epi64(static_cast<int64_t>(LowBits(width)));
  size_t wider = 0;
  for (size_t i = 0; i < count; i += kLanes) {
    const __mmask8 lanes = FirstLanes(count - i);
    const __m512i v =
        _mm512_sub_epi64(_mm512_maskz_loadu_epi64(lanes, values + i), less);
    wider += static_cast<size_t>(
        __builtin_popcount(_mm512_mask_cmpgt_epu64_mask(lanes, v, most)));
  }
  return wider;
}

VARVE_AVX512 ValueRange Range(const int64_t* values, size_t count) {
  const __m512i first = _mm512_set1_epi64(values[0]);
  __m512i least = first, most = first;
  for (size_t i = 0; i < count; i += kLanes) {
    const __m512i v =
        _mm512_mask_loadu_epi64(first, FirstLanes(count - i), values + i);
    least = _mm512_min_epi64(least, v);
    most = _mm512_max_epi64(most, v);
  }
  return {_mm512_reduce_min_epi64(least), _mm512_reduce_max_epi64(most)};
}

// Eight integers as tokens, with their raw bits.
struct TokenLanes {
  __m512i tokens;
  __m512i raw;
  __m512i width;
};

VARVE_AVX512 inline TokenLanes TokensOfLanes(__m512i v, Sign sign,
                                             __m512i bias) {
  if (sign == Sign::kZigZag) {
    v = _mm512_xor_si512(_mm512_slli_epi64(v, 1), _mm512_srai_epi64(v, 63));
  } else {
    v = _mm512_sub_epi64(v, bias);
  }
  const __m512i ones = _mm512_set1_epi64(-1);
  const __mmask8 wide =
      _mm512_cmpge_epu64_mask(v, _mm512_set1_epi64(kTokenExact));
  const __m512i width = _mm512_maskz_sub_epi64(wide, _mm512_set1_epi64(61),
                                               _mm512_lzcnt_epi64(v));
  const __m512i high =
      _mm512_and_si512(_mm512_srlv_epi64(v, width), _mm512_set1_epi64(3));
  const __m512i coarse = _mm512_add_epi64(
      _mm512_add_epi64(_mm512_slli_epi64(width, 2), _mm512_set1_epi64(8)),
      high);
  return {_mm512_mask_mov_epi64(v, wide, coarse),
          _mm512_maskz_andnot_epi64(wide, _mm512_sllv_epi64(ones, width), v),
          width};
}

VARVE_AVX512 void TokensOf(const int64_t* values, size_t count, Sign sign,
                           uint64_t bias, uint8_t* tokens) {
  const __m512i less = _mm512_set1_epi64(static_cast<int64_t>(bias));
  for (size_t i = 0; i < count; i += kLanes) {
    const __mmask8 lanes = FirstLanes(count - i);
    const TokenLanes t =
        TokensOfLanes(_mm512_maskz_loadu_epi64(lanes, values + i), sign, less);
    _mm512_mask_cvtepi64_storeu_epi8(tokens + i, lanes, t.tokens);
  }
}

VARVE_AVX512 char* WriteTokens(const int64_t* values, size_t count, Sign sign,
                               uint64_t bias, uint8_t* tokens, char* p) {
  const __m512i less = _mm512_set1_epi64(static_cast<int64_t>(bias));
  ByteSteppedBits bits{p};
  for (size_t i = 0; i < count; i += kLanes) {
    const __mmask8 lanes = FirstLanes(count - i);
    TokenLanes t =
        TokensOfLanes(_mm512_maskz_loadu_epi64(lanes, values + i), sign, less);
    _mm512_mask_cvtepi64_storeu_epi8(tokens + i, lanes, t.tokens);
    if (_mm512_mask_test_epi64_mask(lanes, t.width, t.width) == 0) continue;
    t.width = _mm512_maskz_mov_epi64(lanes, t.width);
    t.raw = _mm512_maskz_mov_epi64(lanes, t.raw);
    alignas(64) uint64_t raw[kLanes], width[kLanes];
    if (_mm512_cmpgt_epu64_mask(t.width, _mm512_set1_epi64(28)) == 0) {
      // Each even lane takes the next one above its own bits.
      const __m512i odd_raw = _mm512_bsrli_epi128(t.raw, 8);
      const __m512i odd_width = _mm512_bsrli_epi128(t.width, 8);
      _mm512_store_si512(
          raw, _mm512_or_si512(t.raw, _mm512_sllv_epi64(odd_raw, t.width)));
      _mm512_store_si512(width, _mm512_add_epi64(t.width, odd_width));
      for (size_t k = 0; k < kLanes; k += 2) {
        bits.Put(raw[k], static_cast<unsigned>(width[k]));
      }
      continue;
    }
    _mm512_store_si512(raw, t.raw);
    _mm512_store_si512(width, t.width);
    for (size_t k = 0; k < kLanes; ++k) {
      const auto w = static_cast<unsigned>(width[k]);
      if (w <= 56) {
        bits.Put(raw[k], w);
      } else {
        bits.Put(raw[k] & 0xffffffff, 32);
        bits.Put(raw[k] >> 32, w - 32);
      }
    }
  }
  return bits.Finish();
}

VARVE_AVX512 char* HuffmanWrite(const uint8_t* symbols, size_t count,
                                const HuffmanCode* codes, char* p) {
  return HuffmanWriteLoop(symbols, count, codes, p);
}

VARVE_AVX512 void HuffmanRounds(const HuffmanEntry* table, unsigned table_bits,
                                size_t rounds, size_t stream_count,
                                HuffmanStream* streams) {
  if (stream_count == 8) {
    HuffmanRoundsLoop<8>(table, table_bits, rounds, streams);
  } else {
    HuffmanRoundsLoop<4>(table, table_bits, rounds, streams);
  }
}

VARVE_AVX512 char* Pack(const uint64_t* values, size_t count, unsigned width,
                        uint64_t reference, char* p) {
  return PackLoop(values, count, width, reference, p);
}

}  // namespace

const ValueKernels kAvx512Kernels = {
    Unpack,       SuffixSum,    Scale,         Divide,   TokenBits,
    ExpandTokens, Quantise,     Difference,    Subtract, Order,
    Unorder,      Add,          CountWider,    TokensOf, Range,
    WriteTokens,  HuffmanWrite, HuffmanRounds, Pack};

}  // namespace varve
#endif  // __x86_64__
