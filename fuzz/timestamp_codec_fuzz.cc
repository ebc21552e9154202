// Any bytes as a timestamp column: an error, or ascending timestamps which
// encode and decode to themselves and which every kernel level agrees on. The
// first ten bytes choose the count and the first timestamp, the rest is the
// column. Aborts where a promise of timestamp_codec.h is broken.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "format/timestamp_codec.h"
#include "format/value_codec.h"
#include "format/varint.h"
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

void CheckFind(const Slice& column, const std::vector<int64_t>& timestamps) {
  TimestampDecoder decoder;
  for (const size_t i : {timestamps.size() / 2, timestamps.size() - 1}) {
    size_t index = 0;
    VARVE_CHECK(decoder
                    .Find(column, timestamps[0], timestamps.size(),
                          timestamps[i], &index)
                    .ok());
    VARVE_CHECK(index == i);
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
  CheckFind(column, timestamps);
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
