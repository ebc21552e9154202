// What varve_bench does to a layout. Each workload measures itself; what it
// does depends on the options and the seed alone.
#pragma once

#include <string>
#include <vector>

#include "bench/samples/bench_report.h"
#include "bench/samples/layout.h"
#include "bench/samples/sample_stream.h"

namespace varve::bench {

struct WorkloadOptions {
  StreamOptions stream;
  uint64_t num = 1000000;  // samples of a data set
  uint64_t reads = 10000;  // operations of readrange and readlast, a thread
  uint32_t threads = 1;
  uint32_t samples_per_op = 16;
  uint32_t ops_per_batch = 100;
  uint32_t late_pct = 1;               // of operations, written an hour later
  int64_t window_ms = kMillisPerHour;  // of readrange
  MeterOptions meter;
};

bool IsWorkload(const std::string& name);

// How many samples a data set has: as many of each series.
uint64_t DataSetSamples(const WorkloadOptions& options);

// Whether it wants an empty database, as db_bench's fills do.
bool WantsFreshDatabase(const std::string& name);

// Not OK: it could not be done. NotSupported: not by this layout.
Status RunWorkload(const std::string& name, const WorkloadOptions& options,
                   Layout* layout, Result* result);

}  // namespace varve::bench
