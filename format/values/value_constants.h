// Numbers of the value column on disk. They never change; what is added gets
// a new number. FORMAT-values.md has the boxes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace varve {

// First byte of a value column; the numbers never change. The low five bits of
// the last three families are a source (below).
enum ValueEncoding : uint8_t {
  kRaw = 0x00,           // count little-endian words
  kConstantWord = 0x01,  // one word, big-endian, trailing zero bytes dropped
  kInt64 = 0x02,         // reserved: int64 values, not float64
  kDictionary = 0x03,    // distinct values, and an index for each value
  // 0x04 to 0x1f are free.
  kConstantDecimal = 0x20,  // + exponent: one decimal, zigzag, zeros dropped
  kColumn = 0x40,           // + source: one integer column
  kColumnWithParts = 0x60,  // + source: a parts byte, parts, integer column
  // 0x80 to 0xff are free.
};
inline constexpr uint8_t kEncodingFamilyMask = 0xe0;
inline constexpr uint8_t kSourceMask = 0x1f;

// Where the integers of a column come from; the numbers never change.
enum ValueSource : uint8_t {
  // 0 to 22: a decimal exponent e; value = integer / 10^e.
  kDecimalExponentMax = 22,
  kRational = 30,  // value = integer / divisor, the divisor a varint
  kWords = 31,     // the IEEE-754 word as an ordered integer, shifted right
};

// Whether this version knows a column's first byte: others are those of a newer
// version.
inline bool IsKnownEncoding(uint8_t encoding) {
  const uint8_t source = encoding & kSourceMask;
  switch (encoding & kEncodingFamilyMask) {
    case kRaw:
      return encoding <= kDictionary && encoding != kInt64;
    case kConstantDecimal:
      return source <= kDecimalExponentMax;
    case kColumn:
    case kColumnWithParts:
      return source <= kDecimalExponentMax || source == kRational ||
             source == kWords;
    default:
      return false;
  }
}

// Bits of the parts byte; the others are zero.
inline constexpr uint8_t kPartExceptions = 0x01;
inline constexpr uint8_t kPartCorrections = 0x02;
inline constexpr uint8_t kPartsKnown = kPartExceptions | kPartCorrections;

// First byte of an integer column: predictor | factor | packing | sign.
inline constexpr uint8_t kPredictorMask = 0x03;
// The numbers never change.
enum Predictor : uint8_t {
  kFromLast = 0,  // value = last + residual
  kDelta = 1,     // value[i] = value[i + 1] - residual[i]
  kDelta2 = 2,    // the same on the deltas
};
inline constexpr uint8_t kFactorFlag = 0x04;  // residuals are multiples
inline constexpr uint8_t kPackingShift = 3;
inline constexpr uint8_t kPackingMask = 0x07;
// The numbers never change.
enum Packing : uint8_t {
  kPackZero = 0,        // every residual is zero; no body
  kPackMiniBlocks = 1,  // mini-blocks of bit-packed values with patches
  kPackTokens = 2,      // one byte a value, entropy-coded, and raw bits
  kPackBytes = 3,       // varints under zstd
};
inline constexpr uint8_t kZigZagFlag = 0x40;  // tokens, bytes: else a bias
inline constexpr uint8_t kModeKnown = 0x7f;

// Corrections beyond this many units in the last place make an exception.
inline constexpr int64_t kCorrectionMax = 64;

// Exceptions are a column that may have exceptions, to this depth; those
// below it are raw words or constant. A dictionary's values are at depth 1.
inline constexpr size_t kNestingMax = 2;

inline constexpr size_t kWordBytes = 8;
inline constexpr size_t kMiniBlockValues = 128;

// 10^0 to 10^22 are exact in float64.
inline constexpr double kPowersOfTen[kDecimalExponentMax + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// Integers below this magnitude are exact in float64.
inline constexpr double kExactIntegerLimit = 9007199254740992.0;  // 2^53

}  // namespace varve
