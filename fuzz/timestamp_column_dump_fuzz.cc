// Any bytes as a timestamp column, after ten bytes with the count and the
// first timestamp: the dump shows every byte, and judges the column as the
// decoder does: the same timestamps, or an error of the same kind. Aborts
// where it does not. Inputs are those of timestamp_codec_fuzz.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "format/coding/varint.h"
#include "format/timestamps/timestamp_codec.h"
#include "format/timestamps/timestamp_column_dump.h"
#include "format/values/value_codec.h"
#include "fuzz/fuzz_check.h"
#include "tests/format/dump_text.h"

namespace varve {
namespace {

void CheckDump(const Slice& column, int64_t first, size_t count) {
  std::vector<int64_t> timestamps(count);
  const Status status =
      TimestampDecoder().Decode(column, first, count, timestamps.data());
  std::string text;
  const DumpedTimestamps dumped =
      DumpTimestampColumn(column, first, count, {}, &text);
  VARVE_CHECK(BytesOfDump(text) == column.ToString());
  VARVE_CHECK(dumped.status.code() == status.code());
  if (!status.ok()) timestamps.clear();
  VARVE_CHECK(dumped.timestamps == timestamps);
  const bool says_so = text.find("damaged: ") != std::string::npos ||
                       text.find("not known: ") != std::string::npos;
  VARVE_CHECK(says_so == !status.ok());
}

void CheckLimit(const Slice& column, int64_t first, size_t count,
                size_t bytes_max) {
  std::string text;
  ColumnDumpPlace place;
  place.bytes_max = bytes_max;
  DumpTimestampColumn(column, first, count, place, &text)
      .status.PermitUncheckedError();
  const size_t shown = std::min(bytes_max, column.size());
  VARVE_CHECK(BytesOfDump(text) == column.ToString().substr(0, shown));
}

}  // namespace
}  // namespace varve

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kHead = 10;
  if (size < kHead) return 0;
  const size_t count = 1 + (data[0] | data[1] << 8) % varve::kPieceSamplesMax;
  const auto first = static_cast<int64_t>(
      varve::LoadLittle64(reinterpret_cast<const char*>(data) + 2));
  // A copy that ends where the bytes end, for the address sanitizer.
  const std::unique_ptr<char[]> copy(new char[size - kHead]);
  if (size > kHead) std::memcpy(copy.get(), data + kHead, size - kHead);
  const varve::Slice column(copy.get(), size - kHead);
  varve::CheckDump(column, first, count);
  varve::CheckLimit(column, first, count, 8);
  return 0;
}
