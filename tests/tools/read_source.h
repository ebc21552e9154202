// All that a source has to say, for tests.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "format/coding/value_bits.h"
#include "tools/sample_source.h"

namespace varve::tools {

struct ReadSource {
  // By series and time, the last write; a value's bits.
  std::map<std::string, std::map<int64_t, uint64_t>> series;
  uint64_t samples = 0, records = 0;
  std::vector<std::string> bad_lines;  // "place: what"
  ImportRemarks remarks;
  std::string warning;
  Status status;

  uint64_t Remarked(const std::string& words) const {
    uint64_t count = 0;
    for (const auto& [reason, remark] : remarks.all()) {
      if (reason.find(words) != reason.npos) count += remark.count;
    }
    return count;
  }
};

inline ReadSource ReadAll(const std::string& path,
                          const SourceOptions& options = {}) {
  ReadSource read;
  std::unique_ptr<SampleSource> source;
  read.status = SampleSource::Open(path, options, &read.remarks, &source);
  if (!read.status.ok()) return read;
  read.warning = source->warning();
  for (;;) {
    const SampleSource::Result result = source->Next();
    if (result == SampleSource::Result::kEnd) break;
    if (result == SampleSource::Result::kBadLine) {
      read.bad_lines.push_back(source->Where() + ": " + source->error());
      continue;
    }
    read.records += source->records_begun();
    for (const Sample& sample : source->samples()) {
      read.series[source->series()][sample.timestamp_ms] = BitsOf(sample.value);
      ++read.samples;
    }
  }
  read.status = source->status();
  return read;
}

}  // namespace varve::tools
