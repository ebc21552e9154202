// A timestamp column as annotated hex: which encoding it is, and what each of
// its bytes means.
//
//   0000  01                       encoding 1: step in seconds
//   0001  90 1c                    step: 3600 s
//
// Finds its way by FORMAT-timestamps.md alone, as part_dump does by its
// document: so it shows columns that the decoder refuses, and is a second
// opinion on those that it takes. Any bytes are safe: reads stay within them,
// and memory is that of 8,192 timestamps, whatever they claim. For people and
// tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/coding/column_lines.h"

namespace varve {

struct DumpedTimestamps {
  // Corruption at bytes that are no column of so many timestamps, NotSupported
  // at an encoding of a newer version. The text says the same.
  Status status;
  // With the first one; empty unless the status is OK.
  std::vector<int64_t> timestamps;
};

// Appends the dump of the column of `count` timestamps, of which the first is
// `first`, to *text: every byte on one line, in order, as far as
// place.bytes_max allows.
DumpedTimestamps DumpTimestampColumn(const Slice& column, int64_t first,
                                     uint64_t count,
                                     const ColumnDumpPlace& place,
                                     std::string* text);

}  // namespace varve
