// Any bytes as a timestamp column: an error, or ascending timestamps which
// encode and decode to themselves and which every kernel level agrees on. The
// first ten bytes choose the count and the first timestamp, the rest is the
// column. Aborts where a promise of timestamp_codec.h is broken.
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "format/coding/varint.h"
#include "format/timestamps/timestamp_codec.h"
#include "format/values/value_codec.h"
#include "fuzz/fuzz_check.h"

namespace varve {
namespace {

// A copy that ends where the bytes end, for the address sanitizer.
class ExactBytes {
 public:
  explicit ExactBytes(const Slice& bytes)
      : bytes_(new char[bytes.size()]), size_(bytes.size()) {
    if (size_ != 0) std::memcpy(bytes_.get(), bytes.data(), size_);
  }
  Slice slice() const { return Slice(bytes_.get(), size_); }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_;
};

void CheckRoundTrip(const std::vector<int64_t>& timestamps) {
  for (const Profile profile :
       {Profile::kFast, Profile::kCompact, Profile::kSmallest}) {
    std::string column;
    TimestampEncoder().Encode(timestamps.data(), timestamps.size(), profile,
                              &column);
    std::string plain;
    TimestampEncoder(CpuLevel::kPlain)
        .Encode(timestamps.data(), timestamps.size(), profile, &plain);
    VARVE_CHECK(column == plain);
    std::vector<int64_t> decoded(timestamps.size());
    VARVE_CHECK(TimestampDecoder()
                    .Decode(ExactBytes(column).slice(), timestamps[0],
                            decoded.size(), decoded.data())
                    .ok());
    VARVE_CHECK(decoded == timestamps);
  }
}

// Of any bytes: an error, or ascending timestamps of the range asked for, which
// those of a whole column are.
void CheckRange(const Slice& column, int64_t first, size_t count,
                int64_t from_ms, int64_t to_ms,
                const std::vector<int64_t>* whole) {
  static ColumnCache cache(1 << 20, 1);
  for (int way = 0; way < 4; ++way) {  // the last finds what the third kept
    TimestampDecoder decoder(way == 1 ? CpuLevel::kPlain : BestCpuLevel());
    TimestampRange range;
    const Status status =
        decoder.DecodeRange(column, first, count, {from_ms, to_ms},
                            way < 2 ? nullptr : &cache, &range);
    if (!status.ok()) {
      VARVE_CHECK(whole == nullptr);
      VARVE_CHECK(status.IsCorruption() || status.IsNotSupported());
      continue;
    }
    VARVE_CHECK(range.begin <= range.end && range.end <= count);
    for (size_t i = 0; i < range.size(); ++i) {
      const int64_t t = range.timestamps[i];
      VARVE_CHECK(t >= from_ms && t <= to_ms);
      VARVE_CHECK(i == 0 || t > range.timestamps[i - 1]);
      VARVE_CHECK(whole == nullptr || t == (*whole)[range.begin + i]);
    }
    if (whole == nullptr) continue;
    VARVE_CHECK(range.begin == 0 || (*whole)[range.begin - 1] < from_ms);
    VARVE_CHECK(range.end == count || (*whole)[range.end] > to_ms ||
                from_ms > to_ms);
  }
}

void CheckRanges(const Slice& column, const std::vector<int64_t>& timestamps) {
  const size_t count = timestamps.size();
  for (const size_t i : {count / 3, count / 2, count - 1}) {
    for (const size_t j : {i, (i + count) / 2, count - 1}) {
      CheckRange(column, timestamps[0], count, timestamps[i], timestamps[j],
                 &timestamps);
    }
  }
}

void CheckColumn(const Slice& column, int64_t first, size_t count) {
  std::vector<int64_t> timestamps(count);
  std::vector<int64_t> plain(count);
  const Status status =
      TimestampDecoder().Decode(column, first, count, timestamps.data());
  const Status plain_status = TimestampDecoder(CpuLevel::kPlain)
                                  .Decode(column, first, count, plain.data());
  VARVE_CHECK(status.code() == plain_status.code());
  uint64_t step = 0;
  const bool constant = ReadConstantStep(column, first, count, &step);
  if (!status.ok()) {
    VARVE_CHECK(status.IsCorruption() || status.IsNotSupported());
    VARVE_CHECK(!constant);
    const int64_t last = std::numeric_limits<int64_t>::max();
    CheckRange(column, first, count, first, first, nullptr);
    CheckRange(column, first, count, first, last, nullptr);
    CheckRange(column, first, count, first / 2 + last / 2, last, nullptr);
    return;
  }
  VARVE_CHECK(timestamps == plain);
  VARVE_CHECK(timestamps[0] == first);
  for (size_t i = 1; i < count; ++i) {
    VARVE_CHECK(timestamps[i] > timestamps[i - 1]);
    VARVE_CHECK(!constant || static_cast<uint64_t>(timestamps[i]) -
                                     static_cast<uint64_t>(timestamps[i - 1]) ==
                                 step);
  }
  CheckRanges(column, timestamps);
  CheckRoundTrip(timestamps);
}

}  // namespace
}  // namespace varve

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 10) return 0;
  const char* const bytes = reinterpret_cast<const char*>(data);
  const size_t count = 1 + (data[0] | data[1] << 8) % varve::kPieceSamplesMax;
  const auto first = static_cast<int64_t>(varve::LoadLittle64(bytes + 2));
  const varve::ExactBytes column(varve::Slice(bytes + 10, size - 10));
  varve::CheckColumn(column.slice(), first, count);
  return 0;
}
