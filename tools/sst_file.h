// Opens an SST file that somebody named: one that is none is told apart from
// one that is damaged, in each of its bytes.
#pragma once

#include <memory>
#include <string>

#include "plugin/part_table/sst_walk.h"

namespace varve::tools {

// InvalidArgument, which says what to do, where the file does not end as SST
// files do; otherwise as SstWalk::Open.
rocksdb::Status OpenSst(const std::string& path,
                        const std::shared_ptr<rocksdb::FileSystem>& files,
                        std::unique_ptr<SstWalk>* walk);

// Whether an error tells of the bytes of a file. Others tell of how it was
// looked at: it has gone, it may not be read, too many files are open.
bool IsAboutBytes(const rocksdb::Status& status);

// The only bytes of a block-based file that RocksDB has no checksum for and
// does not read: the zeros behind the handles in its footer, up to version 5 of
// the format.
rocksdb::Status CheckFooterPadding(
    const std::string& path, const std::shared_ptr<rocksdb::FileSystem>& files);

}  // namespace varve::tools
