// Decides what an iterator reads ahead: nothing, through the file system's
// own prefetching, or into a buffer.
#pragma once

#include <memory>

#include "plugin/host/rocksdb_internals.h"
#include "plugin/part_table/part_box_source.h"
#include "plugin/part_table/part_table_options.h"

namespace varve {

class PartReadahead {
 public:
  PartReadahead(const PartBoxSource& source, const PartTableOptions& options,
                const rocksdb::ReadOptions& read, bool for_compaction,
                size_t compaction_readahead_bytes)
      : source_(source),
        options_(options),
        read_(read),
        for_compaction_(for_compaction),
        compaction_readahead_bytes_(compaction_readahead_bytes),
        next_bytes_(options.initial_auto_readahead_size) {}

  // The next box that will be read.
  void Expect(const BoxHandle& handle);
  // Where to read it through; may be null.
  rocksdb::FilePrefetchBuffer* buffer() { return buffer_.get(); }

 private:
  void UseBuffer(size_t initial_bytes, size_t max_bytes, bool automatic);

  const PartBoxSource& source_;
  const PartTableOptions& options_;
  const rocksdb::ReadOptions& read_;
  const bool for_compaction_;
  const size_t compaction_readahead_bytes_;
  std::unique_ptr<rocksdb::FilePrefetchBuffer> buffer_;
  uint64_t next_bytes_;
  uint64_t expected_offset_ = 0;  // where a sequential read continues
  uint64_t prefetched_to_ = 0;    // by the file system
  uint64_t sequential_reads_ = 0;
};

}  // namespace varve
