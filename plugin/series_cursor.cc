// See series_cursor.h.
#include "plugin/series_cursor.h"

#include <functional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "plugin/hinted_iterator.h"
#include "plugin/no_throw.h"
#include "plugin/row_cursor.h"

namespace varve {
namespace {

constexpr size_t kTerminatorBytes = 2;

// Bytes that every key of a series with this prefix has behind its partition.
std::string EscapedPrefix(const Slice& prefix) {
  std::string escaped;
  if (!prefix.empty()) {
    RowShape plain;
    plain.partition = Partition::kNone;
    AppendSeriesPrefix(plain, 0, prefix, &escaped);
    escaped.resize(escaped.size() - kTerminatorBytes);
  }
  return escaped;
}

std::string PartitionKey(const RowShape& shape, int64_t timestamp_ms) {
  std::string key;
  if (shape.partition != Partition::kNone) {
    AppendPartition(PartitionDay(shape.partition, timestamp_ms), &key);
  }
  return key;
}

// The key behind the last partition; none, as "", without partitions.
std::string EndKey(const RowShape& shape) {
  std::string key;
  if (shape.partition != Partition::kNone) {
    const int64_t last_ms = shape.BucketStart(kTimestampMax);
    AppendPartition(NextPartitionDay(shape.partition,
                                     PartitionDay(shape.partition, last_ms)),
                    &key);
  }
  return key;
}

class PartitionedSeriesCursor : public SeriesCursor {
 public:
  PartitionedSeriesCursor(const LiveColumnFamily& live,
                          const SampleReadOptions& options, const Slice& prefix)
      : shape_(live.shape()),
        partition_bytes_(
            shape_.partition == Partition::kNone ? 0 : kPartitionBytes),
        prefix_(EscapedPrefix(prefix)),
        iterator_(live.db, live.cf, options.rocksdb,
                  PartitionKey(shape_, shape_.BucketStart(kTimestampMin)),
                  EndKey(shape_), HintedIterator::kNoSamples) {}

  bool Next() override {
    bool found = false;
    if (status_.ok()) {
      const Status status = NoThrow([&] {
        found = Move();
        return status_;
      });
      if (!status.ok()) status_ = status;
    }
    return found && status_.ok();
  }

  const std::string& series() const override { return series_; }
  Status status() const override { return status_; }

 private:
  // A series, escaped, and the partition (as key bytes) that stands at it.
  using Head = std::pair<std::string, std::string>;

  bool Move() {
    if (!started_) {
      started_ = true;
      FindPartitions();
    }
    // Past the series that was last returned, in all partitions that hold it.
    while (status_.ok() && !heads_.empty() && heads_.top().first == last_) {
      const Head head = heads_.top();
      heads_.pop();
      PushFirstBehind(head);
    }
    if (!status_.ok() || heads_.empty()) return false;
    last_ = heads_.top().first;
    ParsedRowKey name;
    name.series_escaped = last_;
    series_ = name.series();
    return true;
  }

  void FindPartitions() {
    std::string partition =
        PartitionKey(shape_, shape_.BucketStart(kTimestampMin));
    while (status_.ok()) {
      iterator_.Seek(partition);
      // Bytes too short for a partition are no row.
      while (iterator_.Valid() && iterator_.key().size() < partition_bytes_) {
        iterator_.Next();
      }
      if (!iterator_.Valid()) {
        status_ = iterator_.status();
        break;
      }
      if (partition_bytes_ == 0) {
        PushFirstFrom("", prefix_);
        break;
      }
      const KeyPartition at = PartitionOfKey(shape_, iterator_.key());
      partition.clear();
      AppendPartition(at.day, &partition);
      if (!at.is_partition) continue;
      PushFirstFrom(partition, prefix_);
      partition.clear();
      AppendPartition(NextPartitionDay(shape_.partition, at.day), &partition);
    }
  }

  // Gives the partition a head again, behind all keys of its present series.
  void PushFirstBehind(const Head& head) {
    // A terminator is 00 01.
    PushFirstFrom(head.second, head.first + std::string("\x00\x02", 2));
  }

  // The first row of the partition from `rest` on whose series matches.
  void PushFirstFrom(const std::string& partition, const std::string& rest) {
    iterator_.Seek(partition + rest);
    for (; iterator_.Valid(); iterator_.Next()) {
      const Slice key = iterator_.key();
      if (!key.starts_with(partition)) break;
      const Slice behind(key.data() + partition_bytes_,
                         key.size() - partition_bytes_);
      if (!behind.starts_with(prefix_)) break;
      ParsedRowKey row;
      if (!ParseRowKey(shape_, key, &row)) continue;
      heads_.emplace(row.series_escaped.ToString(), partition);
      return;
    }
    if (!iterator_.Valid()) status_ = iterator_.status();
  }

  const RowShape shape_;
  const size_t partition_bytes_;
  const std::string prefix_;  // escaped
  HintedIterator iterator_;
  bool started_ = false;
  std::priority_queue<Head, std::vector<Head>, std::greater<Head>> heads_;
  std::string last_;  // escaped
  std::string series_;
  Status status_;
};

class NoSeriesCursor : public SeriesCursor {
 public:
  bool Next() override { return false; }
  const std::string& series() const override { return series_; }
  Status status() const override { return Status::OK(); }

 private:
  std::string series_;
};

}  // namespace

std::unique_ptr<SeriesCursor> NewSeriesCursor(const LiveColumnFamily& live,
                                              const SampleReadOptions& options,
                                              const Slice& prefix) {
  // No series is that long.
  if (prefix.size() > kSeriesBytesMax) {
    return std::make_unique<NoSeriesCursor>();
  }
  return std::make_unique<PartitionedSeriesCursor>(live, options, prefix);
}

}  // namespace varve
