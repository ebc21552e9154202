// The decoder of value_codec.h. Nothing here trusts a size before it is
// checked against the bytes and the count.
#include <algorithm>
#include <vector>

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

// Reads an integer column after its size. Returns the byte after it, nullptr
// with *fault set.
const char* ReadIntegers(const char* p, const char* limit, size_t count,
                         IndexRange range, PackingDecodeScratch* scratch,
                         uint64_t* integers, Fault* fault) {
  *fault = "integers are cut off";
  uint64_t bytes;
  p = DecodeVarint(p, limit, &bytes);
  if (p == nullptr || bytes > static_cast<size_t>(limit - p)) return nullptr;
  *fault = DecodeIntegers(p, p + bytes, count, range, scratch, integers);
  return *fault == nullptr ? p + bytes : nullptr;
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

bool PeekLastOf(const Slice& integers, uint64_t* last) {
  return PeekLastInteger(integers.data(), integers.data() + integers.size(),
                         last) == nullptr;
}

// The last value of a column without exceptions: each of its integer columns
// begins with its last integer.
bool PeekLastOfColumn(const Slice& column, uint64_t* word) {
  ColumnParts parts;
  uint64_t correction = 0;
  if (!FindParts(column, &parts) || !PeekLastOf(parts.integers, word) ||
      (!parts.corrections.empty() &&
       !PeekLastOf(parts.corrections, &correction))) {
    return false;
  }
  Express(parts.source, kPlainKernels, word, 1);
  *word += correction;
  return true;
}

bool CanBeOpened(const Slice& integers) {
  return IntegersCanBeOpened(integers.data(),
                             integers.data() + integers.size());
}

bool HasAWayIn(const Slice& integers) {
  return IntegersHaveAWayIn(integers.data(), integers.data() + integers.size());
}

Status Damaged(const char* what, const Slice& column, size_t count) {
  return Status::Corruption(
      "value column",
      std::string(what) + " (encoding " +
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
  if (parts.corrections.empty() && CanBeOpened(parts.integers)) {
    return DecodeByTokens(column, parts, count, range, cache, value_bits);
  }
  const bool has_way_in =
      HasAWayIn(parts.integers) &&
      (parts.corrections.empty() || HasAWayIn(parts.corrections));
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
  const char* const p = parts.integers.data();
  const char* const limit = p + parts.integers.size();
  const ColumnCache::Key key =
      cache->KeyOf(ColumnCache::Kind::kValues, column, count);
  const ColumnCache::Entry found = cache->Find(key);
  Fault fault = nullptr;
  if (found != nullptr) {
    fault = DecodeOpenedIntegers(p, limit, count, range, found->integers,
                                 packing, values);
  } else {
    const auto opened = std::make_shared<OpenedColumn>();
    fault = OpenIntegers(p, limit, count, packing, &opened->integers, values);
    if (fault == nullptr) cache->Insert(key, opened);
    values += range.begin;
  }
  if (fault != nullptr) return Damaged(fault, column, count);
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
  Status nested;
  const Fault fault =
      encoding == kDictionary
          ? DecodeDictionary(column, count, range, depth, value_bits, &nested)
          : DecodeColumn(column, count, range, depth, value_bits, &nested);
  if (!nested.ok()) return nested;
  return fault == nullptr ? Status::OK() : Damaged(fault, column, count);
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
  return FindParts(column, &parts) &&
         IntegersArePackedSmall(parts.integers.data(),
                                parts.integers.data() + parts.integers.size());
}

const char* ValueDecoder::DecodeDictionary(const Slice& column, size_t count,
                                           IndexRange range, size_t depth,
                                           uint64_t* out, Status* nested) {
  if (depth != 0) return "dictionary in a nested column";
  Scratch& s = *scratch_;
  const char* const limit = column.data() + column.size();
  uint64_t distinct;
  const char* p = DecodeVarint(column.data() + 1, limit, &distinct);
  if (p == nullptr || distinct == 0 || distinct > count) {
    return "size of the dictionary";
  }
  Fault fault = nullptr;
  p = ReadIntegers(p, limit, count, range, &s.packing, out, &fault);
  if (p == nullptr) return fault;
  s.dictionary.resize(distinct);
  *nested = DecodeValues(Slice(p, static_cast<size_t>(limit - p)), distinct,
                         {0, distinct}, depth + 1, s.dictionary.data());
  if (!nested->ok()) return nullptr;
  uint64_t most = 0;
  const size_t wanted = range.size();
  for (size_t i = 0; i < wanted; ++i) most = std::max(most, out[i]);
  if (most >= distinct) return "index beyond the dictionary";
  for (size_t i = 0; i < wanted; ++i) out[i] = s.dictionary[out[i]];
  return nullptr;
}

const char* ValueDecoder::DecodeColumn(const Slice& column, size_t count,
                                       IndexRange range, size_t depth,
                                       uint64_t* out, Status* nested) {
  Scratch& s = *scratch_;
  const char* p = column.data() + 1;
  const char* const limit = column.data() + column.size();
  const auto encoding = static_cast<uint8_t>(column[0]);
  uint8_t parts = 0;
  if ((encoding & kEncodingFamilyMask) == kColumnWithParts) {
    if (p == limit) return "parts are cut off";
    parts = static_cast<uint8_t>(*p++);
    if (parts == 0 || (parts & ~kPartsKnown) != 0) return "unknown parts";
  }
  ColumnSource source;
  p = ReadSource(encoding, p, limit, &source);
  if (p == nullptr) return "parameter of the source";
  size_t kept = count;
  Fault fault = nullptr;
  ValueExceptions& exceptions = s.exceptions[depth];
  if ((parts & kPartExceptions) != 0) {
    p = ReadRuns(p, limit, count, &s.packing, &exceptions);
    if (p == nullptr) return "exceptions are damaged";
    kept -= exceptions.words.size();
    if (kept == 0) return "nothing but exceptions";
  }
  // With exceptions all are asked for.
  const IndexRange part = {range.begin, std::min(range.end, kept)};
  if ((parts & kPartCorrections) != 0) {
    s.corrections.resize(std::max(s.corrections.size(), kept));
    p = ReadIntegers(p, limit, kept, part, &s.packing, s.corrections.data(),
                     &fault);
    if (p == nullptr) return fault;
  }
  if ((parts & kPartExceptions) != 0) {
    p = ReadIntegers(p, limit, kept, part, &s.packing, out, &fault);
  } else {
    fault = DecodeIntegers(p, limit, kept, part, &s.packing, out);
  }
  if (fault != nullptr) return fault;
  Express(source, s.packing.kernels, out, part.size());
  if ((parts & kPartCorrections) != 0) {
    s.packing.kernels.add(out, part.size(), s.corrections.data());
  }
  if (kept != count) {
    const Slice rest(p, static_cast<size_t>(limit - p));
    *nested = DecodeValues(rest, count - kept, {0, count - kept}, depth + 1,
                           exceptions.words.data());
    if (nested->ok()) InsertExceptions(exceptions, count, out);
  }
  return nullptr;
}

}  // namespace varve
