// Opens an SST file that somebody named: one that is none is told apart from
// one that is damaged, in each of its bytes.
#pragma once

#include <memory>
#include <string>

#include "plugin/sst_walk.h"

namespace varve::tools {

// InvalidArgument, which says what to do, where the file does not end as SST
// files do; otherwise as SstWalk::Open.
rocksdb::Status OpenSst(const std::string& path,
                        std::unique_ptr<SstWalk>* walk);

// The only bytes of a block-based file that RocksDB has no checksum for and
// does not read: the zeros behind the handles in its footer.
rocksdb::Status CheckFooterPadding(const std::string& path);

}  // namespace varve::tools
