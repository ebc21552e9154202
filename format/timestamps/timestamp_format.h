// The numbers of the timestamp column's format, and its limits. What they
// mean is in FORMAT-timestamps.md. On disk: none of them ever changes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "format/coding/piece_size.h"

namespace varve {

// The first byte of a column. Numbers never change. New ones are added at the
// end.
enum TimestampEncoding : uint8_t {
  kStep = 0,          // varint: every step
  kStepSeconds = 1,   // varint: every step, in units of 1000
  kLinePacked = 2,    // a line (with gaps), residuals packed
  kLineTokens = 3,    // a line (with gaps), residuals as Huffman tokens
  kDeltaPacked = 4,   // steps, packed
  kDeltaTokens = 5,   // steps, as Huffman tokens
  kDelta2Packed = 6,  // steps between steps, packed
  kDelta2Tokens = 7,  // steps between steps, as Huffman tokens
};
inline constexpr uint8_t kTimestampEncodingLast = kDelta2Tokens;
inline constexpr uint64_t kStepUnit = 1000;

// A line's first byte.
inline constexpr uint8_t kLineHasFraction = 1;
inline constexpr uint8_t kLineHasGaps = 2;
inline constexpr uint8_t kLineSeconds = 4;  // the step in units of 1000
inline constexpr uint8_t kLineBelow = 8;    // the slope is one less
inline constexpr uint8_t kLineFlags = 15;   // all of them
inline constexpr unsigned kFractionBits = 16;

// A packed stream's first byte: a width 0..64; plus kPackedExceptions when
// exceptions follow; or one of two layouts with a width for each group.
inline constexpr unsigned kWidthMax = 64;
inline constexpr uint8_t kPackedExceptions = 65;
inline constexpr uint8_t kPackedGroups = 130;
inline constexpr uint8_t kPackedGroupsExceptions = 131;
inline constexpr size_t kGroupValues = 256;

// A sparse list's first byte: bits of a skip's rest, and above them the order
// of values, or kSparseOrderNext when a byte with the order follows.
inline constexpr unsigned kSkipBitsMax = 12;
inline constexpr unsigned kSparseOrderNext = 15;
inline constexpr unsigned kSparseOrderMax = 63;
// So many ones: a skip in full follows, in kSkipFullBits.
inline constexpr unsigned kSkipOnesMax = 24;
inline constexpr unsigned kSkipFullBits = 13;

// Numbers never change. A token stream's first byte: what a token is, in its
// two highest bits, and its parameter below them.
enum TokenKind : uint8_t {
  kTokenLinear = 0,  // offset >> parameter
  kTokenLog = 1,     // offset: bit length and `parameter` mantissa bits
  kTokenZigZag = 2,  // the same of the zigzag of the distance
};
inline constexpr unsigned kTokenParameterBits = 6;
inline constexpr unsigned kMantissaBitsMin = 1;
inline constexpr unsigned kMantissaBitsMax = 4;
inline constexpr unsigned kExtraBitsMax = 40;
inline constexpr size_t kTokensMax = 640;  // of an alphabet
inline constexpr unsigned kCodeBitsMax = 11;
inline constexpr unsigned kFirstCodeBits = 5;  // stands before the first length
inline constexpr size_t kOneStreamBelow = 512;  // values; else four streams
inline constexpr size_t kTokenStreams = 4;
// No column needs more: ten bytes a timestamp.
inline constexpr size_t kPieceBytesMax = 10 * kPieceSamplesMax;

}  // namespace varve
