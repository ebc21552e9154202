// A chunk of Prometheus' XOR encoding: times as differences of differences,
// values as what differs from the one before.
//
//   count: u16 big-endian
//   t0: zigzag varint, v0: 64 bits
//   t1 - t0: varint, v1 against v0
//   each more: the difference of differences as 0, 10 + 14 bits, 110 + 17,
//   1110 + 20, 1111 + 64; the value as 0 (equal), 10 + bits at the place of
//   the one before, 11 + 5 bits of leading zeros, 6 bits of length, bits
//
// Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "varve/varve.h"

namespace varve::tools {

// What a chunk begins with in its file; stored numbers of Prometheus.
enum class TsdbEncoding : uint8_t {
  kXor = 1,
  kHistogram = 2,
  kFloatHistogram = 3
};

// The samples that a chunk of any of these encodings says it has; 0 for one
// that is cut short.
uint64_t TsdbSampleCount(std::string_view data);

// Replaces *samples. False, and *error says why, for bytes that are no such
// chunk. At most 65,535 samples, whatever the bytes are.
bool DecodeXorChunk(std::string_view data, std::vector<Sample>* samples,
                    std::string* error);

}  // namespace varve::tools
