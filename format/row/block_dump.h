// A row's bytes as annotated hex: what FORMAT.md, the golden files and
// `varve dump` show.
//
//   0000  a7 02                    block
//   0002  0e                       flags: floor, month, one sample
//   0003  80 a3 05                 bucket width: 86400 s
//   ...
//     2026-01-02T03:04:05.678Z  1767323045678  4045000000000000  42
//
// Every byte is on one line, in order, behind its offset; lines that begin
// with spaces are what the bytes decode to. Bytes that cannot be decoded are
// shown with the reason. For people and tests: nothing parses this in earnest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "rocksdb/slice.h"

namespace varve {

using rocksdb::Slice;

struct BlockDumpLimits {
  // Of each piece's column, entry or plain form.
  size_t column_bytes_max = SIZE_MAX;
  size_t samples_max = SIZE_MAX;  // of each block
};

// Containers are opened this deep; what lies below is shown as bytes.
inline constexpr size_t kDumpDepthMax = 4;

// A timestamp as "2026-01-02T03:04:05.678Z".
std::string TimeText(int64_t timestamp_ms);

// Appends the dump of `block`, which may be any bytes, to *text.
void DumpBlock(const Slice& block, const BlockDumpLimits& limits,
               std::string* text);

}  // namespace varve
