// A part file as annotated hex: what FORMAT-part.md, the golden file and
// sst_dump --command=raw show.
//
//   0000  00                       entry 0: shares 0 bytes of the key
//   ...
//
// Every byte of the file is on one line, in order, behind its offset in hex,
// as far as the limits allow. What a compressed payload unpacks to follows it
// in the same form, behind bars and with offsets of its own:
//
//   0000  28 b5 2f fd 20 c3 ...    zstd frame of 195 bytes
//     | 0000  00                   entry 0: ...
//
// Reads nothing but the bytes: neither RocksDB's readers nor ours. One box is
// in memory at a time. For people and tests: nothing parses this in earnest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

struct PartDumpLimits {
  // Of each value, column box, filter shard and frame.
  size_t field_bytes_max = SIZE_MAX;
};

struct PartDumpFile {
  uint64_t bytes = 0;
  // Sets *out to the `count` bytes at `offset`, or fails.
  std::function<rocksdb::Status(uint64_t offset, size_t count,
                                std::string* out)>
      read;
};

// Hands the dump to `write` piece by piece. What cannot be understood is
// named in the text and in the status; the rest is shown all the same where
// it can be found.
rocksdb::Status DumpPart(
    const PartDumpFile& file, const PartDumpLimits& limits,
    const std::function<rocksdb::Status(const std::string&)>& write);

}  // namespace varve
