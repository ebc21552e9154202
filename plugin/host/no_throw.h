// Varve's functions answer with a Status; what memory running out throws
// below them becomes one here.
#pragma once

#include <exception>

#include "rocksdb/status.h"

namespace varve {

// The Status that `work` returns, or MemoryLimit for what it throws.
template <typename Work>
rocksdb::Status NoThrow(const Work& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    return rocksdb::Status::MemoryLimit(error.what());
  }
}

}  // namespace varve
