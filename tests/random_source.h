// Random policies, samples and times for tests, all from one seed. A test
// prints its seed when it fails (SCOPED_TRACE(random.Trace())); VARVE_SEED in
// the environment replays it.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "compaction/view.h"
#include "format/coding/value_bits.h"
#include "tests/odd_values.h"
#include "varve/policy.h"

namespace varve {

// Times of tests: a round number of days, so that shapes are easy to follow.
inline constexpr int64_t kTestNowMs = 20000 * kMillisPerDay;

class RandomSource {
 public:
  explicit RandomSource(uint64_t seed) : seed_(seed), engine_(seed) {}

  // The seed of a test's first round: VARVE_SEED if given, else 1.
  static uint64_t BaseSeed() {
    const char* text = std::getenv("VARVE_SEED");
    return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
  }

  uint64_t seed() const { return seed_; }
  std::string Trace() const { return "VARVE_SEED=" + std::to_string(seed_); }

  // In [0, limit).
  uint64_t Below(uint64_t limit) { return engine_() % limit; }
  int64_t Between(int64_t low, int64_t high) {
    return low +
           static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1));
  }
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  uint64_t Bits() { return engine_(); }

  template <typename T>
  const T& Pick(const std::vector<T>& choices) {
    return choices[Below(choices.size())];
  }

  // Plain numbers mostly; also every kind of float64 that codecs get wrong.
  uint64_t ValueBits() {
    if (OneIn(4)) return Pick(OddValueBits());
    if (OneIn(8)) return Bits();
    return BitsOf(static_cast<double>(Between(-1000, 1000)) / 10);
  }

  // Any policy that validates: DrawPolicy in policy_generator.h.
  Policy ValidPolicy();

  // Writes around `near_ms` in the order in which they happen: in order, late,
  // repeated and overwriting.
  std::vector<SampleWrite> Writes(size_t count, int64_t near_ms,
                                  int64_t spread_ms) {
    std::vector<SampleWrite> writes;
    const int64_t low = near_ms - spread_ms;
    int64_t t = low + static_cast<int64_t>(Below(spread_ms));
    for (size_t i = 0; i < count; ++i) {
      if (OneIn(10)) {
        t = low + static_cast<int64_t>(Below(spread_ms));
      } else if (OneIn(10) && !writes.empty()) {
        t = Pick(writes).timestamp_ms;
      } else {
        t += Between(1, 20000);
      }
      if (OneIn(4)) t = AlignDown(t, 15000);  // windows' edges
      if (t > near_ms || t < low) {
        t = low + static_cast<int64_t>(Below(spread_ms));
      }
      writes.push_back({t, ValueBits()});
    }
    return writes;
  }

 private:
  uint64_t seed_;
  std::mt19937_64 engine_;
};

}  // namespace varve
