// Any bytes as a row key: foreign, or exactly what AppendRowKey writes for
// what was parsed. The first byte chooses the shape; the rest is the key, and
// also two series whose keys must sort as they do.
#include <cstdint>
#include <string>

#include "format/row/row_key.h"
#include "fuzz/fuzz_check.h"

namespace varve {
namespace {

RowShape ShapeOf(uint8_t choice) {
  constexpr int64_t kWidths[] = {kMillisPerSecond, kMillisPerHour,
                                 kMillisPerDay, 7 * kMillisPerDay};
  RowShape shape;
  shape.partition = static_cast<Partition>(choice & 3);
  shape.window = static_cast<WindowRule>(choice >> 2 & 1);
  shape.bucket_width_ms = kWidths[choice >> 3 & 3];
  return shape;
}

void CheckKey(const RowShape& shape, const Slice& key) {
  ParsedRowKey parsed;
  if (!ParseRowKey(shape, key, &parsed)) return;
  const std::string series = parsed.series();
  VARVE_CHECK(CheckSeries(series).ok());
  VARVE_CHECK(parsed.prefix_bytes + kBucketBytes == key.size());
  std::string again;
  AppendRowKey(shape, series, parsed.bucket_start_ms, &again);
  VARVE_CHECK(Slice(again) == key);
}

void CheckOrder(const RowShape& shape, const Slice& a, const Slice& b) {
  if (!CheckSeries(a).ok() || !CheckSeries(b).ok()) return;
  std::string key_a;
  std::string key_b;
  const int64_t bucket = shape.BucketStart(1709208000000);
  AppendRowKey(shape, a, bucket, &key_a);
  AppendRowKey(shape, b, bucket, &key_b);
  VARVE_CHECK((a.compare(b) < 0) == (Slice(key_a).compare(key_b) < 0));
  VARVE_CHECK((a == b) == (key_a == key_b));
  CheckKey(shape, key_a);
  ParsedRowKey parsed;
  VARVE_CHECK(ParseRowKey(shape, key_a, &parsed));
  VARVE_CHECK(Slice(parsed.series()) == a);
  for (size_t bytes = 0; bytes < key_a.size(); ++bytes) {
    VARVE_CHECK(!ParseRowKey(shape, Slice(key_a.data(), bytes), &parsed));
  }
}

}  // namespace
}  // namespace varve

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const varve::RowShape shape = varve::ShapeOf(data[0]);
  const varve::Slice rest(reinterpret_cast<const char*>(data + 1), size - 1);
  varve::CheckKey(shape, rest);
  const size_t half = rest.size() / 2;
  varve::CheckOrder(shape, varve::Slice(rest.data(), half),
                    varve::Slice(rest.data() + half, rest.size() - half));
  return 0;
}
