// A token stream: each integer as a token under a prefix code that is made
// for the stream, and the token's extra bits right after it. Four
// interleaved streams, so that four decode at once. The kinds of token and
// the grammar are in FORMAT-timestamps.md. Arithmetic is modulo 2^64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "format/coding/prefix_code.h"
#include "format/timestamps/timestamp_bits.h"
#include "format/timestamps/timestamp_format.h"
#include "format/timestamps/timestamp_packing.h"

namespace varve {

// A token's parts: x = mantissa << extra_bits | extra bits.
struct TokenParts {
  uint32_t token;
  uint32_t extra_bits;
};

inline TokenParts SplitLinear(uint64_t x, unsigned shift) {
  return {static_cast<uint32_t>(x >> shift), shift};
}
// Exact below 2^(m+1), else the bit length and m bits after the highest.
inline TokenParts SplitLog(uint64_t x, unsigned mantissa_bits) {
  if (x < uint64_t{2} << mantissa_bits) return {static_cast<uint32_t>(x), 0};
  const unsigned extra = BitLength(x) - 1 - mantissa_bits;
  return {(extra << mantissa_bits) + static_cast<uint32_t>(x >> extra), extra};
}
// The inverse of SplitLog's token.
struct LogToken {
  uint32_t mantissa;
  uint32_t extra_bits;
};
inline LogToken JoinLog(uint32_t token, unsigned mantissa_bits) {
  const uint32_t exact = uint32_t{2} << mantissa_bits;
  if (token < exact) return {token, 0};
  const uint32_t extra = (token >> mantissa_bits) - 1;
  return {token - (extra << mantissa_bits), extra};
}

// Bits that a token is expected to take with its extra bits, times
// 2^kCodeBitsMax, when it comes as often as its code length says.
inline uint64_t ExpectedTokenBits(unsigned code_bits, unsigned extra_bits) {
  return uint64_t{code_bits + extra_bits} << (kCodeBitsMax - code_bits);
}

class TokenEncoder {
 public:
  // Appends the stream of values[0, count); false, and *out as it was, when
  // they are not worth tokens: fewer than two tokens, or spread too widely.
  // `center` is a value near the middle. REQUIRES: count >= 1.
  bool Append(const uint64_t* values, size_t count, uint64_t center,
              std::string* out);

 private:
  struct Choice {
    TokenKind kind = kTokenLinear;
    unsigned parameter = 0;
    uint64_t base = 0;
    size_t alphabet = 0;
    uint64_t cost_x16 = ~uint64_t{0};
  };
  void ChooseLinear(const uint64_t* values, size_t count, uint64_t least,
                    uint64_t span, Choice* best);
  void ChooseLog(TokenKind kind, const uint64_t* values, size_t count,
                 uint64_t base, Choice* best);
  void Judge(const Choice& choice, size_t count, uint64_t extra_bits,
             Choice* best);
  template <typename Split>
  void AppendStreams(const uint64_t* values, size_t count, uint64_t mean_bits,
                     Split split, std::string* out);
  void AppendCode(const Choice& choice, std::string* out) const;
  uint64_t MeanBits(const Choice& choice) const;

  uint32_t counts_[kTokensMax];  // of the tokens of the choice in hand
  uint32_t best_counts_[kTokensMax];
  uint8_t lengths_[kTokensMax];
  uint16_t codes_[kTokensMax];  // reversed
  std::string streams_;
};

class TokenDecoder {
 public:
  explicit TokenDecoder(CpuLevel level) : level_(level) {}

  // Reads the stream that takes all of [p, limit). False when it is none of
  // `count` values. REQUIRES: 1 <= count <= kPieceSamplesMax.
  bool Read(const char* p, const char* limit, size_t count, uint64_t* values);

 private:
  struct Entry {
    uint16_t mantissa;
    uint8_t all_bits;  // of the code and its extra bits
    uint8_t extra_bits;
  };
  const char* ReadCode(const char* p, const char* limit, TokenKind kind,
                       unsigned parameter);
  template <bool kIsZigZag>
  bool ReadStreams(const char* p, const char* limit, size_t count,
                   uint64_t base, uint64_t* values);
  struct Cursor;
  template <bool kIsZigZag>
  void NextOfFour(Cursor* cursors, uint64_t base, size_t each,
                  uint64_t* values) const;
  template <bool kIsZigZag, size_t kStreams>
  bool ReadInterleaved(const size_t* ends, size_t count, uint64_t base,
                       uint64_t* values) const;
  template <bool kIsZigZag>
  bool ReadFour(const size_t* ends, size_t count, uint64_t base,
                uint64_t* values) const;
  template <bool kIsZigZag>
  bool ReadFourV3(const size_t* ends, size_t count, uint64_t base,
                  uint64_t* values) const;

  const CpuLevel level_;
  Entry table_[size_t{1} << kCodeBitsMax];
  unsigned table_bits_ = 0;
  unsigned value_bits_max_ = 0;  // of a code and its extra bits
  uint64_t mean_bits_ = 0;       // times 2^kCodeBitsMax
  std::string padded_;           // the streams, and zeros that a read may touch
};

}  // namespace varve
