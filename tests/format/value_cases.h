// Value columns for tests: odd values, values of every kind that monitoring
// knows, and the golden columns, one for each way that a column is stored.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "format/value_codec.h"

namespace varve::value_cases {

using Words = std::vector<uint64_t>;
using Random = std::mt19937_64;

inline uint64_t WordOf(double value) {
  uint64_t word;
  std::memcpy(&word, &value, sizeof word);
  return word;
}

// Every kind of float64 that codecs get wrong.
inline const Words& OddWords() {
  static const Words kOdd = {
      0x0000000000000000,  // 0
      0x8000000000000000,  // -0
      0x7ff0000000000000,  // inf
      0xfff0000000000000,  // -inf
      0x7ff8000000000000,  // quiet NaN
      0x7ff0000000000001,  // signalling NaN
      0x7ff0000000000002,  // stale marker
      0xfff8dead0000beef,  // NaN with a payload
      0xffffffffffffffff,  // the last NaN
      0x0000000000000001,  // smallest denormal
      0x800fffffffffffff,  // largest negative denormal
      0x0010000000000000,  // smallest normal
      0x7fefffffffffffff,  // largest finite
      0x433fffffffffffff,  // 2^53 - 1
      0x4340000000000000,  // 2^53
      0x4340000000000001,  // 2^53 + 2
      0xc3e0000000000000,  // -2^63
      0x3fb999999999999a,  // 0.1
      0x3fd3333333333334,  // 0.1 + 0.2
      0x3ff0000000000001,  // 1 and one unit in the last place
  };
  return kOdd;
}

enum Kind {
  kCounter,
  kReset,
  kGauge,
  kMemory,
  kNoisySum,
  kRate,
  kTenthsWithOdd,
  kOddOnly,
  kRandomWords,
  kFullDouble,
  kFloat32,
  kFewLong,
  kSparse,
  kStaleRuns,
  kLine,
  kParabola,
  kRepeating,
  kWideSteps,
  kConstantButOne,
  kKinds,
};

// `count` values of one kind.
inline Words Make(Kind kind, size_t count, uint64_t seed) {
  Random random(seed);
  const auto below = [&](uint64_t n) {
    return static_cast<int64_t>(random() % n);
  };
  Words words(count);
  int64_t walk = below(1000000);
  double sum = 0;
  for (size_t i = 0; i < count; ++i) {
    const auto x = static_cast<int64_t>(i);
    double v = 0;
    switch (kind) {
      case kCounter:
        v = static_cast<double>(walk += below(200));
        break;
      case kReset:
        walk = below(300) == 0 ? 0 : walk + below(50);
        v = static_cast<double>(walk);
        break;
      case kGauge:
        v = static_cast<double>(walk += below(9) - 4) / 10;
        break;
      case kMemory:
        v = static_cast<double>(4096 * (walk += below(65) - 32));
        break;
      case kNoisySum:
        v = sum += static_cast<double>(below(50)) * 0.01;
        break;
      case kRate:
        v = static_cast<double>(5000 + below(400)) / 15;
        break;
      case kTenthsWithOdd:
        v = static_cast<double>(below(400)) / 10;
        break;
      case kOddOnly:
        break;
      case kRandomWords:
        break;
      case kFullDouble:
        v = static_cast<double>(random() >> 11) / 7e15;
        break;
      case kFloat32:
        v = static_cast<float>(static_cast<double>(below(100000)) / 77.0);
        break;
      case kFewLong:
        v = std::sqrt(static_cast<double>(2 + below(20)));
        break;
      case kSparse:
        v = below(50) == 0 ? static_cast<double>(below(100)) : 0;
        break;
      case kStaleRuns:
        v = static_cast<double>(x);
        break;
      case kLine:
        v = static_cast<double>(17 + 60 * x);
        break;
      case kParabola:
        v = static_cast<double>(3 * x * x - 5 * x);
        break;
      case kRepeating:
        v = static_cast<double>((x * x) % 37);
        break;
      case kWideSteps:
        v = std::ldexp(static_cast<double>(below(1000)),
                       static_cast<int>(below(600)) - 300);
        break;
      default:
        v = x == static_cast<int64_t>(count / 2) ? 2.5 : 7;
        break;
    }
    words[i] = WordOf(v);
    const auto& odd = OddWords();
    if (kind == kOddOnly || (kind == kTenthsWithOdd && below(12) == 0)) {
      words[i] = odd[random() % odd.size()];
    } else if (kind == kRandomWords) {
      words[i] = random();
    } else if (kind == kStaleRuns && (i / 13) % 4 == 1) {
      words[i] = 0x7ff0000000000002;
    }
  }
  return words;
}

struct GoldenColumn {
  std::string name;
  Profile profile;
  Words words;
};

// Together they use every encoding, source, part, predictor and packing.
inline std::vector<GoldenColumn> GoldenColumns() {
  std::vector<GoldenColumn> golden = {
      {"one_decimal", Profile::kFast, {WordOf(21.5)}},
      {"one_word", Profile::kFast, {0x7ff0000000000002}},
      {"raw", Profile::kFast, Make(kRandomWords, 5, 1)},
      {"constant", Profile::kCompact, Words(300, WordOf(-12345.678))},
  };
  const char* const names[kKinds] = {
      "counter",  "reset",     "gauge",      "memory",          "noisy_sum",
      "rate",     "tenths",    "odd",        "random",          "full_double",
      "float32",  "few",       "sparse",     "stale",           "line",
      "parabola", "repeating", "wide_steps", "constant_but_one"};
  for (int kind = 0; kind < kKinds; ++kind) {
    const auto k = static_cast<Kind>(kind);
    const std::string name = names[kind];
    golden.push_back({name + "_fast", Profile::kFast, Make(k, 130, 7)});
    golden.push_back({name + "_compact", Profile::kCompact, Make(k, 700, 8)});
  }
  golden.push_back(
      {"counter_piece", Profile::kCompact, Make(kCounter, 2500, 9)});
  golden.push_back(
      {"repeating_smallest", Profile::kSmallest, Make(kRepeating, 900, 9)});
  return golden;
}

}  // namespace varve::value_cases
