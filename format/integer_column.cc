// See integer_column.h and FORMAT.md.
//
// column = mode:u8 last:varint [last_delta:varint] [factor:varint] body
#include "format/integer_column.h"

#include <algorithm>
#include <numeric>

#include "format/bit_stream.h"
#include "format/value_constants.h"
#include "format/varint.h"

namespace varve {
namespace {

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

// Returns the byte after the head, nullptr with *fault set.
const char* ReadHead(const char* p, const char* limit, ColumnHead* head,
                     Fault* fault) {
  *fault = "integer column: head is cut off";
  if (p == limit) return nullptr;
  const auto mode = static_cast<uint8_t>(*p++);
  const uint8_t predictor = mode & kPredictorMask;
  const uint8_t packing = (mode >> kPackingShift) & kPackingMask;
  if ((mode & ~kModeKnown) != 0 || predictor > kDelta2 ||
      packing > kPackBytes) {
    *fault = "integer column: unknown mode";
    return nullptr;
  }
  head->predictor = static_cast<Predictor>(predictor);
  head->packing = static_cast<Packing>(packing);
  head->sign = (mode & kZigZagFlag) != 0 ? Sign::kZigZag : Sign::kBias;
  p = DecodeVarint(p, limit, &head->last);
  if (p == nullptr) return nullptr;
  head->last = static_cast<uint64_t>(UnZigZag(head->last));
  if (head->predictor == kDelta2) {
    p = DecodeVarint(p, limit, &head->last_delta);
    if (p == nullptr) return nullptr;
    head->last_delta = static_cast<uint64_t>(UnZigZag(head->last_delta));
  }
  if ((mode & kFactorFlag) != 0) {
    p = DecodeVarint(p, limit, &head->factor);
  }
  return p;
}

int64_t Minus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) -
                              static_cast<uint64_t>(b));
}

// Fills residuals (room for count) and the head's last values.
void Predict(const int64_t* values, size_t count, Predictor predictor,
             ColumnHead* head, int64_t* residuals) {
  head->predictor = predictor;
  head->last = static_cast<uint64_t>(values[count - 1]);
  head->last_delta = 0;
  if (predictor == kFromLast) {
    for (size_t i = 0; i + 1 < count; ++i) {
      residuals[i] = Minus(values[i], values[count - 1]);
    }
  } else if (predictor == kDelta) {
    for (size_t i = 0; i + 1 < count; ++i) {
      residuals[i] = Minus(values[i + 1], values[i]);
    }
  } else {
    int64_t delta = count > 1 ? Minus(values[1], values[0]) : 0;
    for (size_t i = 0; i + 2 < count; ++i) {
      const int64_t next = Minus(values[i + 2], values[i + 1]);
      residuals[i] = Minus(next, delta);
      delta = next;
    }
    head->last_delta = static_cast<uint64_t>(delta);
  }
}

uint64_t Magnitude(int64_t v) {
  return v < 0 ? 0 - static_cast<uint64_t>(v) : static_cast<uint64_t>(v);
}

// The common factor of all residuals when it is worth its bytes, else 1; 0
// when all are zero.
uint64_t CommonFactor(const int64_t* residuals, size_t count) {
  uint64_t any = 0;
  for (size_t i = 0; i < count; ++i) {
    any |= static_cast<uint64_t>(residuals[i]);
  }
  if (any == 0) return 0;
  uint64_t factor = 0;
  for (size_t i = 0; i < count && factor != 1; ++i) {
    factor = std::gcd(factor, Magnitude(residuals[i]));
  }
  const size_t saved_bits = count * (BitLength(factor) - 1);
  return saved_bits > 16 * VarintBytes(factor) ? factor : 1;
}

void DivideExactly(int64_t* residuals, size_t count, uint64_t factor) {
  const unsigned shift = static_cast<unsigned>(__builtin_ctzll(factor));
  const uint64_t odd = factor >> shift;
  uint64_t inverse = odd;  // Newton: each step doubles the right bits
  for (int i = 0; i < 5; ++i) inverse *= 2 - odd * inverse;
  for (size_t i = 0; i < count; ++i) {
    residuals[i] = static_cast<int64_t>(
        static_cast<uint64_t>(residuals[i] >> shift) * inverse);
  }
}

void AppendBody(const ColumnHead& head, const int64_t* residuals, size_t count,
                PackingEncodeScratch* scratch, std::string* out) {
  AppendHead(head, out);
  switch (head.packing) {
    case kPackBlocks:
      return EncodeBlocks(residuals, count, scratch, out);
    case kPackTokens:
      return EncodeTokens(residuals, count, head.sign, scratch, out);
    case kPackBytes:
      return EncodeBytes(residuals, count, head.sign, 3, scratch, out);
    default:
      return;
  }
}

}  // namespace

void EncodeIntegers(const int64_t* values, size_t count, Profile profile,
                    IntegerEncodeScratch* scratch, std::string* out) {
  if (scratch->residuals.size() < count) scratch->residuals.resize(count);
  int64_t* const residuals = scratch->residuals.data();
  scratch->best.clear();
  bool first = true;
  for (Predictor predictor : {kFromLast, kDelta, kDelta2}) {
    ColumnHead head;
    Predict(values, count, predictor, &head, residuals);
    const size_t residual_count = ResidualCount(predictor, count);
    const uint64_t factor = CommonFactor(residuals, residual_count);
    if (factor == 0) {
      AppendHead(head, out);
      return;
    }
    head.factor = factor;
    if (factor != 1) DivideExactly(residuals, residual_count, factor);
    for (Packing packing : {kPackBlocks, kPackTokens, kPackBytes}) {
      if (profile == Profile::kFast && packing != kPackBlocks) continue;
      for (Sign sign : {Sign::kBias, Sign::kZigZag}) {
        if (packing == kPackBlocks && sign == Sign::kZigZag) continue;
        head.packing = packing;
        head.sign = sign;
        scratch->candidate.clear();
        AppendBody(head, residuals, residual_count, &scratch->packing,
                   &scratch->candidate);
        if (first || scratch->candidate.size() < scratch->best.size()) {
          scratch->best.swap(scratch->candidate);
          first = false;
        }
      }
    }
  }
  out->append(scratch->best);
}

Fault DecodeIntegers(const char* p, const char* limit, size_t count,
                     PackingDecodeScratch* scratch, uint64_t* out) {
  ColumnHead head;
  Fault fault = nullptr;
  p = ReadHead(p, limit, &head, &fault);
  if (p == nullptr) return fault;
  fault = nullptr;
  const size_t residual_count = ResidualCount(head.predictor, count);
  if (head.packing == kPackZero || residual_count == 0) {
    if (p != limit) return "integer column: bytes after a column of no body";
    std::fill_n(out, residual_count, 0);
  } else if (head.packing == kPackBlocks) {
    fault = DecodeBlocks(p, limit, residual_count, scratch, out);
  } else if (head.packing == kPackTokens) {
    fault = DecodeTokens(p, limit, residual_count, head.sign, scratch, out);
  } else {
    fault = DecodeBytes(p, limit, residual_count, head.sign, scratch, out);
  }
  if (fault != nullptr) return fault;
  const uint64_t add = head.predictor == kFromLast ? head.last : 0;
  if (head.factor != 1 || add != 0) {
    scratch->kernels.scale(out, residual_count, head.factor, add);
  }
  switch (head.predictor) {
    case kFromLast:
      break;
    case kDelta:
      scratch->kernels.suffix_sum(out, residual_count, head.last);
      break;
    case kDelta2:
      scratch->kernels.suffix_sum(out, residual_count, head.last_delta);
      if (count > 1) out[count - 2] = head.last_delta;
      scratch->kernels.suffix_sum(out, count - 1, head.last);
      break;
  }
  out[count - 1] = head.last;
  return nullptr;
}

Fault PeekLastInteger(const char* p, const char* limit, uint64_t* last) {
  ColumnHead head;
  Fault fault = nullptr;
  if (ReadHead(p, limit, &head, &fault) == nullptr) return fault;
  *last = head.last;
  return nullptr;
}

}  // namespace varve
