// See value_parts.h.
#include "format/values/value_parts.h"

#include "format/coding/varint.h"
#include "format/values/value_constants.h"

namespace varve {

const char* ReadSource(uint8_t encoding, const char* p, const char* limit,
                       ColumnSource* source) {
  source->source = encoding & kSourceMask;
  if (source->source == kRational) {
    p = DecodeVarint(p, limit, &source->divisor);
    const bool exact = source->divisor != 0 && source->divisor < uint64_t{1}
                                                                     << 53;
    return exact ? p : nullptr;
  }
  if (source->source == kWords) {
    if (p == limit) return nullptr;
    source->shift = static_cast<uint8_t>(*p++);
    return source->shift <= 63 ? p : nullptr;
  }
  return source->source <= kDecimalExponentMax ? p : nullptr;
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
  if (column.empty()) return false;
  const auto encoding = static_cast<uint8_t>(column[0]);
  const uint8_t family = encoding & kEncodingFamilyMask;
  const char* p = column.data() + 1;
  const char* const limit = column.data() + column.size();
  if (family == kColumnWithParts) {
    if (p == limit || *p++ != kPartCorrections) return false;
  } else if (family != kColumn) {
    return false;
  }
  p = ReadSource(encoding, p, limit, &parts->source);
  if (p != nullptr && family == kColumnWithParts) {
    uint64_t bytes;
    p = DecodeVarint(p, limit, &bytes);
    if (p == nullptr || bytes > static_cast<size_t>(limit - p)) return false;
    parts->corrections = Slice(p, bytes);
    p += bytes;
  }
  if (p == nullptr) return false;
  parts->integers = Slice(p, static_cast<size_t>(limit - p));
  return true;
}

bool HasExceptions(const Slice& column) {
  return column.size() >= 2 &&
         (static_cast<uint8_t>(column[0]) & kEncodingFamilyMask) ==
             kColumnWithParts &&
         (static_cast<uint8_t>(column[1]) & kPartExceptions) != 0;
}

}  // namespace varve
