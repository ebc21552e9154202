// Counts what one thread of a workload has done: latencies, where they were
// asked for, and db_bench's interim lines on standard error:
//
//   2026/11/21-08:30:00  ... thread 0: (120000,240000) ops and
//   (60000.0,61000.0) ops/second in (2.000000,3.934426) seconds
//
// In brackets: since the last line, and since the workload began.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace varve::bench {

struct WorkDone {
  uint64_t ops = 0;
  uint64_t samples = 0;
  std::vector<double> op_micros;  // where latencies were asked for
  // By what the seconds of all threads exceed the time that passed.
  double extra_thread_seconds = 0;

  void Add(const WorkDone& other);
};

struct MeterOptions {
  bool histogram = false;
  uint64_t interval_seconds = 0;  // 0: no interim lines
};

// Not thread-safe; a thread has its own.
class OpMeter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // *done must outlive the meter. `now`: of tests.
  OpMeter(const MeterOptions& options, uint32_t thread, WorkDone* done,
          Time (*now)() = &std::chrono::steady_clock::now);

  // An operation, or a batch of them, begins here. What is between Finish and
  // Begin is the workload's own (making samples) and in no latency.
  void Begin();

  // Is over, and was so many operations: one latency.
  void Finish(uint64_t ops, uint64_t samples);

 private:
  void PrintLine(Time now);

  const MeterOptions options_;
  const uint32_t thread_;
  WorkDone* const done_;
  Time (*const now_)();
  const Time start_;
  Time op_start_;
  Time line_time_;  // of the last line
  uint64_t line_ops_ = 0;
};

// As db_bench prints a histogram, without its bars. "" without latencies.
std::string HistogramText(const char* operation, std::vector<double> op_micros);

}  // namespace varve::bench
