// What preset_bench finds out, and how it is printed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace varve::bench {

// Reads of one kind.
struct ReadCost {
  uint64_t reads = 0;
  double cpu_us = 0;
  uint64_t bytes = 0;
  double us() const { return cpu_us / static_cast<double>(reads); }
  double kib() const {
    return static_cast<double>(bytes) / static_cast<double>(reads) / 1024;
  }
};

struct PresetResult {
  std::string name;
  uint64_t samples = 0, flushes = 0, compactions = 0;
  uint64_t flushed = 0, written = 0, old_read = 0, largest = 0;
  uint64_t peak = 0, end = 0, compacted = 0;
  double peak_amplification = 0, cpu_s = 0, runs = 0, runs_most = 0;
  ReadCost last, hour, day;
};

// Markdown: the heading, and a line a result.
void PrintHeading();
void PrintResult(const PresetResult& result);

// All figures; false with errno set.
bool WriteResults(const std::string& path,
                  const std::vector<PresetResult>& results);

}  // namespace varve::bench
