// Reads the properties of a part. RocksDB writes the global sequence number
// of an ingested file into them in place: the checksum counts it as zero.
#pragma once

#include <memory>

#include "plugin/part_table/part_box_source.h"

namespace varve {

Status ReadPartProperties(
    const PartBoxSource& source, const BoxHandle& handle,
    const BoxRequest& request, const PartTail* tail,
    std::shared_ptr<const rocksdb::TableProperties>* properties);

// What the stripes of a part hold, written into it as the property
//
//   varve.part.columns  rows=7,header_bytes=300,timestamp_bytes=50,
//                       value_bytes=400,shared_timestamps=3,given_bytes=900
//
// (one line): rows in columns, the stored bytes of the three kinds of boxes,
// how many rows have the timestamps of an earlier one, and the bytes of all
// rows' columns as they were given.
inline constexpr char kPartColumnsProperty[] = "varve.part.columns";

struct PartColumns {
  uint64_t rows = 0;
  uint64_t header_bytes = 0;
  uint64_t timestamp_bytes = 0;
  uint64_t value_bytes = 0;
  uint64_t shared_timestamps = 0;
  uint64_t given_bytes = 0;

  std::string ToString() const;
};

}  // namespace varve
