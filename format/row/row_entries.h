// Walks the writes that the bytes of a row hold, oldest first: the bytes
// themselves, or a container's entries, containers in containers opened at
// any depth. Any bytes are safe: memory is bounded by their size.
#pragma once

#include <vector>

#include "format/row/sample_block.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

class RowEntries {
 public:
  // Holds nothing: worth keeping, since a header takes longer to clear than to
  // read.
  RowEntries() = default;
  // `bytes` must outlive the walk.
  explicit RowEntries(const Slice& bytes) : bytes_(bytes), started_(false) {}

  // Starts a walk.
  void Open(const Slice& bytes) {
    bytes_ = bytes;
    started_ = false;
    open_.clear();
    next_index_ = 0;
  }

  // Moves to the next entry that is not a container; false after the last.
  bool Next();

  // The entry's bytes, and its place in the walk counted from 0.
  const Slice& entry() const { return entry_; }
  size_t index() const { return next_index_ - 1; }

  // What PeekBlock says of the entry; the header is set when it is OK.
  const rocksdb::Status& status() const { return status_; }
  const BlockHeader& header() const { return header_; }

 private:
  // Takes `entry_` as the present one, or opens it: true and false.
  bool Take();

  Slice bytes_;
  bool started_ = true;
  std::vector<ContainerReader> open_;  // innermost last
  Slice entry_;
  size_t next_index_ = 0;
  rocksdb::Status status_;
  BlockHeader header_;
};

}  // namespace varve
