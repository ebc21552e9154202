// Walks the rows of one series in ascending time, over all partitions, with
// one RocksDB iterator. A partition that holds nothing costs nothing, one
// that holds other series a seek or two: the key that a seek lands on says
// which partition is next.
//
// Foreign keys between the rows are passed over. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "format/row/row_key.h"
#include "plugin/samples/hinted_iterator.h"
#include "plugin/samples/row_reader.h"
#include "rocksdb/db.h"

namespace varve {

class RowCursor {
 public:
  struct Span {
    int64_t first_bucket_ms;  // bucket starts, inclusive
    int64_t last_bucket_ms;
  };

  // Every bucket that a row may have.
  static Span AllBuckets(const RowShape& shape);

  // `needed` is the time range that the caller will look at in the rows'
  // values. `db` and `cf` must outlive the cursor.
  // REQUIRES: CheckSeries(series).ok() and span not empty.
  RowCursor(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
            const rocksdb::ReadOptions& options, const RowShape& shape,
            const Slice& series, const Span& span, const TimeRange& needed);

  // Moves to the next row; false at the end or on an error.
  bool Next();

  // The present row, valid until the next call of Next().
  const ParsedRowKey& row() const { return row_; }
  Slice key() const { return iterator_.key(); }
  Slice value() const { return iterator_.value(); }

  Status status() const { return iterator_.status(); }

 private:
  void Advance();
  // Whether the iterator is at a row of the series; else moves it on.
  bool IsRow();
  bool IsRowInPartition();
  void SeekPartition(int32_t partition_day);

  const RowShape shape_;
  const Span span_;
  std::string rest_;         // the first row's key, without its partition
  size_t prefix_bytes_ = 0;  // of rest_, before the bucket
  std::string target_;
  HintedIterator iterator_;
  ParsedRowKey row_;
  bool started_ = false;
};

// Where a key lies among the partitions.
struct KeyPartition {
  bool is_partition = false;  // the key starts with a partition's first day
  int32_t day = 0;            // of that one, else of the next one behind it
};

// REQUIRES: a partitioned shape, key.size() >= kPartitionBytes, and a key not
// before the first valid partition.
KeyPartition PartitionOfKey(const RowShape& shape, const Slice& key);

}  // namespace varve
