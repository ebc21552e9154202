// The decoder of value_codec.h. Nothing here trusts a size before it is
// checked against the bytes and the count.
#include <algorithm>
#include <vector>

#include "format/coding/column_bytes.h"
#include "format/coding/value_bits.h"
#include "format/coding/varint.h"
#include "format/values/integer_column.h"
#include "format/values/value_codec.h"
#include "format/values/value_constants.h"
#include "format/values/value_exceptions.h"
#include "format/values/value_parts.h"
#include "format/values/value_word.h"

namespace varve {

namespace {

// Takes an integer column behind its size, and decodes it.
Fault TakeIntegers(ColumnBytes* column, size_t count, IndexRange range,
                   PackingDecodeScratch* scratch, uint64_t* out) {
  ColumnBytes integers;
  if (!column->TakeSized(&integers)) return "integers are cut off";
  return DecodeIntegers(integers, count, range, scratch, out);
}

// Little-endian. Not by way of a buffer: reading in one what has just been
// written in parts waits until it is in the cache, half the time of decoding
// an operand.
uint64_t LoadUpTo8(const char* p, size_t bytes) {
  if (bytes >= 4) {
    const unsigned shift = 8 * static_cast<unsigned>(bytes - 4);
    return LoadLittle32(p) | uint64_t{LoadLittle32(p + bytes - 4)} << shift;
  }
  if (bytes == 0) return 0;
  const auto byte = [p](size_t i) {
    return uint64_t{static_cast<unsigned char>(p[i])};
  };
  const size_t last = bytes - 1;
  return byte(0) | byte(last / 2) << (8 * (last / 2)) |
         byte(last) << (8 * last);
}

// The last value of a column without exceptions: each of its integer columns
// begins with its last integer.
bool PeekLastOfColumn(const Slice& column, uint64_t* word) {
  ColumnParts parts;
  uint64_t correction = 0;
  if (!FindParts(column, &parts) ||
      !PeekLastInteger(parts.integers, word).ok() ||
      (!parts.corrections.empty() &&
       !PeekLastInteger(parts.corrections, &correction).ok())) {
    return false;
  }
  Express(parts.source, kPlainKernels, word, 1);
  *word += correction;
  return true;
}

// REQUIRES: !fault.ok().
Status Damaged(Fault fault, const Slice& column, size_t count) {
  return Status::Corruption(
      "value column",
      std::string(fault.message()) + " (encoding " +
          std::to_string(column.empty() ? -1
                                        : static_cast<uint8_t>(column[0])) +
          ", " + std::to_string(column.size()) + " bytes, " +
          std::to_string(count) + " values)");
}

}  // namespace

struct ValueDecoder::Scratch {
  explicit Scratch(CpuLevel level) : packing(level) {}
  PackingDecodeScratch packing;
  std::vector<uint64_t> corrections;
  ValueExceptions exceptions[kNestingMax];
  std::vector<uint64_t> dictionary;
  std::vector<uint64_t> values;  // of DecodeLast and DecodeRange
};

ValueDecoder::ValueDecoder() = default;
ValueDecoder::ValueDecoder(CpuLevel level) : level_(level) {}
ValueDecoder::~ValueDecoder() = default;

Status ValueDecoder::Decode(const Slice& column, size_t count,
                            uint64_t* value_bits) {
  return DecodeValues(column, count, {0, count}, 0, value_bits);
}

Status ValueDecoder::DecodeRange(const Slice& column, size_t count,
                                 IndexRange range, ColumnCache* cache,
                                 uint64_t* value_bits) {
  if (range.size() == count) return Decode(column, count, value_bits);
  uint64_t word;
  if (PeekConstant(column, &word)) {
    std::fill_n(value_bits, range.size(), word);
    return Status::OK();
  }
  if (scratch_ == nullptr) scratch_ = std::make_unique<Scratch>(level_);
  if (scratch_->values.size() < count) scratch_->values.resize(count);
  ColumnParts parts;
  const bool caches = cache != nullptr && count >= ColumnCache::kCountMin &&
                      !column.empty() &&
                      static_cast<uint8_t>(column[0]) != kRaw;
  if (!caches) return DecodePart(column, count, range, value_bits);
  if (!FindParts(column, &parts)) {
    return DecodeByWords(column, count, range, cache, value_bits);
  }
  if (parts.corrections.empty() && IntegersCanBeOpened(parts.integers)) {
    return DecodeByTokens(column, parts, count, range, cache, value_bits);
  }
  const bool has_way_in =
      IntegersHaveAWayIn(parts.integers) &&
      (parts.corrections.empty() || IntegersHaveAWayIn(parts.corrections));
  return has_way_in ? DecodePart(column, count, range, value_bits)
                    : DecodeByWords(column, count, range, cache, value_bits);
}

// Without a cache. The three have the scratch's room for all values.
Status ValueDecoder::DecodePart(const Slice& column, size_t count,
                                IndexRange range, uint64_t* value_bits) {
  uint64_t* const values = scratch_->values.data();
  const bool whole = HasExceptions(column);
  const Status status = DecodeValues(
      column, count, whole ? IndexRange{0, count} : range, 0, values);
  if (status.ok()) {
    std::copy_n(values + (whole ? range.begin : 0), range.size(), value_bits);
  }
  return status;
}

Status ValueDecoder::DecodeByTokens(const Slice& column,
                                    const ColumnParts& parts, size_t count,
                                    IndexRange range, ColumnCache* cache,
                                    uint64_t* value_bits) {
  uint64_t* values = scratch_->values.data();
  PackingDecodeScratch* const packing = &scratch_->packing;
  const ColumnCache::Key key =
      cache->KeyOf(ColumnCache::Kind::kValues, column, count);
  const ColumnCache::Entry found = cache->Find(key);
  Fault fault;
  if (found != nullptr) {
    fault = DecodeOpenedIntegers(parts.integers, count, range, found->integers,
                                 packing, values);
  } else {
    const auto opened = std::make_shared<OpenedColumn>();
    fault =
        OpenIntegers(parts.integers, count, packing, &opened->integers, values);
    if (fault.ok()) cache->Insert(key, opened);
    values += range.begin;
  }
  if (!fault.ok()) return Damaged(fault, column, count);
  Express(parts.source, packing->kernels, values, range.size());
  std::copy_n(values, range.size(), value_bits);
  return Status::OK();
}

// Columns with exceptions, dictionaries, and what else is of several parts.
Status ValueDecoder::DecodeByWords(const Slice& column, size_t count,
                                   IndexRange range, ColumnCache* cache,
                                   uint64_t* value_bits) {
  const ColumnCache::Key key =
      cache->KeyOf(ColumnCache::Kind::kValues, column, count);
  const ColumnCache::Entry found = cache->Find(key);
  if (found != nullptr && found->words.size() == count) {
    std::copy_n(found->words.data() + range.begin, range.size(), value_bits);
    return Status::OK();
  }
  const auto opened = std::make_shared<OpenedColumn>();
  opened->words.resize(count);
  const Status status = Decode(column, count, opened->words.data());
  if (!status.ok()) return status;
  std::copy_n(opened->words.data() + range.begin, range.size(), value_bits);
  cache->Insert(key, opened);
  return status;
}

Status ValueDecoder::DecodeLast(const Slice& column, size_t count,
                                uint64_t* word) {
  const bool raw = !column.empty() && static_cast<uint8_t>(column[0]) == kRaw &&
                   column.size() == 1 + count * kWordBytes;
  if (raw) {
    *word = LoadLittle64(column.data() + column.size() - kWordBytes);
    return Status::OK();
  }
  if (PeekConstant(column, word) || PeekLastOfColumn(column, word)) {
    return Status::OK();
  }
  if (scratch_ == nullptr) scratch_ = std::make_unique<Scratch>(level_);
  auto& values = scratch_->values;
  if (values.size() < count) values.resize(count);
  const Status status = Decode(column, count, values.data());
  if (status.ok()) *word = values[count - 1];
  return status;
}

Status ValueDecoder::DecodeValues(const Slice& column, size_t count,
                                  IndexRange range, size_t depth,
                                  uint64_t* value_bits) {
  if (column.empty()) return Damaged("no bytes", column, count);
  if (count == 0) return Damaged("bytes for no values", column, count);
  const auto encoding = static_cast<uint8_t>(column[0]);
  if (!IsKnownEncoding(encoding)) {
    return Status::NotSupported(
        "value column: encoding " + std::to_string(encoding) +
        " is not known to this version; read it with a newer Varve");
  }
  if (encoding == kRaw) {
    if (column.size() != 1 + count * kWordBytes) {
      return Damaged("size of raw words", column, count);
    }
    const char* const words = column.data() + 1 + range.begin * kWordBytes;
    for (size_t i = 0; i < range.size(); ++i) {
      value_bits[i] = LoadLittle64(words + i * kWordBytes);
    }
    return Status::OK();
  }
  if (encoding == kConstantWord ||
      (encoding & kEncodingFamilyMask) == kConstantDecimal) {
    uint64_t word;
    if (!PeekConstant(column, &word)) {
      return Damaged("constant", column, count);
    }
    std::fill_n(value_bits, range.size(), word);
    return Status::OK();
  }
  if (scratch_ == nullptr) scratch_ = std::make_unique<Scratch>(level_);
  if (depth == kNestingMax) return Damaged("nested too deep", column, count);
  return encoding == kDictionary
             ? DecodeDictionary(column, count, range, depth, value_bits)
             : DecodeColumn(column, count, range, depth, value_bits);
}

bool ValueDecoder::PeekConstant(const Slice& column, uint64_t* word) {
  if (column.empty() || column.size() > 1 + kWordBytes) return false;
  const auto encoding = static_cast<uint8_t>(column[0]);
  const uint64_t bytes = LoadUpTo8(column.data() + 1, column.size() - 1);
  if (encoding == kConstantWord) {
    *word = __builtin_bswap64(bytes);
    return true;
  }
  const unsigned exponent = encoding & kSourceMask;
  if ((encoding & kEncodingFamilyMask) != kConstantDecimal ||
      exponent > kDecimalExponentMax) {
    return false;
  }
  auto value = static_cast<double>(UnZigZag(bytes));
  if (exponent != 0) value /= kPowersOfTen[exponent];
  *word = BitsOf(value);
  return true;
}

bool ValueDecoder::IsPackedSmall(const Slice& column) {
  uint64_t word;
  ColumnParts parts;
  if (PeekConstant(column, &word)) return true;
  if (!column.empty() && static_cast<uint8_t>(column[0]) == kDictionary) {
    return true;
  }
  return FindParts(column, &parts) && IntegersArePackedSmall(parts.integers);
}

Status ValueDecoder::DecodeDictionary(const Slice& column, size_t count,
                                      IndexRange range, size_t depth,
                                      uint64_t* out) {
  if (depth != 0) {
    return Damaged("dictionary in a nested column", column, count);
  }
  Scratch& s = *scratch_;
  ColumnBytes bytes = BytesBehind(column, 1);
  uint64_t distinct;
  if (!bytes.TakeVarint(&distinct) || distinct == 0 || distinct > count) {
    return Damaged("size of the dictionary", column, count);
  }
  const Fault fault = TakeIntegers(&bytes, count, range, &s.packing, out);
  if (!fault.ok()) return Damaged(fault, column, count);
  s.dictionary.resize(distinct);
  const Status status =
      DecodeValues(Slice(bytes.p, bytes.size()), distinct, {0, distinct},
                   depth + 1, s.dictionary.data());
  if (!status.ok()) return status;
  uint64_t most = 0;
  const size_t wanted = range.size();
  for (size_t i = 0; i < wanted; ++i) most = std::max(most, out[i]);
  if (most >= distinct) {
    return Damaged("index beyond the dictionary", column, count);
  }
  for (size_t i = 0; i < wanted; ++i) out[i] = s.dictionary[out[i]];
  return status;
}

Status ValueDecoder::DecodeColumn(const Slice& column, size_t count,
                                  IndexRange range, size_t depth,
                                  uint64_t* out) {
  Scratch& s = *scratch_;
  ColumnBytes bytes = BytesBehind(column, 1);
  const auto encoding = static_cast<uint8_t>(column[0]);
  uint8_t parts = 0;
  if ((encoding & kEncodingFamilyMask) == kColumnWithParts) {
    if (!bytes.TakeByte(&parts)) {
      return Damaged("parts are cut off", column, count);
    }
    if (parts == 0 || (parts & ~kPartsKnown) != 0) {
      return Damaged("unknown parts", column, count);
    }
  }
  ColumnSource source;
  Fault fault = TakeSource(encoding, &bytes, &source);
  ValueExceptions& exceptions = s.exceptions[depth];
  size_t kept = count;
  if (fault.ok() && (parts & kPartExceptions) != 0) {
    fault = TakeRuns(&bytes, count, &s.packing, &exceptions);
    if (fault.ok()) kept -= exceptions.words.size();
    if (kept == 0) fault = "nothing but exceptions";
  }
  // With exceptions all are asked for.
  const IndexRange part = {range.begin, std::min(range.end, kept)};
  if (fault.ok() && (parts & kPartCorrections) != 0) {
    s.corrections.resize(std::max(s.corrections.size(), kept));
    fault = TakeIntegers(&bytes, kept, part, &s.packing, s.corrections.data());
  }
  if (fault.ok()) {
    fault = (parts & kPartExceptions) != 0
                ? TakeIntegers(&bytes, kept, part, &s.packing, out)
                : DecodeIntegers(bytes, kept, part, &s.packing, out);
  }
  if (!fault.ok()) return Damaged(fault, column, count);
  Express(source, s.packing.kernels, out, part.size());
  if ((parts & kPartCorrections) != 0) {
    s.packing.kernels.add(out, part.size(), s.corrections.data());
  }
  if (kept == count) return Status::OK();
  const Status status =
      DecodeValues(Slice(bytes.p, bytes.size()), count - kept,
                   {0, count - kept}, depth + 1, exceptions.words.data());
  if (status.ok()) InsertExceptions(exceptions, count, out);
  return status;
}

}  // namespace varve
