// Samples and blocks that several tests of format/ share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/row/block_pieces.h"
#include "format/row/sample_block.h"

namespace varve {
namespace block_cases {

// Float64 bits that arithmetic, comparing or printing would lose.
inline const std::vector<uint64_t>& OddValueBits() {
  static const std::vector<uint64_t> kBits = {
      0x0000000000000000,  // +0
      0x8000000000000000,  // -0
      0x7ff0000000000000,  // +Inf
      0xfff0000000000000,  // -Inf
      0x7ff8000000000000,  // the usual NaN
      0xfff8000000000000,  // and with its sign
      0x7ff0000000000002,  // Prometheus' stale marker, a signalling NaN
      0x7ff0000000000001,  // the smallest signalling NaN
      0x7fffffffffffffff,  // every payload bit
      0xffffffffffffffff,
      0x0000000000000001,  // the smallest denormal
      0x800fffffffffffff,  // the largest, negative
      0x0010000000000000,  // the smallest normal
      0x7fefffffffffffff,  // the largest
      0x3ff0000000000000,  // 1
      0x3ff0000000000001,  // and its neighbour
      0x4340000000000001,  // beyond 2^53
      0x3fb999999999999a,  // 0.1
  };
  return kBits;
}

struct Samples {
  std::vector<int64_t> timestamps;
  std::vector<uint64_t> value_bits;

  size_t size() const { return timestamps.size(); }
  void Add(int64_t t, uint64_t bits) {
    timestamps.push_back(t);
    value_bits.push_back(bits);
  }
  bool operator==(const Samples& other) const {
    return timestamps == other.timestamps && value_bits == other.value_bits;
  }
};

inline Samples FromRun(const SampleRun& run) {
  Samples samples;
  samples.timestamps.assign(run.timestamps(), run.timestamps() + run.size());
  samples.value_bits.assign(run.value_bits(), run.value_bits() + run.size());
  return samples;
}

inline std::string EncodeBlock(const BlockSpec& spec, const Samples& samples) {
  BlockEncoder encoder;
  std::string block;
  encoder.Encode(spec, samples.timestamps.data(), samples.value_bits.data(),
                 samples.size(), &block);
  return block;
}

// All pieces of a block as they are, and samples behind them.
inline std::string JoinBlock(const BlockSpec& spec, const std::string& front,
                             const Samples& back) {
  BlockHeader header;
  std::vector<BlockPiece> pieces;
  if (!PeekBlock(front, &header).ok() ||
      !ListPieces(front, header, &pieces).ok()) {
    return "";
  }
  BlockEncoder encoder;
  std::string block;
  encoder.Join(spec, pieces.data(), pieces.size(), back.timestamps.data(),
               back.value_bits.data(), back.size(), &block);
  return block;
}

inline std::string EncodePlain(const Samples& samples) {
  std::string block;
  AppendPlainBlock(samples.timestamps.data(), samples.value_bits.data(),
                   samples.size(), &block);
  return block;
}

inline std::string EncodeContainer(const std::vector<std::string>& entries) {
  ContainerWriter writer;
  for (const std::string& entry : entries) writer.Add(entry);
  std::string container;
  writer.Finish(&container);
  return container;
}

// splitmix64: the same numbers on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint64_t Below(uint64_t n) { return Next() % n; }

 private:
  uint64_t state_;
};

}  // namespace block_cases
}  // namespace varve
