// Reads the properties of a part. RocksDB writes the global sequence number
// of an ingested file into them in place: the checksum counts it as zero.
#pragma once

#include <memory>

#include "plugin/part_box_source.h"

namespace varve {

rocksdb::Status ReadPartProperties(
    const PartBoxSource& source, const BoxHandle& handle,
    const BoxRequest& request, const PartTail* tail,
    std::shared_ptr<const rocksdb::TableProperties>* properties);

}  // namespace varve
