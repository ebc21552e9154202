// Where imported samples go: into the write path (sample_batch.h) or into
// files that are ingested (bulk_load.h).
#pragma once

#include <string>

#include "varve/varve.h"

namespace varve::tools {

class SampleSink {
 public:
  virtual ~SampleSink() = default;

  // Samples of one series keep the order in which they are added.
  // REQUIRES: samples that SampleWriter takes.
  virtual Status Add(const std::string& series, const Sample* samples,
                     size_t count) = 0;

  // Writes what is left and makes all that was added safe on disk.
  virtual Status Finish() = 0;
};

}  // namespace varve::tools
