// See row_cursor.h. With partitions the key space of one series is a range a
// partition; the cursor is always at, or before, the first key that it has
// not looked at.
#include "plugin/samples/row_cursor.h"

#include "format/coding/varint.h"

namespace varve {
namespace {

std::string RowKey(const RowShape& shape, const Slice& series,
                   int64_t bucket_start_ms) {
  std::string key;
  AppendRowKey(shape, series, bucket_start_ms, &key);
  return key;
}

// The first key behind the series' row at this bucket.
std::string KeyBehind(const RowShape& shape, const Slice& series,
                      int64_t bucket_start_ms) {
  return RowKey(shape, series, bucket_start_ms) + '\0';
}

size_t PartitionBytes(const RowShape& shape) {
  return shape.partition == Partition::kNone ? 0 : kPartitionBytes;
}

}  // namespace

KeyPartition PartitionOfKey(const RowShape& shape, const Slice& key) {
  constexpr uint32_t kSign = uint32_t{1} << 31;
  const auto day = static_cast<int32_t>(LoadBig32(key.data()) ^ kSign);
  const int32_t start =
      PartitionDay(shape.partition, int64_t{day} * kMillisPerDay);
  if (start == day) return {true, day};
  return {false, NextPartitionDay(shape.partition, start)};
}

RowCursor::Span RowCursor::AllBuckets(const RowShape& shape) {
  return {shape.BucketStart(kTimestampMin), shape.BucketStart(kTimestampMax)};
}

RowCursor::RowCursor(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                     const rocksdb::ReadOptions& options, const RowShape& shape,
                     const Slice& series, const Span& span,
                     const TimeRange& needed)
    : shape_(shape),
      span_(span),
      rest_(RowKey(shape, series, span.first_bucket_ms)
                .substr(PartitionBytes(shape))),
      prefix_bytes_(rest_.size() - kBucketBytes),
      iterator_(db, cf, options, RowKey(shape, series, span.first_bucket_ms),
                KeyBehind(shape, series, span.last_bucket_ms), needed) {}

void RowCursor::SeekPartition(int32_t partition_day) {
  target_.clear();
  if (shape_.partition != Partition::kNone) {
    AppendPartition(partition_day, &target_);
  }
  target_ += rest_;
  iterator_.Seek(target_);
}

void RowCursor::Advance() {
  if (!started_) {
    started_ = true;
    SeekPartition(PartitionDay(shape_.partition, span_.first_bucket_ms));
    return;
  }
  const int32_t next_day = PartitionDay(
      shape_.partition, row_.bucket_start_ms + shape_.bucket_width_ms);
  // Behind the last row of a partition lies another series: no need to look.
  if (next_day != row_.partition_day) {
    SeekPartition(next_day);
  } else {
    iterator_.Next();
  }
}

bool RowCursor::Next() {
  if (started_ && !iterator_.Valid()) return false;
  Advance();
  while (iterator_.Valid()) {
    if (IsRow()) return true;
  }
  return false;
}

bool RowCursor::IsRow() {
  if (shape_.partition != Partition::kNone) return IsRowInPartition();
  // The bounds share the series' prefix, and so do all keys between them.
  if (ParseRowKey(shape_, iterator_.key(), &row_)) return true;
  iterator_.Next();
  return false;
}

bool RowCursor::IsRowInPartition() {
  const Slice key = iterator_.key();
  if (key.size() < kPartitionBytes) {
    iterator_.Next();
    return false;
  }
  const KeyPartition at = PartitionOfKey(shape_, key);
  const Slice rest(key.data() + kPartitionBytes, key.size() - kPartitionBytes);
  if (!at.is_partition || rest.compare(rest_) < 0) {
    SeekPartition(at.day);
  } else if (!rest.starts_with(Slice(rest_.data(), prefix_bytes_))) {
    SeekPartition(NextPartitionDay(shape_.partition, at.day));
  } else if (ParseRowKey(shape_, key, &row_)) {
    return true;
  } else {
    iterator_.Next();
  }
  return false;
}

}  // namespace varve
