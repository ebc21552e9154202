// What is left of a column's bytes while a decoder goes forward through them:
// those at p <= at < limit. Pass it by value where nothing is taken: both ends
// then stay in registers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "format/coding/varint.h"
#include "rocksdb/slice.h"

namespace varve {

struct ColumnBytes {
  const char* p = nullptr;
  const char* limit = nullptr;

  size_t size() const { return static_cast<size_t>(limit - p); }
  bool empty() const { return p == limit; }

  // Each takes what it reads off the front; false where the bytes end early or
  // are not such a field, after which nothing may be taken any more.
  bool TakeByte(uint8_t* byte) {
    if (p == limit) return false;
    *byte = static_cast<uint8_t>(*p++);
    return true;
  }
  bool TakeVarint(uint64_t* v) {
    p = DecodeVarint(p, limit, v);
    return p != nullptr;
  }
  bool TakeZigZag(uint64_t* v) {  // as two's complement
    if (!TakeVarint(v)) return false;
    *v = static_cast<uint64_t>(UnZigZag(*v));
    return true;
  }
  bool TakeBytes(uint64_t count, ColumnBytes* bytes) {
    if (count > size()) return false;
    *bytes = {p, p + count};
    p += count;
    return true;
  }
  // The same of bytes behind their number, a varint.
  bool TakeSized(ColumnBytes* bytes) {
    uint64_t count;
    return TakeVarint(&count) && TakeBytes(count, bytes);
  }
};

inline ColumnBytes BytesOf(const rocksdb::Slice& column) {
  return {column.data(), column.data() + column.size()};
}
// Behind the first `bytes` of the column, which has as many.
inline ColumnBytes BytesBehind(const rocksdb::Slice& column, size_t bytes) {
  return {column.data() + bytes, column.data() + column.size()};
}

}  // namespace varve
