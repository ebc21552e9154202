// The value columns that benchmarks and figures are made from: the real data
// sets (CSV, and the node_exporter capture as zstd-compressed JSON lines) when
// their folder is there, and generators that need no files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace varve {

using ValueColumn = std::vector<uint64_t>;  // IEEE-754 bits

struct ValueSet {
  std::string name;
  std::vector<ValueColumn> columns;
};

// The folder with the real sets: $VARVE_DATA, or ../shared/data seen from the
// working directory or up to four folders above it; empty when there is none.
std::string FindDataFolder();

// Every known set below `folder`; those that are absent are left out.
std::vector<ValueSet> LoadKnownSets(const std::string& folder);

// One set for each kind of series that monitoring knows, made from a fixed
// seed: counters, gauges of 1-3 decimals, memory, constants, full doubles,
// rates k/15, sparse, stale.
std::vector<ValueSet> GeneratedSets();

}  // namespace varve
