#include "bench/samples/op_meter.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "rocksdb/system_clock.h"

namespace varve::bench {
namespace {

double SecondsBetween(OpMeter::Time from, OpMeter::Time to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

void WorkDone::Add(const WorkDone& other) {
  ops += other.ops;
  samples += other.samples;
  op_micros.insert(op_micros.end(), other.op_micros.begin(),
                   other.op_micros.end());
  extra_thread_seconds += other.extra_thread_seconds;
}

OpMeter::OpMeter(const MeterOptions& options, uint32_t thread, WorkDone* done,
                 Time (*now)())
    : options_(options),
      thread_(thread),
      done_(done),
      now_(now),
      start_(now()),
      op_start_(start_),
      line_time_(start_) {}

void OpMeter::Begin() {
  if (options_.histogram) op_start_ = now_();
}

void OpMeter::Finish(uint64_t ops, uint64_t samples) {
  done_->ops += ops;
  done_->samples += samples;
  if (!options_.histogram && options_.interval_seconds == 0) return;
  const Time now = now_();
  if (options_.histogram) {
    done_->op_micros.push_back(1e6 * SecondsBetween(op_start_, now));
  }
  if (options_.interval_seconds > 0 &&
      now - line_time_ >= std::chrono::seconds(options_.interval_seconds)) {
    PrintLine(now);
  }
}

void OpMeter::PrintLine(Time now) {
  rocksdb::SystemClock* const clock = rocksdb::SystemClock::Default().get();
  const double since_line = SecondsBetween(line_time_, now);
  const double since_start = SecondsBetween(start_, now);
  const uint64_t ops = done_->ops - line_ops_;
  std::fprintf(stderr,
               "%s ... thread %" PRIu32 ": (%" PRIu64 ",%" PRIu64
               ") ops and (%.1f,%.1f) ops/second in (%.6f,%.6f) seconds\n",
               clock->TimeToString(clock->NowMicros() / 1000000).c_str(),
               thread_, ops, done_->ops, static_cast<double>(ops) / since_line,
               static_cast<double>(done_->ops) / since_start, since_line,
               since_start);
  line_time_ = now;
  line_ops_ = done_->ops;
}

std::string HistogramText(const char* operation, std::vector<double> micros) {
  if (micros.empty()) return "";
  std::sort(micros.begin(), micros.end());
  const auto count = static_cast<double>(micros.size());
  const auto at = [&](double share) {
    return micros[static_cast<size_t>(share * (count - 1))];
  };
  const double average =
      std::accumulate(micros.begin(), micros.end(), 0.0) / count;
  double squares = 0;
  for (const double each : micros) {
    squares += (each - average) * (each - average);
  }
  char text[400];
  std::snprintf(text, sizeof text,
                "Microseconds per %s:\n"
                "Count: %zu Average: %.4f  StdDev: %.2f\n"
                "Min: %.2f  Median: %.4f  Max: %.2f\n"
                "Percentiles: P50: %.2f P75: %.2f P99: %.2f P99.9: %.2f "
                "P99.99: %.2f\n",
                operation, micros.size(), average, std::sqrt(squares / count),
                at(0), at(0.5), at(1), at(0.5), at(0.75), at(0.99), at(0.999),
                at(0.9999));
  return text;
}

}  // namespace varve::bench
