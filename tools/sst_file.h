// Opens an SST file that somebody named: one that is none is told apart from
// one that is damaged.
#pragma once

#include <memory>
#include <string>

#include "plugin/sst_walk.h"

namespace varve::tools {

// InvalidArgument, which says what to do, where the file does not end as SST
// files do; otherwise as SstWalk::Open.
rocksdb::Status OpenSst(const std::string& path,
                        std::unique_ptr<SstWalk>* walk);

}  // namespace varve::tools
