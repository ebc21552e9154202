// Timestamps of every kind that tests of the codec use, from fixed seeds, and
// the columns whose bytes are kept in testdata/timestamp_columns.txt.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "format/timestamps/timestamp_codec.h"
#include "format/values/value_codec.h"
#include "tests/random_source.h"

namespace varve::timestamp_cases {

using Timestamps = std::vector<int64_t>;

inline constexpr int64_t kStart = 1700000000123;
inline constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
inline constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

struct TimestampCase {
  std::string name;
  Timestamps timestamps;
};

// Integers only, so that every machine makes the same cases.
class CaseSource : public RandomSource {
 public:
  using RandomSource::RandomSource;

  // About normal, deviation `sixteenths` / 16: the sum of twelve.
  int64_t Normal(int64_t sixteenths) {
    int64_t sum = 0;
    for (int i = 0; i < 12; ++i) sum += static_cast<int64_t>(Below(65536));
    return ((sum - 6 * 65536) * sixteenths + (1 << 19)) >> 20;
  }
  // About exponential.
  uint64_t Exponential(uint64_t mean) {
    uint64_t sum = 0;
    while (!OneIn(4)) sum += mean / 3;
    return sum + Below(mean / 3 + 1);
  }
};

inline Timestamps Ascending(Timestamps timestamps) {
  std::sort(timestamps.begin(), timestamps.end());
  timestamps.erase(std::unique(timestamps.begin(), timestamps.end()),
                   timestamps.end());
  return timestamps;
}

template <typename At>
Timestamps Make(size_t count, At at) {
  Timestamps timestamps;
  for (size_t i = 0; i < count; ++i) timestamps.push_back(at(i));
  return Ascending(std::move(timestamps));
}

inline Timestamps Regular(size_t count, int64_t step) {
  return Make(
      count, [&](size_t i) { return kStart + static_cast<int64_t>(i) * step; });
}

// Scrapes at `step` with jitter, one in `missing` of them missing.
inline Timestamps Scrapes(size_t count, int64_t step, int64_t jitter_16ths,
                          uint64_t missing, uint64_t seed = 1) {
  CaseSource source(seed);
  int64_t due = kStart;
  return Make(count, [&](size_t) {
    due += step;
    while (missing != 0 && source.OneIn(missing)) due += step;
    return due + source.Normal(jitter_16ths);
  });
}

inline Timestamps Poisson(size_t count, uint64_t mean, uint64_t seed = 2) {
  CaseSource source(seed);
  int64_t t = kStart;
  return Make(count, [&](size_t) {
    t += 1 + static_cast<int64_t>(source.Exponential(mean));
    return t;
  });
}

inline Timestamps Drifting(size_t count, uint64_t seed = 3) {
  CaseSource source(seed);
  int64_t t = kStart * 64;
  int64_t step = 1000 * 64;
  return Make(count, [&](size_t) {
    step += source.Normal(16);
    t += std::max<int64_t>(step, 64);
    return t / 64;
  });
}

inline Timestamps Bursts(size_t count, uint64_t seed = 4) {
  CaseSource source(seed);
  int64_t t = kStart;
  return Make(count, [&](size_t i) {
    t += i / 500 % 2 == 0 ? 10 + static_cast<int64_t>(source.Below(4))
                          : 60000 + static_cast<int64_t>(source.Below(3000));
    return t;
  });
}

inline Timestamps Anywhere(size_t count, uint64_t seed = 5) {
  CaseSource source(seed);
  return Make(count,
              [&](size_t) { return static_cast<int64_t>(source.Bits()); });
}

// A clock whose steps differ by a little more each time.
inline Timestamps Accelerating(size_t count, int64_t jitter_16ths = 0) {
  CaseSource source(6);
  int64_t step = 1000;
  int64_t t = kStart;
  return Make(count, [&](size_t) {
    step += 100 + source.Normal(jitter_16ths);
    return t += step;
  });
}

// A clock that is off by a part of its step, with jitter.
inline Timestamps Sloped(size_t count) {
  CaseSource source(7);
  return Make(count, [&](size_t i) {
    return kStart + static_cast<int64_t>(i) * 59999553 / 1000 +
           source.Normal(40);
  });
}

inline std::vector<TimestampCase> Cases() {
  std::vector<TimestampCase> cases = {
      {"one", {kStart}},
      {"two", {kStart, kStart + 1}},
      {"ends of int64", {kLeast, kMost}},
      {"ends and middle", {kLeast, 0, kMost}},
      {"ends and neighbours", {kLeast, kLeast + 1, kMost - 1, kMost}},
      {"last of int64", {kMost - 2, kMost - 1, kMost}},
      {"third of a second", Make(5000,
                                 [](size_t i) {
                                   return kStart +
                                          static_cast<int64_t>(i) * 1000 / 3;
                                 })},
      {"far outlier", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, kMost}},
      {"powers of two", Make(63, [](size_t i) { return int64_t{1} << i; })},
      {"negative powers",
       Make(63, [](size_t i) { return -(int64_t{1} << i); })},
      {"wide line", Make(8192,
                         [](size_t i) {
                           return kLeast +
                                  static_cast<int64_t>(i) * (int64_t{1} << 50) +
                                  static_cast<int64_t>(i % 3);
                         })},
  };
  for (const size_t count : {2, 3, 5, 16, 47, 49, 50, 255, 256, 257, 258, 512,
                             513, 514, 769, 1000, 2049, 8191, 8192}) {
    const std::string n = " " + std::to_string(count);
    cases.push_back({"regular" + n, Regular(count, 15000)});
    cases.push_back({"gaps" + n, Scrapes(count, 15000, 0, 100)});
    cases.push_back({"jitter 1" + n, Scrapes(count, 15000, 16, 0)});
    cases.push_back({"jitter 5" + n, Scrapes(count, 15000, 80, 0)});
    cases.push_back({"jitter and gaps" + n, Scrapes(count, 1000, 80, 20)});
    cases.push_back({"wild jitter" + n, Scrapes(count, 1000, 9000, 0)});
    cases.push_back({"poisson" + n, Poisson(count, 1000)});
    cases.push_back({"drift" + n, Drifting(count)});
    cases.push_back({"bursts" + n, Bursts(count)});
    cases.push_back({"anywhere" + n, Anywhere(count)});
    cases.push_back({"accelerating" + n, Accelerating(count)});
  }
  return cases;
}

struct GoldenColumn {
  std::string name;
  Profile profile;
  Timestamps timestamps;
};

// One at least for every encoding, layout and kind of token.
inline std::vector<GoldenColumn> GoldenColumns() {
  Timestamps shifted = Regular(40, 1000);
  for (size_t i = 20; i < 40; ++i) shifted[i] += 123456;
  return {
      {"step", Profile::kFast, Regular(16, 333)},
      {"step_seconds", Profile::kFast, Regular(16, 15000)},
      {"line_gaps", Profile::kCompact, Scrapes(60, 15000, 0, 10)},
      {"line_jitter", Profile::kFast, Scrapes(300, 15000, 16, 50)},
      {"line_slope", Profile::kFast,
       Make(300,
            [](size_t i) {
              return kStart + static_cast<int64_t>(i) * 60000553 / 1000 +
                     static_cast<int64_t>(i * 7919 % 50);
            })},
      {"line_fraction", Profile::kFast, Sloped(300)},
      {"line_tokens", Profile::kCompact, Scrapes(300, 15000, 80, 50)},
      {"line_four_streams", Profile::kCompact, Scrapes(700, 15000, 16, 0)},
      {"delta_shift", Profile::kFast, shifted},
      {"delta_packed", Profile::kCompact, Poisson(100, 1000)},
      {"delta_groups", Profile::kFast, Bursts(1200)},
      {"delta_tokens", Profile::kCompact, Poisson(600, 1000)},
      {"delta2_packed", Profile::kCompact, Accelerating(40)},
      {"delta2_tokens", Profile::kCompact, Accelerating(900, 128)},
      {"ends_of_int64", Profile::kCompact, {kLeast, -1, 0, kMost}},
  };
}

inline std::string Encode(const Timestamps& timestamps, Profile profile,
                          CpuLevel level = BestCpuLevel()) {
  std::string column;
  TimestampEncoder(level).Encode(timestamps.data(), timestamps.size(), profile,
                                 &column);
  return column;
}

inline Status Decode(const std::string& column, int64_t first, size_t count,
                     Timestamps* timestamps, CpuLevel level = BestCpuLevel()) {
  timestamps->assign(count, 0);
  return TimestampDecoder(level).Decode(column, first, count,
                                        timestamps->data());
}

}  // namespace varve::timestamp_cases
