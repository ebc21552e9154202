// The rows of one partition that a walk over many series asks for, in key
// order, read ahead into memory. All partitions of a walk share one RocksDB
// iterator, and so show one moment of the database: each reads on until its
// share of memory is full, and takes up there when that has been used up.
// Shares begin small and double: who stops early has read little.
//
// A row larger than a share stays in the iterator, and is found again by a
// seek where the iterator has been elsewhere since. With a share of 0 that is
// every row: one partition alone is read in place.
//
// Rows that are not asked for are stepped over or, where a series has many or
// long ones, passed by a seek. Foreign keys are passed over.
//
// A series that RocksDB cannot read to its end has one more row, whose value
// is the failure; behind it comes the next series.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "format/row/row_key.h"
#include "plugin/samples/hinted_iterator.h"
#include "plugin/samples/row_cursor.h"
#include "plugin/samples/row_reader.h"

namespace varve {

// What of a column family a walk takes.
struct WalkRequest {
  enum class Take { kRows, kSeries };  // kSeries: a row a series and partition

  RowShape shape;
  std::string prefix;  // of series, escaped as keys have it
  std::function<bool(const Slice& series)> matches;  // empty: all
  RowCursor::Span span{0, 0};
  TimeRange needed{0, 0};  // the time that the caller will look at
  size_t buffer_bytes = 0;
  Take take = Take::kRows;
};

class PartitionRows;

// What the partitions of a walk have in common.
struct SharedWalk {
  const WalkRequest& request;
  HintedIterator& iterator;
  bool alone = false;                 // there is one partition: its share is 0
  size_t share_bytes = 0;             // of memory, a partition
  const PartitionRows* at = nullptr;  // whose rows the iterator is at
};

class PartitionRows {
 public:
  // `day` is the partition's first, 0 without partitions. `walk` must outlive
  // this.
  PartitionRows(SharedWalk* walk, int32_t day);
  // Another partition may come to lie at this address.
  ~PartitionRows() {
    if (walk_.at == this) walk_.at = nullptr;
  }
  PartitionRows(const PartitionRows&) = delete;
  PartitionRows& operator=(const PartitionRows&) = delete;

  // Moves to the next row of any series; false at the end or on an error that
  // ends the walk: see status().
  bool Next();
  // The same, to the first row of another series than the present row's.
  bool NextSeries();

  // Whether there is a present row. It is valid until the next move, its
  // value until that of any partition of the walk.
  bool Valid() const { return present_at_ < bytes_.size(); }
  // Its series, escaped and terminated: such bytes sort as keys do.
  Slice series() const;
  ParsedRowKey row() const;  // REQUIRES: Value was OK
  Status Value(Slice* value);

  int32_t day() const { return day_; }
  const Status& status() const { return status_; }

 private:
  enum class ValueAt : uint32_t { kMemory, kIterator, kFailure };
  // How bytes_ holds a row: this struct, then the key without its bucket, then
  // the value.
  struct Row {
    int64_t bucket_start_ms;
    uint32_t prefix_bytes;
    uint32_t value_bytes;
    ValueAt value_at;
  };
  enum class Resume { kAtKey, kBehindKey, kBehindSeries };

  void ReadPresent();
  void DropPresent();
  void Fill();
  void MoveToResume();
  // Looks at the iterator's key; false: the rest of memory is too small.
  bool TakeOrPass();
  void Judge(const ParsedRowKey& row, const Slice& key);
  bool Take(const ParsedRowKey& row, const Slice& key);
  void Append(const Row& row, const char* prefix, const char* value);
  void PassOver(const ParsedRowKey& row);
  // Whether reading goes on behind the series that could not be read.
  bool GoOnAfter(const Status& failure);
  void SeekBehindSeries();

  SharedWalk& walk_;
  const int32_t day_;
  const size_t partition_bytes_;
  const std::string reach_;  // all keys begin with it
  std::string bytes_;
  size_t present_at_ = 0;  // in bytes_
  Row present_{};
  size_t fill_bytes_;
  std::string resume_key_;
  Resume resume_ = Resume::kAtKey;
  bool ended_ = false;
  Status failure_;  // of the series at the end of bytes_
  Status status_;

  // The series looked at last, as series() has it.
  std::string series_;
  bool wanted_ = false;
  bool sought_behind_ = false;
  int passed_rows_ = 0;
  size_t passed_bytes_ = 0;
};

}  // namespace varve
