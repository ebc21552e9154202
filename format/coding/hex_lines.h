// Bytes as annotated hex, the form of all dumps: eight a line behind their
// offset, the note on the first line.
//
//   0010  04 1b ae ea 01 00 00 00  timestamps: encoding 4
//   0018  88 36 2f 29
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "rocksdb/slice.h"

namespace varve {

struct HexNote {
  std::string text;
  size_t indent = 0;            // of the text
  size_t bytes_max = SIZE_MAX;  // more are left out, and how many is said
};

// `offset` is that of the first byte. Of no bytes it is a line without any.
void AppendHexLines(const rocksdb::Slice& bytes, uint64_t offset,
                    const HexNote& note, std::string* text);

}  // namespace varve
