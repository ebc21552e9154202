// Blocks of Prometheus as its documents describe them, for tests: small, and
// with whatever in them a test wants.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/series_text.h"
#include "varve/varve.h"

namespace varve::tools {

struct TsdbTestChunk {
  uint8_t encoding = 1;
  std::string data;
};

// The chunk that Prometheus makes of such samples.
TsdbTestChunk XorChunk(const std::vector<Sample>& samples);

struct TsdbTestSeries {
  std::vector<Label> labels;  // sorted by name
  std::vector<TsdbTestChunk> chunks;
};

struct TsdbTestTombstone {
  size_t series;  // its place in the block's list
  int64_t first_ms;
  int64_t last_ms;
};

struct TsdbTestBlock {
  std::string ulid;
  std::vector<TsdbTestSeries> series;
  std::vector<TsdbTestTombstone> tombstones;
  int64_t min_time_ms = 0;
  std::string more_meta;  // more members of meta.json, each with a comma behind
};

// Writes the block to DIR/ULID.
void WriteTsdbBlock(const std::string& dir, const TsdbTestBlock& block);

// 26 characters that end with `last`.
std::string TestUlid(char last);

}  // namespace varve::tools
