// The demo's input: what Prometheus scraped from a node_exporter and from
// itself once a second for a quarter of an hour, as VictoriaMetrics exports
// it (zstd; values as text).
#pragma once

#include <rocksdb/status.h>
#include <varve/varve.h>

#include <string>
#include <vector>

namespace demo {

struct CapturedSeries {
  std::string name;  // name{label="value",...}
  std::vector<varve::Sample> samples;
};

struct Capture {
  std::vector<CapturedSeries> series;
  size_t sample_count = 0;
  int64_t first_ms = 0;
  int64_t last_ms = 0;
};

rocksdb::Status ReadCapture(const std::string& path, Capture* capture);

}  // namespace demo
