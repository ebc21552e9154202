// How many samples one piece of a block holds at most. A block is cut inside
// into pieces; each has one timestamp column and one value column and decodes
// by itself. Both codecs, the block and whoever sizes a buffer for a piece
// share this bound.
#pragma once

#include <cstddef>

namespace varve {

// On disk (FORMAT.md): it never changes.
inline constexpr size_t kPieceSamplesMax = 8192;

}  // namespace varve
