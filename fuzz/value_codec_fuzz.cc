// Any bytes as a value column, after two bytes with the count: an error, or
// values that are the same on every kernel level and encode again to a column
// that decodes to them.
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "format/values/value_codec.h"
#include "fuzz/fuzz_check.h"

namespace varve {
namespace {

void CheckEncodesAgain(const std::vector<uint64_t>& values, Profile profile) {
  std::string column, again;
  ValueEncoder().Encode(values.data(), values.size(), profile, &column);
  ValueEncoder(CpuLevel::kPlain)
      .Encode(values.data(), values.size(), profile, &again);
  VARVE_CHECK(column == again);
  std::vector<uint64_t> decoded(values.size());
  VARVE_CHECK(
      ValueDecoder().Decode(column, decoded.size(), decoded.data()).ok());
  VARVE_CHECK(decoded == values);
}

// Of any bytes: an error, or the values of the whole column if it is one.
// What lies around the range's memory stays.
void CheckRange(const Slice& column, size_t count, const IndexRange& range,
                const std::vector<uint64_t>* whole) {
  constexpr uint64_t kAround = 0x5eed5eed5eed5eed;
  static ColumnCache cache(1 << 20, 1);
  for (int way = 0; way < 4; ++way) {  // the last finds what the third kept
    std::vector<uint64_t> values(range.size() + 2, kAround);
    ValueDecoder decoder(way == 1 ? CpuLevel::kPlain : BestCpuLevel());
    const Status status = decoder.DecodeRange(
        column, count, range, way < 2 ? nullptr : &cache, &values[1]);
    VARVE_CHECK(values.front() == kAround && values.back() == kAround);
    if (!status.ok()) {
      VARVE_CHECK(whole == nullptr);
      VARVE_CHECK(status.IsCorruption() || status.IsNotSupported());
    } else if (whole != nullptr) {
      VARVE_CHECK(std::memcmp(&values[1], whole->data() + range.begin,
                              range.size() * sizeof(uint64_t)) == 0);
    }
  }
}

void CheckRanges(const Slice& column, size_t count,
                 const std::vector<uint64_t>* whole) {
  for (const size_t begin : {size_t{0}, count / 3, count / 2, count - 1}) {
    for (const size_t end : {begin + 1, (begin + 1 + count) / 2, count}) {
      CheckRange(column, count, {begin, end}, whole);
    }
  }
}

void CheckColumn(const Slice& column, size_t count) {
  std::vector<uint64_t> values(count), plain(count);
  ValueDecoder decoder;
  const Status status = decoder.Decode(column, count, values.data());
  const Status plain_status =
      ValueDecoder(CpuLevel::kPlain).Decode(column, count, plain.data());
  VARVE_CHECK(status.code() == plain_status.code());
  if (!status.ok()) {
    VARVE_CHECK(status.IsCorruption() || status.IsNotSupported());
    CheckRanges(column, count, nullptr);
    return;
  }
  VARVE_CHECK(values == plain);
  CheckRanges(column, count, &values);
  uint64_t word = 0;
  VARVE_CHECK(decoder.DecodeLast(column, count, &word).ok());
  VARVE_CHECK(word == values.back());
  CheckEncodesAgain(values, Profile::kFast);
  CheckEncodesAgain(values, Profile::kCompact);
}

}  // namespace
}  // namespace varve

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t count = 1 + (data[0] | data[1] << 8) % varve::kPieceSamplesMax;
  const varve::Slice rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  varve::CheckColumn(rest, count);
  // The same bytes as values.
  const size_t words = (size - 2) / 8;
  if (words == 0 || words > varve::kPieceSamplesMax) return 0;
  std::vector<uint64_t> values(words);
  std::memcpy(values.data(), rest.data(), words * 8);
  varve::CheckEncodesAgain(values, varve::Profile::kFast);
  varve::CheckEncodesAgain(values, varve::Profile::kCompact);
  return 0;
}
