// Samples of many series as a monitoring system scrapes them, made from a
// seed: any number of series in little memory, each read forward. By default
// the shares of bench/scrape_mix.h: 40 % integer counters, 25 % gauges of 2 or
// 3 decimals, 10 % memory in pages, 15 % constants, 10 % full doubles. A
// hundred slots are a target and share their timestamps.
//
// A slot is one series at a time: with churn some of the slots turn into new
// series each day. Slots are independent: threads may share a stream where
// each keeps to its own slots.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/scrape_mix.h"
#include "varve/varve.h"

namespace varve::bench {

inline constexpr uint32_t kStreamSeriesMax = 1 << 20;
inline constexpr int64_t kStreamStartMs = 1704067200000;  // 2024-01-01

struct StreamOptions {
  uint32_t series = 1000;  // 1 to kStreamSeriesMax
  int64_t interval_ms = 15000;
  int64_t jitter_ms = 0;   // timestamps are off by up to this, either way
  uint32_t churn_pct = 0;  // of the slots, a day
  uint32_t mix[5] = {40, 25, 10, 15, 10};  // weights, by ScrapeClass
  uint64_t seed = 1;
};

// "counter:40,gauge:25": classes that are not named have none. False for what
// is not such a list.
bool ParseMix(const std::string& text, uint32_t mix[5]);

class SampleStream {
 public:
  explicit SampleStream(const StreamOptions& options);

  // The name of the slot's series at its `index`-th sample, of eight bytes.
  std::string SeriesAt(uint32_t slot, uint64_t index) const;

  // The time of the slot's `index`-th sample.
  int64_t TimestampAt(uint32_t slot, uint64_t index) const;

  // Replaces *samples by the slot's next ones, `count` of them or fewer: they
  // are of one series. Returns the index of the first.
  uint64_t Next(uint32_t slot, size_t count, std::string* series,
                std::vector<Sample>* samples);

 private:
  struct Slot {
    uint64_t random;
    double value;
    double rate;
    uint64_t index;
    ScrapeClass kind;
    bool thousandths;
  };

  uint32_t GenerationAt(uint32_t slot, uint64_t index) const;
  double NextValue(Slot* slot) const;

  const StreamOptions options_;
  std::vector<Slot> slots_;
};

// A step of a generator whose state is one number; the same on every machine.
uint64_t NextRandom(uint64_t* state);
double NextUniform(uint64_t* state);  // in [0, 1)

}  // namespace varve::bench
