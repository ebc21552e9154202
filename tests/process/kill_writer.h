// What the writer that gets killed writes, so that its parent knows it too:
// batch `i` of the kill test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "varve/varve.h"

namespace varve {

inline constexpr int64_t kKillNowMs = 1728000000000;
inline constexpr char kKillPolicy[] = "bucket=1h;partition=day";

// Written by every batch: the batch's number at one timestamp.
inline constexpr char kLastSeries[] = "last";
inline constexpr int64_t kLastMs = kKillNowMs - 1000;

struct SeriesSamples {
  std::string series;
  std::vector<Sample> samples;
};

// Timestamps of a batch are its own; a third of them late.
inline std::vector<SeriesSamples> KillBatch(int64_t i) {
  std::vector<SeriesSamples> batch;
  batch.push_back({kLastSeries, {{kLastMs, static_cast<double>(i)}}});
  for (const char* const series : {"a", "b", "c"}) {
    SeriesSamples samples = {series, {}};
    for (int64_t k = 0; k < 8; ++k) {
      const int64_t place = i % 3 == 2 ? -i : i;
      samples.samples.push_back(
          {kKillNowMs - 86400000 * 2 + place * 8000 + k * 1000,
           static_cast<double>(i * 100 + k)});
    }
    batch.push_back(samples);
  }
  return batch;
}

}  // namespace varve
