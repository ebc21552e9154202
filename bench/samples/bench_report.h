// Measures one workload and prints it as db_bench prints its own, a line each:
//
//   readrange    :      41.200 micros/op 24271 ops/sec 0.412 seconds 10000
//   operations;  5825242 samples/s  6011111 samples/cpu-s  0.912 B/sample
//   wrote 12.1 MB  W-amp 1.00  peak 61.2 MB
//
// As in db_bench, micros/op is what a thread needed, ops/sec what all did. CPU
// seconds are of all threads of the process, RocksDB's own too; the peak
// is of the process' resident memory since the workload began.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "bench/samples/layout.h"
#include "bench/samples/op_meter.h"

namespace varve::bench {

struct Result {
  std::string name;
  const char* operation = "op";  // read or write, of the histogram
  WorkDone done;
  double seconds = 0;
  double cpu_seconds = 0;
  double bytes_per_sample = 0;     // SST files by samples stored; 0: unknown
  double write_amplification = 0;  // by bytes that came in; 0: nothing did
  uint64_t read_bytes = 0;         // by compactions
  uint64_t written_bytes = 0;      // by flushes, ingestion and compactions
  uint64_t peak_bytes = 0;
};

class Measurement {
 public:
  // Starts now.
  Measurement(const std::string& name, const Layout& layout);

  // `stored_samples`: what the database holds; 0 where nobody knows.
  Result Finish(WorkDone done, uint64_t stored_samples) const;

 private:
  const std::string name_;
  const Layout& layout_;
  const std::chrono::steady_clock::time_point start_;
  double cpu_start_;
  uint64_t flushed_, ingested_, compacted_, read_;
};

std::string ReportLine(const Result& result);

// For charts and tables.
std::string CsvHeader();
std::string CsvLine(const std::string& layout, const Result& result);

// What the figures belong to: RocksDB's version, its library and whether that
// has assertions, the processor.
std::string EnvironmentText();

}  // namespace varve::bench
