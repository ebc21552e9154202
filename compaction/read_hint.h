// Tells merges on this thread that they serve a read of a time range: the
// merge operator then picks the entries that may matter and leaves merging,
// policy and decoding to the reader, so that no read encodes anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace varve {

struct RowShape;

// In force on the thread that makes it until it is destroyed; an inner one
// hides an outer one. A merge under a hint gives only those entries of the
// row, oldest first, that hold samples in [from_ms, to_ms] or that it cannot
// vouch for (undecodable, or of another row): the one entry itself, or a
// container of them, empty when there are none.
//
// With a shape, which is the column family's, a memtable may leave operands of
// a Get away that such a merge would not pick: a row without any others is
// then not found, where it would else be an empty container.
class ReadHint {
 public:
  // `shape`: nullptr, or alive as long as the hint.
  ReadHint(int64_t from_ms, int64_t to_ms, const RowShape* shape = nullptr);
  ~ReadHint();
  ReadHint(const ReadHint&) = delete;
  ReadHint& operator=(const ReadHint&) = delete;

  int64_t from_ms() const { return from_ms_; }
  int64_t to_ms() const { return to_ms_; }
  const RowShape* shape() const { return shape_; }

  // Memory for what a memtable spells out for a Get under the hint: RocksDB
  // has copied what it gives out of that before the call returns, and the hint
  // ends after it. For the hint's thread.
  char* Keep(size_t bytes) const;

  // Of no other hint that its thread has made.
  uint64_t number() const { return number_; }

  // The hint in force on this thread; nullptr without one.
  static const ReadHint* Current();

 private:
  const int64_t from_ms_;
  const int64_t to_ms_;
  const RowShape* const shape_;
  mutable std::vector<std::unique_ptr<char[]>> kept_;
  const uint64_t number_;
  const ReadHint* const outer_;
};

}  // namespace varve
