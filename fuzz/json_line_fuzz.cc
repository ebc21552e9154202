// Any bytes as a line of JSON for "varve import": refused with a reason, or
// what is written of it reads back as the same series and samples, bit for bit.
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzz_check.h"
#include "fuzz/same_samples.h"
#include "tools/json_line.h"
#include "tools/value_text.h"

namespace {

void CheckReadsBack(const std::string& series,
                    const std::vector<varve::Sample>& samples,
                    varve::tools::JsonValues form) {
  std::vector<int64_t> timestamps_ms;
  std::vector<double> values;
  for (const varve::Sample& sample : samples) {
    timestamps_ms.push_back(sample.timestamp_ms);
    values.push_back(sample.value);
  }
  std::string text;
  VARVE_CHECK(varve::tools::AppendJsonLine(series, timestamps_ms.data(),
                                           values.data(), samples.size(), form,
                                           &text)
                  .ok());
  static varve::tools::JsonLineParser parser;
  std::string again_series, error;
  std::vector<varve::Sample> again;
  VARVE_CHECK(parser.Parse(text, &again_series, &again, &error));
  VARVE_CHECK(again_series == series);
  VARVE_CHECK(varve::SameSamples(again, samples));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static varve::tools::JsonLineParser parser;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  std::string series, error;
  std::vector<varve::Sample> samples;
  if (!parser.Parse(line, &series, &samples, &error)) {
    VARVE_CHECK(!error.empty() && error.size() < 400);
    return 0;
  }
  CheckReadsBack(series, samples, varve::tools::JsonValues::kJson);
  // Bare, a NaN's bits are the plain one's.
  for (varve::Sample& sample : samples) {
    if (std::isnan(sample.value)) sample.value = varve::tools::PlainNan();
  }
  CheckReadsBack(series, samples, varve::tools::JsonValues::kBare);
  return 0;
}
