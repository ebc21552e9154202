// What was deleted from a block of Prometheus and is still in its chunks:
// spans of time of its series.
//
//   magic: u32 0130ba30, version: u8 1
//   series: varint, first time: zigzag varint, last time: zigzag varint; ...
//   crc: u32, of the entries
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/file_bytes.h"
#include "varve/varve.h"

namespace varve::tools {

class TsdbTombstones {
 public:
  // No file is no tombstones.
  static Status Read(const std::string& path, TsdbTombstones* tombstones);

  // Takes what is deleted out of samples of the series that the index calls
  // `reference`; how many.
  uint64_t Apply(uint64_t reference, std::vector<Sample>* samples) const;

 private:
  struct Span {
    uint64_t reference;
    int64_t first_ms;
    int64_t last_ms;
  };

  std::vector<Span> spans_;  // sorted; those of one series apart
};

}  // namespace varve::tools
