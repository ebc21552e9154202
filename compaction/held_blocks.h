// Blocks that a merge may take over piece by piece without decoding them: the
// first writes of a row in write order, as long as they ascend in time and the
// policy asks nothing of them. What follows them in time is appended; so
// appending to a long row costs what is appended, not what is there.
//
// Law: a merge that keeps pieces holds the samples of one that decodes all.
// Pieces that are kept lie before all other samples of the row in time, and no
// window that is to be thinned reaches over a seam.
// Pure: no clock, no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "compaction/downsample.h"
#include "format/coding/profile.h"
#include "format/row/block_pieces.h"
#include "format/row/sample_block.h"
#include "varve/row_shape.h"

namespace varve {

class HeldBlocks {
 public:
  // Starts a row.
  void Start(const RowShape& shape, const Thinning& thinning, Profile profile);

  // Takes a block that belongs to the row and whose bytes stay; false, and
  // nothing is held, when it is short or has to be decoded.
  bool Hold(const Slice& block, const BlockHeader& header);

  bool empty() const { return blocks_.empty(); }
  const std::vector<Slice>& blocks() const { return blocks_; }
  const std::vector<BlockPiece>& pieces() const { return pieces_; }
  void Clear();

  // How many of the first pieces stay as they are, when `count` other samples
  // are there, the first at `first_ms` (without any: no matter).
  size_t CountKept(size_t count, int64_t first_ms) const;

 private:
  // Whether both timestamps are in one window of the coarsest interval.
  bool ShareWindow(int64_t a_ms, int64_t b_ms) const;

  RowShape shape_;
  Thinning thinning_;
  Profile profile_ = Profile::kFast;
  std::vector<Slice> blocks_;
  std::vector<BlockPiece> pieces_;
  std::vector<BlockPiece> more_;  // of the block in hand
  size_t samples_ = 0;
};

}  // namespace varve
