#include "plugin/part_table/part_readahead.h"

#include <algorithm>

#include "plugin/host/file_io.h"

namespace varve {

namespace {

// Automatic readahead starts with the third box in a row.
constexpr uint64_t kReadsBeforeReadahead = 2;

}  // namespace

void PartReadahead::UseBuffer(size_t initial_bytes, size_t max_bytes,
                              bool automatic) {
  if (buffer_ != nullptr) return;
  const rocksdb::ImmutableOptions& ioptions = source_.ioptions();
  buffer_ = NewPrefetchBuffer(
      {initial_bytes, max_bytes, automatic ? kReadsBeforeReadahead : 0},
      /*enable=*/!source_.mapped(), ioptions.fs.get(), ioptions.clock,
      ioptions.stats);
}

void PartReadahead::Expect(const BoxHandle& handle) {
  if (source_.mapped()) return;
  if (for_compaction_) {
    const size_t bytes =
        std::max(compaction_readahead_bytes_, kCompactionReadaheadBytesMin);
    return UseBuffer(bytes, bytes, false);
  }
  if (read_.readahead_size > 0) {
    return UseBuffer(read_.readahead_size, read_.readahead_size, false);
  }
  const uint64_t max_bytes = options_.max_auto_readahead_size;
  if (max_bytes == 0 || options_.initial_auto_readahead_size == 0 ||
      buffer_ != nullptr) {
    return;
  }
  const bool sequential =
      expected_offset_ == 0 || handle.offset == expected_offset_;
  expected_offset_ = handle.end();
  if (handle.end() <= prefetched_to_) return;
  if (!sequential) {
    sequential_reads_ = 1;
    next_bytes_ = options_.initial_auto_readahead_size;
    prefetched_to_ = 0;
    return;
  }
  if (++sequential_reads_ <= kReadsBeforeReadahead) return;
  next_bytes_ = std::min(next_bytes_, max_bytes);
  const uint64_t bytes = handle.bytes + kBoxTrailerBytes + next_bytes_;
  if (source_.file()->use_direct_io() ||
      PrefetchFile(*source_.file(), handle.offset, static_cast<size_t>(bytes),
                   read_.rate_limiter_priority)
          .IsNotSupported()) {
    return UseBuffer(next_bytes_, max_bytes, true);
  }
  prefetched_to_ = handle.offset + bytes;
  next_bytes_ = std::min(max_bytes, next_bytes_ * 2);
}

}  // namespace varve
