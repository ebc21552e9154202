// Any bytes as a value column, after two bytes with the count: the dump shows
// every byte, and judges the column as the decoder does: the same values, or
// an error of the same kind. Aborts where it does not. Inputs are those of
// value_codec_fuzz.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "format/values/value_codec.h"
#include "format/values/value_column_dump.h"
#include "fuzz/fuzz_check.h"
#include "tests/format/dump_text.h"

namespace varve {
namespace {

void CheckDump(const Slice& column, size_t count) {
  std::vector<uint64_t> words(count);
  const Status status = ValueDecoder().Decode(column, count, words.data());
  std::string text;
  const DumpedValues dumped = DumpValueColumn(column, count, {}, &text);
  VARVE_CHECK(BytesOfDump(text) == column.ToString());
  VARVE_CHECK(dumped.status.code() == status.code());
  VARVE_CHECK(dumped.words == (status.ok() ? words : std::vector<uint64_t>()));
  const bool says_so = text.find("damaged: ") != std::string::npos ||
                       text.find("not known: ") != std::string::npos;
  VARVE_CHECK(says_so == !status.ok());
}

void CheckLimit(const Slice& column, size_t count, size_t bytes_max) {
  std::string text;
  ColumnDumpPlace place;
  place.bytes_max = bytes_max;
  DumpValueColumn(column, count, place, &text).status.PermitUncheckedError();
  const size_t shown = std::min(bytes_max, column.size());
  VARVE_CHECK(BytesOfDump(text) == column.ToString().substr(0, shown));
}

}  // namespace
}  // namespace varve

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t count = 1 + (data[0] | data[1] << 8) % varve::kPieceSamplesMax;
  // A copy that ends where the bytes end, for the address sanitizer.
  const std::unique_ptr<char[]> copy(new char[size - 2]);
  if (size > 2) std::memcpy(copy.get(), data + 2, size - 2);
  const varve::Slice column(copy.get(), size - 2);
  varve::CheckDump(column, count);
  varve::CheckLimit(column, count, 8);
  return 0;
}
