// See integer_column.h and FORMAT-values.md.
//
// column = mode:u8 last:varint [last_delta:varint] [factor:varint] body
#include "format/values/integer_column.h"

#include <algorithm>

#include "format/coding/bit_stream.h"
#include "format/coding/varint.h"
#include "format/values/integer_choice.h"
#include "format/values/value_constants.h"

namespace varve {
namespace {

// Below the first, nothing but mini-blocks is tried; below the second they
// are tried beside tokens.
constexpr size_t kMiniBlocksOnlyBelow = 64;
constexpr size_t kTokensMin = 512;
// Repeated runs in the sample from which matches are looked for.
constexpr unsigned kTokenMatchEighths = 1;
constexpr unsigned kByteMatchEighths = 5;
// Where raw bits outweigh tokens, and mini-blocks may be as small.
constexpr size_t kLongFieldBytes = 3;
constexpr int kSmallestLevel = 12;

struct ColumnHead {
  Predictor predictor = kFromLast;
  Packing packing = kPackZero;
  Sign sign = Sign::kZigZag;
  uint64_t last = 0;
  uint64_t last_delta = 0;  // kDelta2 only
  uint64_t factor = 1;
};

size_t ResidualCount(Predictor predictor, size_t count) {
  const size_t fewer = predictor == kDelta2 ? 2 : 1;
  return count > fewer ? count - fewer : 0;
}

void AppendHead(const ColumnHead& head, std::string* out) {
  const uint8_t mode =
      static_cast<uint8_t>(head.predictor) |
      (head.factor != 1 ? kFactorFlag : 0) |
      static_cast<uint8_t>(head.packing << kPackingShift) |
      (head.sign == Sign::kZigZag && head.packing >= kPackTokens ? kZigZagFlag
                                                                 : 0);
  char bytes[1 + 3 * kVarint64Bytes];
  char* p = bytes;
  *p++ = static_cast<char>(mode);
  p = EncodeVarint(p, ZigZag(static_cast<int64_t>(head.last)));
  if (head.predictor == kDelta2) {
    p = EncodeVarint(p, ZigZag(static_cast<int64_t>(head.last_delta)));
  }
  if (head.factor != 1) p = EncodeVarint(p, head.factor);
  out->append(bytes, static_cast<size_t>(p - bytes));
}

// Takes the head off the column; what is left is the body.
Fault TakeHead(ColumnBytes* column, ColumnHead* head) {
  constexpr Fault kCutOff = "integer column: head is cut off";
  uint8_t mode;
  if (!column->TakeByte(&mode)) return kCutOff;
  const uint8_t predictor = mode & kPredictorMask;
  const uint8_t packing = (mode >> kPackingShift) & kPackingMask;
  if ((mode & ~kModeKnown) != 0 || predictor > kDelta2 ||
      packing > kPackBytes) {
    return "integer column: unknown mode";
  }
  head->predictor = static_cast<Predictor>(predictor);
  head->packing = static_cast<Packing>(packing);
  head->sign = (mode & kZigZagFlag) != 0 ? Sign::kZigZag : Sign::kBias;
  if (!column->TakeZigZag(&head->last)) return kCutOff;
  if (head->predictor == kDelta2 && !column->TakeZigZag(&head->last_delta)) {
    return kCutOff;
  }
  if ((mode & kFactorFlag) != 0 && !column->TakeVarint(&head->factor)) {
    return kCutOff;
  }
  return kNoFault;
}

// Fills residuals (room for count) and the head's last values. Returns the
// bits that any residual has.
uint64_t Predict(const int64_t* values, size_t count, Predictor predictor,
                 const ValueKernels& kernels, ColumnHead* head,
                 int64_t* residuals) {
  head->predictor = predictor;
  head->last = static_cast<uint64_t>(values[count - 1]);
  head->last_delta = 0;
  if (predictor == kFromLast) {
    return kernels.subtract(values, count - 1, values[count - 1], residuals);
  }
  const uint64_t any = kernels.difference(values, count, residuals);
  if (predictor == kDelta || count < 2) return any;
  head->last_delta = static_cast<uint64_t>(residuals[count - 2]);
  return kernels.difference(residuals, count - 1, residuals);
}

// Residuals for one predictor, and the head so far.
struct Residuals {
  ColumnHead head;
  const int64_t* values = nullptr;
  size_t count = 0;
  bool zero = false;
};

// From residuals to integers: those before `next`, or (kDelta2) deltas.
void FinishResiduals(const ColumnHead& head, size_t count, uint64_t next,
                     const ValueKernels& kernels, uint64_t* out) {
  const uint64_t add = head.predictor == kFromLast ? head.last : 0;
  if (head.factor != 1 || add != 0) {
    kernels.scale(out, count, head.factor, add);
  }
  if (head.predictor != kFromLast) kernels.suffix_sum(out, count, next);
}

class IntegerEncoder {
 public:
  IntegerEncoder(const int64_t* values, size_t count, bool is_operand,
                 IntegerEncodeScratch* scratch)
      : values_(values),
        count_(count),
        is_operand_(is_operand),
        scratch_(scratch) {
    scratch->best.clear();
    for (auto& residuals : scratch->residuals) {
      if (residuals.size() < count) residuals.resize(count);
    }
  }

  void Fast(std::string* out);
  void Compact();
  void Smallest();
  // Appends the smallest that was tried.
  void Finish(std::string* out) const { out->append(scratch_->best); }

 private:
  const Residuals& For(Predictor predictor);
  bool Append(const Residuals& residuals, Packing packing, Sign sign, int level,
              std::string* out);
  void Try(Predictor predictor, Packing packing, Sign sign, int level);
  void TryFaster(Predictor predictor);

  const int64_t* const values_;
  const size_t count_;
  const bool is_operand_;  // so short that a search costs more than it gains
  IntegerEncodeScratch* const scratch_;
  Residuals made_[3];
};

const Residuals& IntegerEncoder::For(Predictor predictor) {
  Residuals& made = made_[predictor];
  if (made.values != nullptr) return made;
  int64_t* const residuals = scratch_->residuals[predictor].data();
  const uint64_t any =
      Predict(values_, count_, predictor, scratch_->packing.kernels, &made.head,
              residuals);
  made.values = residuals;
  made.count = ResidualCount(predictor, count_);
  const uint64_t factor = is_operand_
                              ? CommonPowerOfTwo(made.count, any)
                              : CommonFactor(residuals, made.count, any);
  made.zero = factor == 0;
  made.head.factor = made.zero ? 1 : factor;
  if (factor > 1) DivideExactly(residuals, made.count, factor);
  return made;
}

bool IntegerEncoder::Append(const Residuals& residuals, Packing packing,
                            Sign sign, int level, std::string* out) {
  ColumnHead head = residuals.head;
  head.packing = residuals.zero ? kPackZero : packing;
  head.sign = sign;
  AppendHead(head, out);
  PackingEncodeScratch* const packer = &scratch_->packing;
  if (head.packing == kPackMiniBlocks) {
    EncodeMiniBlocks(residuals.values, residuals.count, packer, out);
  } else if (head.packing == kPackTokens) {
    EncodeTokens(residuals.values, residuals.count, sign, level, packer, out);
  } else if (head.packing == kPackBytes) {
    return EncodeBytes(residuals.values, residuals.count, sign, level, packer,
                       out);
  }
  return true;
}

void IntegerEncoder::Try(Predictor predictor, Packing packing, Sign sign,
                         int level) {
  scratch_->candidate.clear();
  if (!Append(For(predictor), packing, sign, level, &scratch_->candidate)) {
    return;
  }
  if (scratch_->best.empty() ||
      scratch_->candidate.size() < scratch_->best.size()) {
    scratch_->best.swap(scratch_->candidate);
  }
}

// Mini-blocks are read several times faster than tokens: a little larger is
// still better.
void IntegerEncoder::TryFaster(Predictor predictor) {
  scratch_->candidate.clear();
  Append(For(predictor), kPackMiniBlocks, Sign::kBias, 0, &scratch_->candidate);
  const size_t most = scratch_->best.size() + scratch_->best.size() / 48;
  if (scratch_->candidate.size() <= most) {
    scratch_->best.swap(scratch_->candidate);
  }
}

void IntegerEncoder::Fast(std::string* out) {
  const Predictor predictor = ChooseMiniBlockPredictor(values_, count_);
  Append(For(predictor), kPackMiniBlocks, Sign::kBias, 0, out);
}

void IntegerEncoder::Compact() {
  if (count_ < kTokensMin) {
    Try(ChooseMiniBlockPredictor(values_, count_), kPackMiniBlocks, Sign::kBias,
        0);
    if (count_ < kMiniBlocksOnlyBelow || For(kDelta).zero) return;
  }
  const TokenChoice choice =
      ChooseTokens(values_, count_, scratch_->packing.kernels);
  const int level = choice.repeat_eighths >= kTokenMatchEighths ? 1 : 0;
  Try(choice.predictor, kPackTokens, choice.sign, level);
  if (made_[choice.predictor].zero) return;
  if (scratch_->best.size() > kLongFieldBytes * count_) {
    TryFaster(choice.predictor);
  }
  if (choice.repeat_eighths >= kByteMatchEighths) {
    Try(choice.repeats_predictor, kPackBytes, choice.repeats_sign, 1);
  }
}

void IntegerEncoder::Smallest() {
  for (Predictor predictor : {kFromLast, kDelta, kDelta2}) {
    Try(predictor, kPackMiniBlocks, Sign::kBias, 0);
    if (made_[predictor].zero) return;
    for (Sign sign : {Sign::kBias, Sign::kZigZag}) {
      Try(predictor, kPackTokens, sign, 1);
      Try(predictor, kPackTokens, sign, kSmallestLevel);
      Try(predictor, kPackBytes, sign, 1);
      Try(predictor, kPackBytes, sign, kSmallestLevel);
    }
  }
}

}  // namespace

void EncodeIntegers(const int64_t* values, size_t count, Profile profile,
                    IntegerEncodeScratch* scratch, std::string* out) {
  IntegerEncoder encoder(values, count, IsOperand(profile, count), scratch);
  if (profile == Profile::kFast || count < kMiniBlocksOnlyBelow) {
    return encoder.Fast(out);
  }
  if (profile == Profile::kCompact) {
    encoder.Compact();
  } else {
    encoder.Smallest();
  }
  encoder.Finish(out);
}

Fault DecodeIntegers(ColumnBytes column, size_t count, IndexRange range,
                     PackingDecodeScratch* scratch, uint64_t* out) {
  ColumnHead head;
  Fault fault = TakeHead(&column, &head);
  if (!fault.ok()) return fault;
  const size_t residual_count = ResidualCount(head.predictor, count);
  // Deltas are added up from the last value on.
  const size_t last_needed = head.predictor == kFromLast ? range.end : count;
  const IndexRange residuals = {std::min(range.begin, residual_count),
                                std::min(last_needed, residual_count)};
  if (head.packing == kPackZero || residual_count == 0) {
    if (!column.empty()) {
      return "integer column: bytes after a column of no body";
    }
    std::fill_n(out, residuals.size(), 0);
  } else if (head.packing == kPackMiniBlocks) {
    fault = DecodeMiniBlocks(column, residual_count, residuals, scratch, out);
  } else if (head.packing == kPackTokens) {
    fault = DecodeTokens(column, residual_count, residuals, head.sign, scratch,
                         out);
  } else {
    fault =
        DecodeBytes(column, residual_count, residuals, head.sign, scratch, out);
  }
  if (!fault.ok()) return fault;
  const uint64_t next = head.predictor == kDelta2 ? head.last_delta : head.last;
  FinishResiduals(head, residuals.size(), next, scratch->kernels, out);
  const size_t behind = count - range.begin;  // and the first of them, at out
  if (head.predictor == kFromLast && range.end < count) return kNoFault;
  if (head.predictor == kDelta2) {
    if (behind > 1) out[behind - 2] = head.last_delta;
    scratch->kernels.suffix_sum(out, behind - 1, head.last);
  }
  out[behind - 1] = head.last;
  return kNoFault;
}

bool IntegersHaveAWayIn(ColumnBytes column) {
  ColumnHead head;
  return TakeHead(&column, &head).ok() && head.packing <= kPackMiniBlocks;
}

bool IntegersCanBeOpened(ColumnBytes column) {
  ColumnHead head;
  return TakeHead(&column, &head).ok() && head.packing == kPackTokens &&
         head.predictor != kDelta2;
}

Fault OpenIntegers(ColumnBytes column, size_t count,
                   PackingDecodeScratch* scratch, OpenedIntegers* opened,
                   uint64_t* out) {
  ColumnHead head;
  Fault fault = TakeHead(&column, &head);
  if (!fault.ok()) return fault;
  const size_t tokens = ResidualCount(head.predictor, count);
  fault = OpenTokens(column, tokens, head.sign, scratch, opened);
  if (fault.ok()) {
    fault = DecodeOpenedTokens(column, *opened, {0, tokens}, head.sign,
                               scratch->kernels, out);
  }
  if (!fault.ok()) return fault;
  FinishResiduals(head, tokens, head.last, scratch->kernels, out);
  out[tokens] = head.last;
  for (size_t i = 0; i < opened->places.size(); ++i) {
    const size_t behind = (i + 1) * OpenedIntegers::kTokensApart;
    opened->places[i].next = out[std::min(behind, tokens)];
  }
  return kNoFault;
}

Fault DecodeOpenedIntegers(ColumnBytes column, size_t count, IndexRange range,
                           const OpenedIntegers& opened,
                           PackingDecodeScratch* scratch, uint64_t* out) {
  ColumnHead head;
  Fault fault = TakeHead(&column, &head);
  if (!fault.ok()) return fault;
  const size_t tokens = ResidualCount(head.predictor, count);
  if (opened.tokens.size() != tokens) return "opened tokens of another count";
  if (range.begin < tokens) {
    const size_t place =
        (std::min(range.end, tokens) - 1) / OpenedIntegers::kTokensApart;
    // Deltas are added up from the next place on.
    const size_t end = head.predictor == kFromLast
                           ? range.end
                           : (place + 1) * OpenedIntegers::kTokensApart;
    const IndexRange residuals = {range.begin, std::min(end, tokens)};
    fault = DecodeOpenedTokens(column, opened, residuals, head.sign,
                               scratch->kernels, out);
    if (!fault.ok()) return fault;
    FinishResiduals(head, residuals.size(), opened.places[place].next,
                    scratch->kernels, out);
  }
  if (range.end == count) out[count - 1 - range.begin] = head.last;
  return kNoFault;
}

bool IntegersArePackedSmall(ColumnBytes column) {
  ColumnHead head;
  return TakeHead(&column, &head).ok() && head.packing != kPackMiniBlocks;
}

Fault PeekLastInteger(ColumnBytes column, uint64_t* last) {
  ColumnHead head;
  const Fault fault = TakeHead(&column, &head);
  if (fault.ok()) *last = head.last;
  return fault;
}

}  // namespace varve
