// The encoder of value_codec.h: the choice between constants, raw words,
// dictionaries and columns, and what holds a column's parts together.
#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

#include "format/coding/varint.h"
#include "format/values/integer_column.h"
#include "format/values/value_codec.h"
#include "format/values/value_constants.h"
#include "format/values/value_dictionary.h"
#include "format/values/value_exceptions.h"
#include "format/values/value_source.h"

namespace varve {
namespace {

// Decimals tried for a constant; fewer for a single value, which must be quick.
constexpr int kConstantExponentMax = 17;
constexpr int kSingleExponentMax = 9;
// A dictionary is tried when values take this many bits, and half are repeated.
constexpr unsigned kDictionaryBitsMin = 16;

// Little-endian, as many bytes as it has; returns how many.
size_t TrimmedBytes(uint64_t v) {
  return v == 0 ? 0 : (71 - static_cast<size_t>(__builtin_clzll(v))) / 8;
}

// Writes at most kConstantBytesMax and returns the byte after them.
char* EncodeConstant(uint64_t word, int exponent_max, char* p) {
  const size_t word_bytes = TrimmedBytes(__builtin_bswap64(word));
  int exponent;
  int64_t integer;
  if (FindDecimal(word, exponent_max, &exponent, &integer)) {
    const uint64_t folded = ZigZag(integer);
    const size_t decimal_bytes = TrimmedBytes(folded);
    if (decimal_bytes <= word_bytes) {
      *p++ = static_cast<char>(kConstantDecimal + exponent);
      StoreLittle64(p, folded);
      return p + decimal_bytes;
    }
  }
  *p++ = static_cast<char>(kConstantWord);
  StoreBig64(p, word);
  return p + word_bytes;
}

void AppendRaw(const uint64_t* words, size_t count, std::string* out) {
  const size_t start = out->size();
  out->resize(start + 1 + count * kWordBytes);
  char* p = &(*out)[start];
  *p++ = static_cast<char>(kRaw);
  for (size_t i = 0; i < count; ++i, p += kWordBytes) {
    StoreLittle64(p, words[i]);
  }
}

// An integer column after its size.
void AppendIntegers(const int64_t* integers, size_t count, Profile profile,
                    IntegerEncodeScratch* scratch, std::string* part,
                    std::string* out) {
  part->clear();
  EncodeIntegers(integers, count, profile, scratch, part);
  AppendVarint(out, part->size());
  out->append(*part);
}

}  // namespace

struct ValueEncoder::Scratch {
  explicit Scratch(CpuLevel level)
      : kernels(KernelsFor(level)), integer_scratch(level) {}
  const ValueKernels& kernels;
  IntegerEncodeScratch integer_scratch;
  std::vector<int64_t> integers;
  std::vector<int64_t> corrections;
  ValueExceptions exceptions[kNestingMax];
  ValueDictionary dictionary;      // at depth 0
  std::string parts[kNestingMax];  // before their sizes are known

  void Quantise(const uint64_t* words, size_t count, const SourceChoice& choice,
                QuantiseSummary* summary);
  void TakeExceptionsOut(const uint64_t* words, size_t count,
                         ValueExceptions* taken);
};

ValueEncoder::ValueEncoder() = default;
ValueEncoder::ValueEncoder(CpuLevel level) : level_(level) {}
ValueEncoder::~ValueEncoder() = default;
void ValueEncoder::Scratch::Quantise(const uint64_t* words, size_t count,
                                     const SourceChoice& choice,
                                     QuantiseSummary* summary) {
  integers.resize(count);
  corrections.resize(count);
  if (choice.source != kWords) {
    *summary = kernels.quantise(words, count, choice.divisor, integers.data(),
                                corrections.data());
    return;
  }
  summary->exceptions =
      kernels.order(words, count, choice.shift, integers.data());
  if (summary->exceptions == 0) return;
  for (size_t i = 0; i < count; ++i) {
    corrections[i] = IsFinite(words[i]) ? 0 : INT64_MAX;
  }
}

// Moves the values that are no exceptions together and lists the others.
void ValueEncoder::Scratch::TakeExceptionsOut(const uint64_t* words,
                                              size_t count,
                                              ValueExceptions* taken) {
  auto& runs = taken->runs;
  runs.clear();
  taken->words.clear();
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    const int64_t c = corrections[i];
    if (c >= -kCorrectionMax && c <= kCorrectionMax) {
      integers[kept] = integers[i];
      corrections[kept++] = c;
      continue;
    }
    taken->words.push_back(words[i]);
    if (!runs.empty() && runs.back().start + runs.back().length == i) {
      ++runs.back().length;
    } else {
      runs.push_back({static_cast<uint32_t>(i), 1});
    }
  }
}

void ValueEncoder::Encode(const uint64_t* value_bits, size_t count,
                          Profile profile, std::string* out) {
  assert(count >= 1 && count <= kPieceSamplesMax);
  EncodeValues(value_bits, count, profile, 0, out);
}

char* ValueEncoder::EncodeOne(uint64_t value_bits, char* p) {
  return EncodeConstant(value_bits, kSingleExponentMax, p);
}

void ValueEncoder::EncodeValues(const uint64_t* value_bits, size_t count,
                                Profile profile, size_t depth,
                                std::string* out) {
  // Each equals the next one.
  const bool constant = std::memcmp(value_bits, value_bits + 1,
                                    (count - 1) * sizeof *value_bits) == 0;
  if (constant) {
    char bytes[kConstantBytesMax];
    const int exponent_max =
        count == 1 ? kSingleExponentMax : kConstantExponentMax;
    const char* const end = EncodeConstant(value_bits[0], exponent_max, bytes);
    out->append(bytes, static_cast<size_t>(end - bytes));
    return;
  }
  if (scratch_ == nullptr) scratch_ = std::make_unique<Scratch>(level_);
  const size_t start = out->size();
  if (!IsOperand(profile, count) || !EncodeDecimals(value_bits, count, out)) {
    EncodeSmallest(value_bits, count, profile, depth, out);
  }
  if (out->size() - start > count * kWordBytes) {
    out->resize(start);
    AppendRaw(value_bits, count, out);
  }
}

// A column of the source that a sample tells to be best, or a dictionary.
void ValueEncoder::EncodeSmallest(const uint64_t* value_bits, size_t count,
                                  Profile profile, size_t depth,
                                  std::string* out) {
  const size_t start = out->size();
  const SourceChoice choice =
      ChooseSource(value_bits, count, scratch_->kernels);
  EncodeColumn(value_bits, count, choice, profile, depth, out);
  if (profile == Profile::kFast || depth != 0 ||
      choice.sample_bits < kDictionaryBitsMin) {
    return;
  }
  const size_t middle = out->size();
  if (!EncodeDictionary(value_bits, count, profile, depth, out)) return;
  const bool smaller = out->size() - middle < middle - start;
  if (smaller) {
    out->erase(start, middle - start);
  } else {
    out->resize(middle);
  }
}

// A column of a few decimals, without a look at other sources.
bool ValueEncoder::EncodeDecimals(const uint64_t* words, size_t count,
                                  std::string* out) {
  Scratch& s = *scratch_;
  s.integers.resize(count);
  s.corrections.resize(count);
  SourceChoice choice;
  if (!ChooseDecimal(words, count, s.kernels, &choice, s.integers.data(),
                     s.corrections.data())) {
    return false;
  }
  out->push_back(static_cast<char>(kColumn + choice.source));
  EncodeIntegers(s.integers.data(), count, Profile::kFast, &s.integer_scratch,
                 out);
  return true;
}

bool ValueEncoder::EncodeDictionary(const uint64_t* words, size_t count,
                                    Profile profile, size_t depth,
                                    std::string* out) {
  ValueDictionary& dictionary = scratch_->dictionary;
  if (!BuildDictionary(words, count, count / 2, &dictionary)) return false;
  const size_t distinct = dictionary.words.size();
  out->push_back(static_cast<char>(kDictionary));
  AppendVarint(out, distinct);
  AppendIntegers(reinterpret_cast<const int64_t*>(dictionary.indices.data()),
                 count, profile, &scratch_->integer_scratch,
                 &scratch_->parts[depth], out);
  EncodeValues(dictionary.words.data(), distinct, profile, depth + 1, out);
  return true;
}

void ValueEncoder::EncodeColumn(const uint64_t* words, size_t count,
                                const SourceChoice& choice, Profile profile,
                                size_t depth, std::string* out) {
  Scratch& s = *scratch_;
  QuantiseSummary summary;
  s.Quantise(words, count, choice, &summary);
  if (summary.exceptions == count || depth == kNestingMax) {
    return AppendRaw(words, count, out);
  }
  uint8_t parts = 0;
  if (summary.exceptions != 0) parts |= kPartExceptions;
  if (summary.corrections != 0) parts |= kPartCorrections;
  out->push_back(static_cast<char>((parts != 0 ? kColumnWithParts : kColumn) +
                                   choice.source));
  if (parts != 0) out->push_back(static_cast<char>(parts));
  if (choice.source == kRational) {
    AppendVarint(out, static_cast<uint64_t>(choice.divisor));
  } else if (choice.source == kWords) {
    out->push_back(static_cast<char>(choice.shift));
  }
  const size_t kept = count - summary.exceptions;
  if (summary.exceptions != 0) {
    ValueExceptions& exceptions = s.exceptions[depth];
    s.TakeExceptionsOut(words, count, &exceptions);
    AppendRuns(&exceptions, profile, &s.integer_scratch, out);
  }
  if (summary.corrections != 0) {
    AppendIntegers(s.corrections.data(), kept, profile, &s.integer_scratch,
                   &s.parts[depth], out);
  }
  if (summary.exceptions == 0) {
    EncodeIntegers(s.integers.data(), kept, profile, &s.integer_scratch, out);
    return;
  }
  AppendIntegers(s.integers.data(), kept, profile, &s.integer_scratch,
                 &s.parts[depth], out);
  EncodeValues(s.exceptions[depth].words.data(), summary.exceptions, profile,
               depth + 1, out);
}

}  // namespace varve
