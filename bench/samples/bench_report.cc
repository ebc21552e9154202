#include "bench/samples/bench_report.h"

#include <dlfcn.h>
#include <sys/resource.h>

#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <utility>

#include "rocksdb/version.h"

namespace varve::bench {
namespace {

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) +
           static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The kernel then counts the peak from here on.
void ResetPeak() { std::ofstream("/proc/self/clear_refs") << "5"; }

uint64_t PeakBytes() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    unsigned long long kilobytes;
    if (std::sscanf(line.c_str(), "VmHWM: %llu kB", &kilobytes) == 1) {
      return kilobytes * 1024;
    }
  }
  return 0;
}

double Ratio(double a, double b) { return b > 0 ? a / b : 0; }

std::string Processor() {
  std::ifstream info("/proc/cpuinfo");
  std::string line;
  while (std::getline(info, line)) {
    const size_t colon = line.find(": ");
    if (line.compare(0, 10, "model name") == 0 && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown";
}

std::string RocksDbLibrary() {
  using Open =
      Status (*)(const rocksdb::Options&, const std::string&, rocksdb::DB**);
  const Open open = &rocksdb::DB::Open;
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(open), &info) == 0) return "?";
  return info.dli_fname;
}

}  // namespace

Measurement::Measurement(const std::string& name, const Layout& layout)
    : name_(name),
      layout_(layout),
      start_(std::chrono::steady_clock::now()),
      cpu_start_(CpuSeconds()) {
  const auto& statistics = layout.statistics();
  flushed_ = statistics->getTickerCount(rocksdb::FLUSH_WRITE_BYTES);
  ingested_ = layout.SstBytes();
  compacted_ = statistics->getTickerCount(rocksdb::COMPACT_WRITE_BYTES);
  read_ = statistics->getTickerCount(rocksdb::COMPACT_READ_BYTES);
  ResetPeak();
}

Result Measurement::Finish(WorkDone done, uint64_t stored_samples) const {
  Result result;
  result.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_)
          .count();
  result.cpu_seconds = CpuSeconds() - cpu_start_;
  result.peak_bytes = PeakBytes();
  result.name = name_;
  result.done = std::move(done);
  const auto& statistics = layout_.statistics();
  const uint64_t flushed =
      statistics->getTickerCount(rocksdb::FLUSH_WRITE_BYTES) - flushed_;
  const uint64_t compacted =
      statistics->getTickerCount(rocksdb::COMPACT_WRITE_BYTES) - compacted_;
  result.read_bytes =
      statistics->getTickerCount(rocksdb::COMPACT_READ_BYTES) - read_;
  // RocksDB does not count what it ingests: it is what has grown by itself.
  const uint64_t now = layout_.SstBytes();
  const uint64_t ingested =
      flushed == 0 && compacted == 0 && now > ingested_ ? now - ingested_ : 0;
  result.written_bytes = flushed + ingested + compacted;
  result.write_amplification = Ratio(static_cast<double>(result.written_bytes),
                                     static_cast<double>(flushed + ingested));
  result.bytes_per_sample =
      Ratio(static_cast<double>(now), static_cast<double>(stored_samples));
  return result;
}

std::string ReportLine(const Result& result) {
  const auto ops = static_cast<double>(result.done.ops);
  const auto samples = static_cast<double>(result.done.samples);
  // Of a benchmark that nothing came in by there is none.
  char amplification[32] = "-";
  if (result.write_amplification > 0) {
    std::snprintf(amplification, sizeof amplification, "%.2f",
                  result.write_amplification);
  }
  char text[400];
  std::snprintf(
      text, sizeof text,
      "%-12s : %11.3f micros/op %.0f ops/sec %.3f seconds %" PRIu64
      " operations;  %.0f samples/s  %.0f samples/cpu-s  %.3f B/sample  "
      "wrote %.1f MB  W-amp %s  peak %.1f MB\n",
      result.name.c_str(),
      Ratio((result.seconds + result.done.extra_thread_seconds) * 1e6, ops),
      Ratio(ops, result.seconds), result.seconds, result.done.ops,
      Ratio(samples, result.seconds), Ratio(samples, result.cpu_seconds),
      result.bytes_per_sample, static_cast<double>(result.written_bytes) / 1e6,
      amplification, static_cast<double>(result.peak_bytes) / 1e6);
  return text;
}

std::string CsvHeader() {
  return "layout,assertions,benchmark,operations,samples,seconds,cpu_seconds,"
         "samples_per_second,samples_per_cpu_second,bytes_per_sample,"
         "write_amplification,compaction_read_bytes,written_bytes,"
         "peak_bytes\n";
}

std::string CsvLine(const std::string& layout, const Result& result) {
  const auto samples = static_cast<double>(result.done.samples);
  char text[400];
  std::snprintf(text, sizeof text,
                "%s,%s,%s,%" PRIu64 ",%" PRIu64
                ",%.6f,%.6f,%.0f,%.0f,%.4f,%.4f,"
                "%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n",
                layout.c_str(), VARVE_ROCKSDB_ASSERTS != 0 ? "on" : "off",
                result.name.c_str(), result.done.ops, result.done.samples,
                result.seconds, result.cpu_seconds,
                Ratio(samples, result.seconds),
                Ratio(samples, result.cpu_seconds), result.bytes_per_sample,
                result.write_amplification, result.read_bytes,
                result.written_bytes, result.peak_bytes);
  return text;
}

std::string EnvironmentText() {
  return "RocksDB:    " + rocksdb::GetRocksVersionAsString(true) + ", " +
         RocksDbLibrary() + ", assertions " +
         (VARVE_ROCKSDB_ASSERTS != 0
              ? "on (writes are 1.4 to 1.7 times slower than without)"
              : "off") +
         "\nVarve:      " + VARVE_VERSION + "\nCPU:        " + Processor() +
         "\n";
}

}  // namespace varve::bench
