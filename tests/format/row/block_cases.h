// Samples and blocks that several tests of format/ share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/row/block_pieces.h"
#include "format/row/sample_block.h"
#include "tests/odd_values.h"
#include "tests/random_source.h"

namespace varve {
namespace block_cases {

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

}  // namespace block_cases
}  // namespace varve
