// Samples as a monitoring system scrapes them, made from a seed: what sizes
// and speeds of whole rows are measured on. By series: 40 % integer counters
// with random rates, 25 % gauges of 2 or 3 decimals, 10 % memory bytes in
// pages, 15 % constants, 10 % doubles of full precision. A target is 100
// series that share their timestamps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

#include "format/row/sample_run.h"

namespace varve {

enum class ScrapeClass { kCounter, kGauge, kMemory, kConstant, kDouble };

struct ScrapeOptions {
  int64_t start_ms = 0;
  int64_t interval_ms = 15000;
  int64_t jitter_ms = 0;  // timestamps are off by up to this, either way
  uint64_t seed = 1;
};

// The class of a series: fixed shares within each 20 series.
ScrapeClass ScrapeClassOf(size_t series);

// Replaces *run with the first `count` samples of a series.
void MakeScrapedSeries(const ScrapeOptions& options, size_t series,
                       size_t count, SampleRun* run);

}  // namespace varve
