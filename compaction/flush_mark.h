// Tells a memtable's iterator that it serves a flush. RocksDB says so to
// nobody but the compaction filter's factory, on the thread of the flush and
// after it has made the iterators.
#pragma once

#include <cstdint>

namespace varve {

// How many flushes have begun on the calling thread; marks of other threads
// differ from it. A flush of memtables begins after its iterators are made: an
// iterator that was made one flush ago on the same thread is one of them.
struct FlushMark {
  static FlushMark Now();
  // One more flush begins on this thread.
  static void Begin();

  bool IsOneFlushAfter(const FlushMark& earlier) const {
    return thread == earlier.thread && flushes == earlier.flushes + 1;
  }

  const void* thread;
  uint64_t flushes;
};

}  // namespace varve
