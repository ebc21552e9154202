// Packings of the residuals of an integer column: each turns `count` signed
// 64-bit integers into bytes and back. What is stored is in FORMAT-values.md;
// which one to take is integer_column's choice.
//
// An encoder appends to *out. A decoder takes exactly the bytes of one body of
// `count` integers and writes those of `range` to out[0, range.size()). Any
// bytes are safe; those that a range does not need may be damaged.
// REQUIRES: range.begin <= range.end <= count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/coding/column_bytes.h"
#include "format/coding/column_cache.h"
#include "format/coding/index_range.h"
#include "format/coding/zstd_frames.h"
#include "format/values/fault.h"
#include "format/values/value_kernels.h"
#include "rocksdb/slice.h"

namespace varve {

struct PackingEncodeScratch {
  explicit PackingEncodeScratch(CpuLevel level) : kernels(KernelsFor(level)) {}
  const ValueKernels& kernels;
  ZstdCompressor zstd;
  std::vector<char> bytes;  // of one body before it is appended
  std::vector<uint8_t> tokens;
  std::vector<char> coded;  // tokens as Huffman codes
  std::string frame;        // tokens as a zstd frame
};

struct PackingDecodeScratch {
  explicit PackingDecodeScratch(CpuLevel level) : kernels(KernelsFor(level)) {}
  const ValueKernels& kernels;
  ZstdDecompressor zstd;
  std::vector<char> bytes;
};

// Mini-blocks of 128 values: reference, bit width, patched outliers.
void EncodeMiniBlocks(const int64_t* values, size_t count,
                      PackingEncodeScratch* scratch, std::string* out);
Fault DecodeMiniBlocks(ColumnBytes body, size_t count, IndexRange range,
                       PackingDecodeScratch* scratch, uint64_t* out);

// One entropy-coded byte a value and raw bits after; see value_token.h.
// Sign::kBias stores the smallest value first and codes the rest above it.
void EncodeTokens(const int64_t* values, size_t count, Sign sign, int level,
                  PackingEncodeScratch* scratch, std::string* out);
Fault DecodeTokens(ColumnBytes body, size_t count, IndexRange range, Sign sign,
                   PackingDecodeScratch* scratch, uint64_t* out);

// Tokens out of their code; places get their raw bits, but no integers.
Fault OpenTokens(ColumnBytes body, size_t count, Sign sign,
                 PackingDecodeScratch* scratch, OpenedIntegers* opened);
// DecodeTokens with the same body opened. Tokens of another body make the
// integers rubbish, or a fault; nothing beyond the body is read.
Fault DecodeOpenedTokens(ColumnBytes body, const OpenedIntegers& opened,
                         IndexRange range, Sign sign,
                         const ValueKernels& kernels, uint64_t* out);

// Varints under zstd, for columns that repeat themselves. False, and a body
// that is not to be used, when zstd has no memory.
bool EncodeBytes(const int64_t* values, size_t count, Sign sign, int level,
                 PackingEncodeScratch* scratch, std::string* out);
Fault DecodeBytes(ColumnBytes body, size_t count, IndexRange range, Sign sign,
                  PackingDecodeScratch* scratch, uint64_t* out);

}  // namespace varve
