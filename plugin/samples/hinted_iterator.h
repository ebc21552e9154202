// A RocksDB iterator over part of a column family's keys whose merges run
// under a ReadHint: stepping over a row never merges or encodes it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "format/coding/time_range.h"
#include "rocksdb/db.h"
#include "rocksdb/iterator.h"

namespace varve {

// The caller's options with those that are the reader's own replaced.
rocksdb::ReadOptions OwnReadOptions(const rocksdb::ReadOptions& options);

class HintedIterator {
 public:
  // A range that needs no samples at all.
  static constexpr TimeRange kNoSamples = {INT64_MAX, INT64_MIN};

  // Keys in [lower, upper), without an end if upper is empty. `needed` is the
  // time range that the caller will look at in values. `db` and `cf` must
  // outlive the iterator.
  HintedIterator(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                 const rocksdb::ReadOptions& options, std::string lower,
                 std::string upper, const TimeRange& needed);
  HintedIterator(const HintedIterator&) = delete;
  HintedIterator& operator=(const HintedIterator&) = delete;

  void Seek(const rocksdb::Slice& target);
  void Next();  // REQUIRES: Valid()

  bool Valid() const { return iterator_->Valid(); }
  rocksdb::Slice key() const { return iterator_->key(); }
  rocksdb::Slice value() const { return iterator_->value(); }
  rocksdb::Status status() const { return iterator_->status(); }

 private:
  const TimeRange needed_;
  const std::string lower_;
  const std::string upper_;
  const rocksdb::Slice lower_bound_;  // RocksDB keeps pointers to these two
  const rocksdb::Slice upper_bound_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace varve
