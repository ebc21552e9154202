// See value_parts.h.
#include "format/values/value_parts.h"

#include "format/coding/column_bytes.h"
#include "format/values/value_constants.h"

namespace varve {

Fault TakeSource(uint8_t encoding, ColumnBytes* column, ColumnSource* source) {
  constexpr Fault kDamaged = "parameter of the source";
  source->source = encoding & kSourceMask;
  if (source->source == kRational) {
    constexpr uint64_t kDivisorLimit = uint64_t{1} << 53;  // exact below
    const bool exact = column->TakeVarint(&source->divisor) &&
                       source->divisor != 0 && source->divisor < kDivisorLimit;
    return exact ? kNoFault : kDamaged;
  }
  if (source->source == kWords) {
    uint8_t shift;
    if (!column->TakeByte(&shift)) return kDamaged;
    source->shift = shift;
    return shift <= 63 ? kNoFault : kDamaged;
  }
  return source->source <= kDecimalExponentMax ? kNoFault : kDamaged;
}

void Express(const ColumnSource& source, const ValueKernels& kernels,
             uint64_t* integers, size_t count) {
  if (source.source == kWords) {
    kernels.unorder(integers, count, source.shift);
    return;
  }
  const double by = source.source == kRational
                        ? static_cast<double>(source.divisor)
                        : kPowersOfTen[source.source];
  kernels.divide(integers, count, by);
}

bool FindParts(const Slice& column, ColumnParts* parts) {
  ColumnBytes bytes = BytesOf(column);
  uint8_t encoding;
  if (!bytes.TakeByte(&encoding)) return false;
  const uint8_t family = encoding & kEncodingFamilyMask;
  if (family == kColumnWithParts) {
    uint8_t listed;
    if (!bytes.TakeByte(&listed) || listed != kPartCorrections) return false;
  } else if (family != kColumn) {
    return false;
  }
  if (!TakeSource(encoding, &bytes, &parts->source).ok()) return false;
  if (family == kColumnWithParts && !bytes.TakeSized(&parts->corrections)) {
    return false;
  }
  parts->integers = bytes;
  return true;
}

bool HasExceptions(const Slice& column) {
  return column.size() >= 2 &&
         (static_cast<uint8_t>(column[0]) & kEncodingFamilyMask) ==
             kColumnWithParts &&
         (static_cast<uint8_t>(column[1]) & kPartExceptions) != 0;
}

}  // namespace varve
