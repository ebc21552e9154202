// See value_codec.h. Encodings so far: constant and raw.
#include "format/value_codec.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "format/varint.h"

namespace varve {
namespace {

// On disk. Numbers never change; new ones are added at the end.
enum ValueEncoding : uint8_t {
  kRaw = 0,       // count little-endian 64-bit words
  kConstant = 1,  // one little-endian 64-bit word, `count` times
};

constexpr size_t kWordBytes = 8;

}  // namespace

struct ValueEncoder::Scratch {};
struct ValueDecoder::Scratch {};
ValueEncoder::ValueEncoder() = default;
ValueEncoder::~ValueEncoder() = default;
ValueDecoder::ValueDecoder() = default;
ValueDecoder::~ValueDecoder() = default;

void ValueEncoder::Encode(const uint64_t* value_bits, size_t count,
                          Profile /*profile*/, std::string* out) {
  assert(count >= 1 && count <= kPieceSamplesMax);
  const bool constant =
      count > 1 && std::all_of(value_bits + 1, value_bits + count,
                               [&](uint64_t v) { return v == value_bits[0]; });
  const size_t words = constant ? 1 : count;
  out->push_back(static_cast<char>(constant ? kConstant : kRaw));
  const size_t start = out->size();
  out->resize(start + words * kWordBytes);
  for (size_t i = 0; i < words; ++i) {
    StoreLittle64(&(*out)[start + i * kWordBytes], value_bits[i]);
  }
}

Status ValueDecoder::Decode(const Slice& column, size_t count,
                            uint64_t* value_bits) {
  if (column.empty()) return Status::Corruption("value column: empty");
  const auto encoding = static_cast<uint8_t>(column[0]);
  const char* body = column.data() + 1;
  const size_t body_bytes = column.size() - 1;
  switch (encoding) {
    case kRaw:
      if (body_bytes != count * kWordBytes) break;
      for (size_t i = 0; i < count; ++i) {
        value_bits[i] = LoadLittle64(body + i * kWordBytes);
      }
      return Status::OK();
    case kConstant:
      if (body_bytes != kWordBytes) break;
      std::fill_n(value_bits, count, LoadLittle64(body));
      return Status::OK();
    default:
      return Status::NotSupported(
          "value column: encoding " + std::to_string(encoding) +
          " is not known to this version; read it with a newer Varve");
  }
  return Status::Corruption("value column: encoding " +
                            std::to_string(encoding) + " with " +
                            std::to_string(body_bytes) + " bytes for " +
                            std::to_string(count) + " values");
}

}  // namespace varve
