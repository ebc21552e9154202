// What the sequences so far have ingested, so that a run says what it drew.
#pragma once

#include <cstdint>
#include <string>

namespace varve {

struct IngestCounts {
  uint64_t calls = 0;
  uint64_t files = 0;
  uint64_t ranges = 0;           // files that delete one
  uint64_t several = 0;          // calls with several files
  uint64_t into_empty = 0;       // databases
  uint64_t raw_into_empty = 0;   // of these by DB::IngestExternalFile
  uint64_t beside_writes = 0;    // calls while another thread wrote
  uint64_t under_snapshots = 0;  // calls
  uint64_t level0 = 0;           // compactions from level 0 into level 0

  // Of this process.
  static IngestCounts& All() {
    static IngestCounts counts;
    return counts;
  }

  // Whether each kind was drawn.
  bool complete() const {
    return ranges > 0 && several > 0 && into_empty > 0 && raw_into_empty > 0 &&
           beside_writes > 0 && under_snapshots > 0 && level0 > 0;
  }

  std::string ToString() const {
    return "ingested " + std::to_string(files) + " files (" +
           std::to_string(ranges) + " delete a range) by " +
           std::to_string(calls) + " calls: several files " +
           std::to_string(several) + ", beside writes " +
           std::to_string(beside_writes) + ", under snapshots " +
           std::to_string(under_snapshots) + "; into empty databases " +
           std::to_string(into_empty) + " (by RocksDB's own call " +
           std::to_string(raw_into_empty) + "); compactions within level 0 " +
           std::to_string(level0);
  }
};

}  // namespace varve
