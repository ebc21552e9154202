// What the codecs are measured beside: zstd over the raw words, and the
// Gorilla encodings (Pelkonen et al., VLDB 2015) in Prometheus' widths: XOR of
// values, delta of deltas of timestamps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace varve::bench {

// One way to store a column of 64-bit words, in its simplest interface.
class ColumnMethod {
 public:
  virtual ~ColumnMethod() = default;
  virtual std::string name() const = 0;
  virtual void Encode(const uint64_t* words, size_t count,
                      std::string* out) = 0;
  // False when the bytes are not what Encode wrote.
  virtual bool Decode(const std::string& column, uint64_t first, size_t count,
                      uint64_t* words) = 0;
};

std::unique_ptr<ColumnMethod> ZstdMethod(int level);
std::unique_ptr<ColumnMethod> XorMethod();
std::unique_ptr<ColumnMethod> DeltaOfDeltaMethod();

}  // namespace varve::bench
