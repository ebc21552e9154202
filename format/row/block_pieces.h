// The pieces that a block's columns are cut into: finding them without
// decoding any, and taking them over into another block as they are. Their
// directories are in FORMAT.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "format/coding/profile.h"
#include "format/row/sample_block.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

// Replaces *pieces with those of a block that PeekBlock has read `header`
// off. The columns lie in `block`. Corruption when the directories are not
// sound. REQUIRES: header.form is kBlock and it holds a sample.
Status ListPieces(const Slice& block, const BlockHeader& header,
                  std::vector<BlockPiece>* pieces);

// Whether encoding a piece's samples again with `profile` would surely gain
// little: so that a merge may take the piece over. In O(1), from the columns'
// first bytes; false for encodings that this version does not know.
bool IsEncodedWell(const BlockPiece& piece, Profile profile);

// Makes two pieces one, if they hold one value at one step throughout, the
// second one step behind the first, and fit into a piece. Expands nothing.
bool UnitePieces(BlockPiece* piece, const BlockPiece& next);

}  // namespace varve
