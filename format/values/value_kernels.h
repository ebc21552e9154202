// The inner loops of the value codec, one table for each CPU level. Every
// level gives the same results bit for bit: integer arithmetic wraps, and
// each floating-point operation is a single correctly rounded IEEE-754 one
// whose result no other operation is fused with.
#pragma once

#include <cstddef>
#include <cstdint>

#include "format/coding/cpu_level.h"
#include "format/values/huffman.h"

namespace varve {

// What Quantise found.
struct QuantiseSummary {
  size_t exceptions = 0;   // corrections beyond kCorrectionMax
  size_t corrections = 0;  // other corrections that are not zero
};

struct ValueRange {
  int64_t least;
  int64_t most;
};

// How unsigned integers stand for signed ones.
enum class Sign : uint8_t {
  kBias,    // as the difference to a bias, the smallest of them
  kZigZag,  // 0, -1, 1, -2, ... as 0, 1, 2, 3, ...
};

struct ValueKernels {
  // out[i] = reference + the i-th `width`-bit little-endian field of the bit
  // stream at p. REQUIRES: width <= 64; p[0, ceil(count * width / 8)) lies
  // below limit. Reads nothing at or beyond limit.
  void (*unpack)(const char* p, const char* limit, size_t count, unsigned width,
                 uint64_t reference, uint64_t* out);

  // x[i] = last - (x[i] + x[i + 1] + ... + x[count - 1]).
  void (*suffix_sum)(uint64_t* x, size_t count, uint64_t last);

  // x[i] = x[i] * factor + add.
  void (*scale)(uint64_t* x, size_t count, uint64_t factor, uint64_t add);

  // x[i] = bits of (double(int64 x[i]) / divisor).
  void (*divide)(uint64_t* x, size_t count, double divisor);

  // Of the tokens, the sum of their raw bits, and the largest token.
  uint64_t (*token_bits)(const uint8_t* tokens, size_t count,
                         uint8_t* token_max);

  // out[i] = the value of token i and its raw bits from the bit stream at p,
  // from its bit `bit` on, with its sign unfolded or the bias added.
  // REQUIRES: the stream is whole (see token_bits); no raw field is wider
  // than 56 bits. Reads nothing at or beyond limit.
  void (*expand_tokens)(const uint8_t* tokens, size_t count, const char* p,
                        const char* limit, uint64_t bit, Sign sign,
                        uint64_t bias, uint64_t* out);

  // integers[i] = value * divisor rounded to nearest even, below 2^53 in
  // magnitude; corrections[i] = value's word - the word of integers[i] /
  // divisor. What does not fit gets integer 0 and a correction beyond
  // kCorrectionMax.
  QuantiseSummary (*quantise)(const uint64_t* words, size_t count,
                              double divisor, int64_t* integers,
                              int64_t* corrections);

  // out[i] = values[i + 1] - values[i] for i + 1 < count; returns the bits
  // that any of them has. out may be values.
  uint64_t (*difference)(const int64_t* values, size_t count, int64_t* out);

  // out[i] = values[i] - from; returns the bits that any of them has.
  uint64_t (*subtract)(const int64_t* values, size_t count, int64_t from,
                       int64_t* out);

  // OrderedOfWord of each word; returns how many words are not finite.
  size_t (*order)(const uint64_t* words, size_t count, unsigned shift,
                  int64_t* out);

  // x[i] = WordOfOrdered(x[i], shift).
  void (*unorder)(uint64_t* x, size_t count, unsigned shift);

  // x[i] += y[i].
  void (*add)(uint64_t* x, size_t count, const uint64_t* y);

  // How many values[i] - reference need more than `width` bits.
  size_t (*count_wider)(const int64_t* values, size_t count, uint64_t reference,
                        unsigned width);

  // Only the tokens of write_tokens.
  void (*tokens_of)(const int64_t* values, size_t count, Sign sign,
                    uint64_t bias, uint8_t* tokens);

  // REQUIRES: count >= 1.
  ValueRange (*range)(const int64_t* values, size_t count);

  // Writes the tokens of values[0, count) and, at p, their raw bits; returns
  // the byte after those. May write up to 16 bytes more.
  char* (*write_tokens)(const int64_t* values, size_t count, Sign sign,
                        uint64_t bias, uint8_t* tokens, char* p);

  // Writes the codes of symbols[0, count) at p and returns the byte after
  // them. May write up to 8 bytes more.
  char* (*huffman_write)(const uint8_t* symbols, size_t count,
                         const HuffmanCode* codes, char* p);

  // Decodes `rounds` times kHuffmanSymbolsPerLoad symbols of each of 4 or 8
  // streams. REQUIRES: each has as many, and 8 bytes can be read where each
  // round begins; their outputs are equally far apart.
  void (*huffman_rounds)(const HuffmanEntry* table, unsigned table_bits,
                         size_t rounds, size_t stream_count,
                         HuffmanStream* streams);

  // Writes count fields (values[i] - reference) of `width` bits at p and
  // returns the byte after them. Higher bits are left out. May write up to 64
  // bytes more than it returns. REQUIRES: width <= 64.
  char* (*pack)(const uint64_t* values, size_t count, unsigned width,
                uint64_t reference, char* p);
};

const ValueKernels& KernelsFor(CpuLevel level);

// Any tokens, from bit position `bit` of the stream on.
void ExpandTokensFrom(const uint8_t* tokens, size_t count, const char* p,
                      const char* limit, uint64_t bit, Sign sign, uint64_t bias,
                      uint64_t* out);

// Tables behind KernelsFor; the last two exist on x86-64 only.
extern const ValueKernels kPlainKernels;
extern const ValueKernels kAvx2Kernels;
extern const ValueKernels kAvx512Kernels;

}  // namespace varve
