// Decodes blocks of regular timestamps straight to what thinning leaves of
// them: which samples are the last of their windows follows from the step, so
// no timestamp is written that does not stay, and of a constant no value.
//
// Law: Thin(DecodeThinned(block) merged with others) is Thin(block merged with
// others): a sample that is not the last of its window in its own block is not
// the last in any row that holds it.
// Keeps scratch memory: one thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "compaction/downsample.h"
#include "format/row/block_pieces.h"
#include "format/row/sample_block.h"
#include "format/row/sample_run.h"
#include "varve/row_shape.h"

namespace varve {

class ThinnedDecoder {
 public:
  // Appends what `thinning` may leave of the block to *run and adds what it
  // drops to *counts. False, and both as before, when a piece is not regular,
  // nothing is to be thinned, or the columns cannot be decoded: then decode
  // as usual. REQUIRES: `header` is PeekBlock's.
  bool Decode(const Slice& block, const BlockHeader& header,
              const Thinning& thinning, SampleRun* run, ThinCounts* counts);

 private:
  struct Survivor {
    uint32_t index;
    int64_t timestamp_ms;
  };

  void FindSurvivors(const BlockPiece& piece, uint64_t step,
                     const Thinning& thinning, WindowRule window,
                     ThinCounts* counts);
  bool AppendSurvivors(const BlockPiece& piece, SampleRun* run);

  std::vector<BlockPiece> pieces_;
  std::vector<uint64_t> steps_;  // of each piece
  std::vector<Survivor> survivors_;
  std::vector<uint64_t> values_;
  ValueDecoder value_decoder_;
};

}  // namespace varve
