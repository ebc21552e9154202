// Any bytes as a line of Prometheus' text format or OpenMetrics: refused with
// a reason, or what is written of it reads back as the same series and sample,
// bit for bit. The first byte chooses the unit of timestamps.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/fuzz_check.h"
#include "fuzz/same_samples.h"
#include "tools/exposition_line.h"
#include "tools/value_text.h"

namespace varve::tools {
namespace {

// A message is short, whatever it quotes.
constexpr size_t kErrorBytesMax = 400;

void CheckLine(TimeUnit unit, std::string_view line) {
  std::string series, error;
  Sample sample;
  if (!ParseExpositionLine(line, &unit, &series, &sample, &error)) {
    VARVE_CHECK(!error.empty() && error.size() < kErrorBytesMax);
    return;
  }
  VARVE_CHECK(unit != TimeUnit::kUnknown || sample.timestamp_ms < 0);
  VARVE_CHECK(!IsExpositionComment(line));
  VARVE_CHECK(LooksLikeExposition(line));
  std::string text;
  // Not of a series without labels, which "varve import" refuses, and not
  // UTF-8 is not OpenMetrics.
  if (series.empty() || !ExpositionName(series, &text).ok()) return;
  if (sample.timestamp_ms < kTimestampMin ||
      sample.timestamp_ms > kTimestampMax) {
    return;
  }
  text += ' ';
  AppendExpositionValue(sample.value, &text);
  text += ' ';
  AppendSeconds(sample.timestamp_ms, &text);
  TimeUnit seconds = TimeUnit::kSeconds;
  std::string again_series;
  Sample again;
  VARVE_CHECK(
      ParseExpositionLine(text, &seconds, &again_series, &again, &error));
  VARVE_CHECK(again_series == series);
  VARVE_CHECK(SameSamples({again}, {sample}));
}

}  // namespace
}  // namespace varve::tools

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  using varve::tools::TimeUnit;
  constexpr TimeUnit kUnits[] = {TimeUnit::kUnknown, TimeUnit::kMillis,
                                 TimeUnit::kSeconds};
  varve::tools::CheckLine(
      kUnits[data[0] % 3],
      std::string_view(reinterpret_cast<const char*>(data + 1), size - 1));
  return 0;
}
