// Walks the rows of many series: series by series in ascending byte order,
// each one's rows in ascending time, over all partitions, at one moment of
// the database. What lies where: partition_rows.h. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugin/samples/live_column_family.h"
#include "plugin/samples/partition_rows.h"
#include "varve/varve.h"

namespace varve {

class SeriesWalk {
 public:
  // `live` must outlive this.
  SeriesWalk(const LiveColumnFamily& live, const rocksdb::ReadOptions& options,
             WalkRequest request);

  // Moves to the next series that has rows, before its first row, past what
  // is left of the present one; false at the end or on an error.
  bool NextSeries();
  // Moves to the next row of the present series.
  bool NextRow();

  // The present series, escaped.
  Slice series_escaped() const;

  // The present row, valid until the next move. An error of its value is one
  // of its series: NextSeries goes on behind that.
  ParsedRowKey row() const { return heap_.front()->row(); }
  Status Value(Slice* value) { return heap_.front()->Value(value); }

  // OK, or what has ended the walk.
  const Status& status() const { return status_; }

 private:
  void Start();
  Status FindPartitions(std::vector<int32_t>* days);
  // Gives the front of the heap its place after a move.
  void Settle();

  const WalkRequest request_;
  HintedIterator iterator_;
  SharedWalk shared_;
  bool started_ = false;
  bool row_taken_ = false;
  std::vector<std::unique_ptr<PartitionRows>> heap_;
  std::string present_;  // as PartitionRows::series() has it
  Status status_;
};

}  // namespace varve
