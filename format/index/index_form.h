// The first byte of every value of the index's column family: what kind of
// bytes follow. On disk, never changed.
#pragma once

#include <cstdint>

namespace varve {

// Numbers on disk never change.
enum class IndexForm : uint8_t {
  kNumber = 0x11,     // index_row.h
  kIdRuns = 0x21,     // id_chunk.h
  kIdBitmap = 0x22,   // id_chunk.h
  kGroup = 0x31,      // group_row.h
  kLabels = 0x41,     // label_row.h
  kPairs = 0x51,      // pair_page.h
  kContainer = 0x7e,  // index_row.h
};

}  // namespace varve
