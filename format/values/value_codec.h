// The value column of one piece: up to kPieceSamplesMax float64 values, kept
// bit for bit (every NaN payload, -0, +-Inf, denormals). Values are passed as
// their IEEE-754 bits, so that no conversion can touch a payload.
//
// Column grammar: encoding:u8 body. The numbers are in value_constants.h and in
// FORMAT-values.md; they never change.
//
// Thread safety: an encoder or a decoder owns scratch memory and serves one
// thread at a time; make one per thread and keep it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "format/coding/column_cache.h"
#include "format/coding/cpu_level.h"
#include "format/coding/index_range.h"
#include "format/coding/piece_size.h"
#include "format/coding/profile.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

using rocksdb::Slice;
using rocksdb::Status;

struct SourceChoice;

// No column of one value, or of one value repeated, is longer.
inline constexpr size_t kConstantBytesMax = 1 + sizeof(uint64_t);

class ValueEncoder {
 public:
  ValueEncoder();
  explicit ValueEncoder(CpuLevel level);  // no higher than BestCpuLevel()
  ~ValueEncoder();
  ValueEncoder(const ValueEncoder&) = delete;
  ValueEncoder& operator=(const ValueEncoder&) = delete;

  // Appends the column for value_bits[0, count) to *out. The same values and
  // profile give the same bytes on every machine.
  // REQUIRES: 1 <= count <= kPieceSamplesMax.
  void Encode(const uint64_t* value_bits, size_t count, Profile profile,
              std::string* out);

  // What Encode appends for one value, at p; returns the byte after it.
  // REQUIRES: room for kConstantBytesMax.
  static char* EncodeOne(uint64_t value_bits, char* p);

 private:
  struct Scratch;
  void EncodeValues(const uint64_t* words, size_t count, Profile profile,
                    size_t depth, std::string* out);
  void EncodeSmallest(const uint64_t* words, size_t count, Profile profile,
                      size_t depth, std::string* out);
  bool EncodeDecimals(const uint64_t* words, size_t count, std::string* out);
  bool EncodeDictionary(const uint64_t* words, size_t count, Profile profile,
                        size_t depth, std::string* out);
  void EncodeColumn(const uint64_t* words, size_t count,
                    const SourceChoice& choice, Profile profile, size_t depth,
                    std::string* out);
  const CpuLevel level_ = BestCpuLevel();
  std::unique_ptr<Scratch> scratch_;  // made at first need
};

struct ColumnParts;

class ValueDecoder {
 public:
  ValueDecoder();
  explicit ValueDecoder(CpuLevel level);  // no higher than BestCpuLevel()
  ~ValueDecoder();
  ValueDecoder(const ValueDecoder&) = delete;
  ValueDecoder& operator=(const ValueDecoder&) = delete;

  // Decodes exactly `count` values into value_bits[0, count). Any bytes are
  // safe to pass: Corruption when `column` is not exactly one column of
  // `count` values, NotSupported when its encoding number is not known to
  // this version (written by a newer one).
  // REQUIRES: count <= kPieceSamplesMax.
  Status Decode(const Slice& column, size_t count, uint64_t* value_bits);

  // Decodes the values of `range` alone into value_bits[0, range.size()):
  // raw words, constants and mini-blocks touch no others; deltas also those
  // behind the range, entropy-coded columns the tokens before it; a column
  // with exceptions is decoded whole. What is not looked at may be damaged.
  // REQUIRES: range.begin < range.end <= count <= kPieceSamplesMax.
  // With a cache, columns without a way in but their beginning are opened for
  // the ranges that follow.
  Status DecodeRange(const Slice& column, size_t count, IndexRange range,
                     ColumnCache* cache, uint64_t* value_bits);

  // Only the last value: in O(1) but for dictionaries and columns with
  // exceptions, which are decoded into scratch. What is not looked at may be
  // damaged.
  // REQUIRES: 1 <= count <= kPieceSamplesMax.
  Status DecodeLast(const Slice& column, size_t count, uint64_t* word);

  // True when all values of the column are one, which is then in *word: O(1).
  static bool PeekConstant(const Slice& column, uint64_t* word);

  // Whether the column surely is what no profile makes much smaller: a
  // constant, a dictionary, or entropy-coded. O(1); columns with exceptions
  // are not looked into.
  static bool IsPackedSmall(const Slice& column);

 private:
  struct Scratch;
  // Room for count - range.begin in out; what lies behind the range becomes
  // rubbish. REQUIRES: all values, where the column has exceptions.
  Status DecodeValues(const Slice& column, size_t count, IndexRange range,
                      size_t depth, uint64_t* out);
  Status DecodePart(const Slice& column, size_t count, IndexRange range,
                    uint64_t* value_bits);
  Status DecodeByTokens(const Slice& column, const ColumnParts& parts,
                        size_t count, IndexRange range, ColumnCache* cache,
                        uint64_t* value_bits);
  Status DecodeByWords(const Slice& column, size_t count, IndexRange range,
                       ColumnCache* cache, uint64_t* value_bits);
  Status DecodeDictionary(const Slice& column, size_t count, IndexRange range,
                          size_t depth, uint64_t* out);
  Status DecodeColumn(const Slice& column, size_t count, IndexRange range,
                      size_t depth, uint64_t* out);
  const CpuLevel level_ = BestCpuLevel();
  std::unique_ptr<Scratch> scratch_;  // made at first need
};

}  // namespace varve
