// Value columns for tests: values of every kind that monitoring
// knows, and the golden columns, one for each way that a column is stored.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "format/coding/value_bits.h"
#include "format/values/value_codec.h"
#include "tests/odd_values.h"
#include "tests/random_source.h"

namespace varve::value_cases {

using Words = std::vector<uint64_t>;

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

// Values of one kind, one after the other.
class Maker {
 public:
  Maker(Kind kind, size_t count, uint64_t seed)
      : kind_(kind), count_(count), random_(seed), walk_(Below(1000000)) {}

  uint64_t Word(size_t i) {
    const auto& odd = OddValueBits();
    const double v = Walks(static_cast<int64_t>(i));
    if (kind_ == kOddOnly || (kind_ == kTenthsWithOdd && Below(12) == 0)) {
      return odd[random_.Below(kGoldenOddValues)];
    }
    if (kind_ == kRandomWords) return random_.Bits();
    if (kind_ == kStaleRuns && (i / 13) % 4 == 1) return 0x7ff0000000000002;
    return BitsOf(v);
  }

 private:
  int64_t Below(uint64_t n) { return static_cast<int64_t>(random_.Below(n)); }
  double Uniform(uint64_t n) { return static_cast<double>(Below(n)); }

  double Walks(int64_t i) {
    switch (kind_) {
      case kCounter:
        return static_cast<double>(walk_ += Below(200));
      case kReset:
        walk_ = Below(300) == 0 ? 0 : walk_ + Below(50);
        return static_cast<double>(walk_);
      case kGauge:
        return static_cast<double>(walk_ += Below(9) - 4) / 10;
      case kMemory:
        return static_cast<double>(4096 * (walk_ += Below(65) - 32));
      case kNoisySum:
        return sum_ += Uniform(50) * 0.01;
      default:
        return Shapes(i);
    }
  }

  double Shapes(int64_t i) {
    switch (kind_) {
      case kRate:
        return (5000 + Uniform(400)) / 15;
      case kTenthsWithOdd:
        return Uniform(400) / 10;
      case kFullDouble:
        return static_cast<double>(random_.Bits() >> 11) / 7e15;
      case kFloat32:
        return static_cast<float>(Uniform(100000) / 77.0);
      case kFewLong:
        return std::sqrt(2 + Uniform(20));
      case kSparse:
        return Below(50) == 0 ? Uniform(100) : 0;
      case kStaleRuns:
        return static_cast<double>(i);
      case kLine:
        return static_cast<double>(17 + 60 * i);
      case kParabola:
        return static_cast<double>(3 * i * i - 5 * i);
      case kRepeating:
        return static_cast<double>((i * i) % 37);
      case kWideSteps: {
        const double mantissa = Uniform(1000);
        return std::ldexp(mantissa, static_cast<int>(Below(600)) - 300);
      }
      default:
        return i == static_cast<int64_t>(count_ / 2) ? 2.5 : 7;
    }
  }

  const Kind kind_;
  const size_t count_;
  RandomSource random_;
  int64_t walk_;
  double sum_ = 0;
};

inline Words Make(Kind kind, size_t count, uint64_t seed) {
  Maker maker(kind, count, seed);
  Words words(count);
  for (size_t i = 0; i < count; ++i) words[i] = maker.Word(i);
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
      {"one_decimal", Profile::kFast, {BitsOf(21.5)}},
      {"one_word", Profile::kFast, {0x7ff0000000000002}},
      {"raw", Profile::kFast, Make(kRandomWords, 5, 1)},
      {"constant", Profile::kCompact, Words(300, BitsOf(-12345.678))},
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
