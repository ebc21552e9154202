// Varints under zstd. See integer_packing.h and FORMAT-values.md.
//
// bytes = [bias:varint] varint_bytes:varint frame
#include <algorithm>

#include "format/coding/bit_stream.h"
#include "format/coding/varint.h"
#include "format/values/integer_packing.h"

namespace varve {

bool EncodeBytes(const int64_t* values, size_t count, Sign sign, int level,
                 PackingEncodeScratch* scratch, std::string* out) {
  scratch->bytes.resize(
      std::max(scratch->bytes.size(), count * kVarint64Bytes));
  uint64_t bias = 0;
  if (sign == Sign::kBias) {
    bias = static_cast<uint64_t>(*std::min_element(values, values + count));
    AppendVarint(out, ZigZag(static_cast<int64_t>(bias)));
  }
  char* p = scratch->bytes.data();
  for (size_t i = 0; i < count; ++i) {
    p = EncodeVarint(p, sign == Sign::kZigZag
                            ? ZigZag(values[i])
                            : static_cast<uint64_t>(values[i]) - bias);
  }
  const size_t bytes = static_cast<size_t>(p - scratch->bytes.data());
  AppendVarint(out, bytes);
  return scratch->zstd.Append(scratch->bytes.data(), bytes, level, SIZE_MAX,
                              out) != 0;
}

Fault DecodeBytes(ColumnBytes body, size_t count, IndexRange range, Sign sign,
                  PackingDecodeScratch* scratch, uint64_t* out) {
  uint64_t bias = 0;
  if (sign == Sign::kBias && !body.TakeZigZag(&bias)) {
    return "byte bias is cut off";
  }
  uint64_t bytes;
  if (!body.TakeVarint(&bytes)) return "size of the varints is cut off";
  if (bytes < count || bytes > count * kVarint64Bytes) {
    return "size of the varints does not fit their count";
  }
  if (scratch->bytes.size() < bytes) scratch->bytes.resize(bytes);
  char* const varints = scratch->bytes.data();
  if (!scratch->zstd.Read(body.p, body.size(), varints, bytes)) {
    return "varint frame does not decompress to its size";
  }
  const char* at = varints;
  const char* const end = varints + bytes;
  for (size_t i = 0; i < range.begin; ++i) {
    while (at < end && static_cast<unsigned char>(*at) >= 0x80) ++at;
    if (at == end) return "varints end early";
    ++at;
  }
  const size_t wanted = range.size();
  for (size_t i = 0; i < wanted; ++i) {
    if (at < end && static_cast<unsigned char>(*at) < 0x80) {
      out[i] = static_cast<unsigned char>(*at++);
      continue;
    }
    at = DecodeVarint(at, end, &out[i]);
    if (at == nullptr) return "varint is damaged";
  }
  if (range.end == count && at != end) return "bytes after the last varint";
  if (sign == Sign::kZigZag) {
    for (size_t i = 0; i < wanted; ++i) {
      out[i] = static_cast<uint64_t>(UnZigZag(out[i]));
    }
  } else {
    for (size_t i = 0; i < wanted; ++i) out[i] += bias;
  }
  return kNoFault;
}

}  // namespace varve
