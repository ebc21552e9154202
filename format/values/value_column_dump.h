// A value column as annotated hex: which encoding it is, and what each of its
// bytes means.
//
//   0000  5f                       encoding 0x40 + 31: column of words
//   0001  2c                       shift: 44
//   0002  08                       mode: from last, mini-blocks
//   0003  a0 91 20                 last: 263248
//   0006  83                       mini-block 0: 5 of 3 bits above 0, as before
//   0007  10 33                    fields
//
// Finds its way by FORMAT-values.md alone, as part_dump does by its document:
// so it shows columns that the decoder refuses, and is a second opinion on
// those that it takes. Any bytes are safe: reads stay within them, and memory
// is that of 8,192 values, whatever they claim. For people and tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "format/coding/column_lines.h"

namespace varve {

struct DumpedValues {
  // Corruption at bytes that are no column of so many values, NotSupported at
  // an encoding of a newer version. The text says the same.
  Status status;
  std::vector<uint64_t> words;  // the values; empty unless the status is OK
};

// Appends the dump of the column of `count` values to *text: every byte on
// one line, in order, as far as place.bytes_max allows.
DumpedValues DumpValueColumn(const Slice& column, uint64_t count,
                             const ColumnDumpPlace& place, std::string* text);

// A word and the float64 that it is: "4045000000000000  42".
std::string WordText(uint64_t word);

}  // namespace varve
