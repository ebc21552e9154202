// See partition_rows.h.
#include "plugin/samples/partition_rows.h"

#include <algorithm>
#include <cstring>

namespace varve {
namespace {

constexpr size_t kFirstFillBytes = size_t{4} << 10;

// A step costs about a fifteenth of a seek where rows are short; long values
// have to be read to be passed.
constexpr int kPassedRowsMax = 4;
constexpr size_t kPassedBytesMax = size_t{4} << 10;

std::string Reach(const WalkRequest& request, int32_t day) {
  std::string reach;
  if (request.shape.partition != Partition::kNone) {
    AppendPartition(day, &reach);
  }
  return reach + request.prefix;
}

}  // namespace

PartitionRows::PartitionRows(SharedWalk* walk, int32_t day)
    : walk_(*walk),
      day_(day),
      partition_bytes_(walk->request.shape.partition == Partition::kNone
                           ? 0
                           : kPartitionBytes),
      reach_(Reach(walk->request, day)),
      fill_bytes_(std::min(kFirstFillBytes, walk->share_bytes)),
      resume_key_(reach_) {}

Slice PartitionRows::series() const {
  return Slice(bytes_.data() + present_at_ + sizeof(Row) + partition_bytes_,
               present_.prefix_bytes - partition_bytes_);
}

ParsedRowKey PartitionRows::row() const {
  ParsedRowKey row;
  row.partition_day = day_;
  row.bucket_start_ms = present_.bucket_start_ms;
  row.series_escaped = series();
  row.series_escaped.remove_suffix(kTerminatorBytes);
  row.prefix_bytes = present_.prefix_bytes;
  return row;
}

Status PartitionRows::Value(Slice* value) {
  if (present_.value_at == ValueAt::kFailure) return failure_;
  if (present_.value_at == ValueAt::kMemory) {
    *value =
        Slice(bytes_.data() + present_at_ + sizeof(Row) + present_.prefix_bytes,
              present_.value_bytes);
    return Status::OK();
  }
  if (walk_.at != this) MoveToResume();
  HintedIterator& iterator = walk_.iterator;
  if (!iterator.Valid()) {
    walk_.at = nullptr;
    return iterator.status();
  }
  *value = iterator.value();
  return Status::OK();
}

bool PartitionRows::Next() {
  if (Valid()) DropPresent();
  if (!Valid()) Fill();
  return Valid();
}

bool PartitionRows::NextSeries() {
  const Slice passed = series();
  while (Valid() && series() == passed) DropPresent();
  if (Valid()) return true;
  if (passed == series_) wanted_ = false;
  Fill();
  return Valid();
}

void PartitionRows::ReadPresent() {
  if (Valid()) {
    std::memcpy(&present_, bytes_.data() + present_at_, sizeof present_);
  }
}

void PartitionRows::DropPresent() {
  if (present_.value_at == ValueAt::kIterator) resume_ = Resume::kBehindKey;
  if (present_.value_at == ValueAt::kFailure) resume_ = Resume::kBehindSeries;
  present_at_ += sizeof(Row) + present_.prefix_bytes + present_.value_bytes;
  ReadPresent();
}

// REQUIRES: all rows have been dropped.
void PartitionRows::Fill() {
  if (ended_ || !status_.ok()) return;
  MoveToResume();
  bytes_.clear();
  present_at_ = 0;
  bytes_.reserve(fill_bytes_);
  HintedIterator& iterator = walk_.iterator;
  for (;;) {
    if (!iterator.Valid()) {
      const Status status = iterator.status();
      ended_ = status.ok();
      if (ended_ || !GoOnAfter(status)) break;
    } else if (!iterator.key().starts_with(reach_)) {
      ended_ = true;
      break;
    } else if (!TakeOrPass()) {
      break;
    }
  }
  if (!walk_.alone && iterator.Valid()) {
    resume_key_.assign(iterator.key().data(), iterator.key().size());
  }
  fill_bytes_ = std::min(2 * fill_bytes_, walk_.share_bytes);
  ReadPresent();
}

// Brings the iterator to where reading goes on: at the key, or behind it.
void PartitionRows::MoveToResume() {
  HintedIterator& iterator = walk_.iterator;
  const Resume resume = resume_;
  resume_ = Resume::kAtKey;
  if (resume == Resume::kBehindSeries) {
    wanted_ = false;
    SeekBehindSeries();
  } else if (walk_.at != this) {
    if (resume == Resume::kBehindKey) resume_key_.push_back('\0');
    iterator.Seek(resume_key_);
  } else if (resume == Resume::kBehindKey) {
    iterator.Next();
  }
  walk_.at = this;
}

bool PartitionRows::TakeOrPass() {
  HintedIterator& iterator = walk_.iterator;
  const WalkRequest& request = walk_.request;
  const Slice key = iterator.key();
  ParsedRowKey row;
  if (!ParseRowKey(request.shape, key, &row)) {
    iterator.Next();
    return true;
  }
  Judge(row, key);
  if (!wanted_ || row.bucket_start_ms < request.span.first_bucket_ms ||
      row.bucket_start_ms > request.span.last_bucket_ms) {
    PassOver(row);
    return true;
  }
  return Take(row, key);
}

void PartitionRows::Judge(const ParsedRowKey& row, const Slice& key) {
  const Slice series(key.data() + partition_bytes_,
                     row.prefix_bytes - partition_bytes_);
  if (series == series_) return;
  series_.assign(series.data(), series.size());
  wanted_ =
      walk_.request.matches == nullptr || walk_.request.matches(row.series());
  sought_behind_ = false;
  passed_rows_ = 0;
  passed_bytes_ = 0;
}

bool PartitionRows::Take(const ParsedRowKey& row, const Slice& key) {
  const bool with_value = walk_.request.take == WalkRequest::Take::kRows;
  const Slice value = with_value ? walk_.iterator.value() : Slice();
  const bool fits =
      bytes_.size() + sizeof(Row) + row.prefix_bytes + value.size() <=
      fill_bytes_;
  if (!fits && !bytes_.empty()) return false;
  wanted_ = with_value;
  const auto prefix_bytes = static_cast<uint32_t>(row.prefix_bytes);
  const auto value_bytes = static_cast<uint32_t>(value.size());
  if (!fits) {
    Append({row.bucket_start_ms, prefix_bytes, 0, ValueAt::kIterator},
           key.data(), nullptr);
    return false;
  }
  Append({row.bucket_start_ms, prefix_bytes, value_bytes, ValueAt::kMemory},
         key.data(), value.data());
  walk_.iterator.Next();
  return true;
}

void PartitionRows::Append(const Row& row, const char* prefix,
                           const char* value) {
  bytes_.append(reinterpret_cast<const char*>(&row), sizeof row);
  bytes_.append(prefix, row.prefix_bytes);
  if (row.value_bytes > 0) bytes_.append(value, row.value_bytes);
}

void PartitionRows::PassOver(const ParsedRowKey& row) {
  HintedIterator& iterator = walk_.iterator;
  passed_bytes_ += iterator.value().size();
  if (++passed_rows_ < kPassedRowsMax && passed_bytes_ < kPassedBytesMax) {
    iterator.Next();
    return;
  }
  passed_rows_ = 0;
  passed_bytes_ = 0;
  const int64_t first_ms = walk_.request.span.first_bucket_ms;
  if (!wanted_ || row.bucket_start_ms >= first_ms) {
    SeekBehindSeries();
    return;
  }
  std::string target = iterator.key().ToString();
  SetRowKeyBucket(row.prefix_bytes, first_ms, &target);
  iterator.Seek(target);
}

// What the series holds in other places is no concern of those behind it.
bool PartitionRows::GoOnAfter(const Status& failure) {
  walk_.at = nullptr;
  const bool of_series =
      !series_.empty() && (failure.IsCorruption() || failure.IsNotSupported());
  if (of_series && wanted_) {
    failure_ = failure;
    const std::string key = reach_.substr(0, partition_bytes_) + series_;
    Append({0, static_cast<uint32_t>(key.size()), 0, ValueAt::kFailure},
           key.data(), nullptr);
    return false;
  }
  if (of_series && !sought_behind_) {
    SeekBehindSeries();
    walk_.at = this;
    return true;
  }
  status_ = failure;
  return false;
}

void PartitionRows::SeekBehindSeries() {
  sought_behind_ = true;
  std::string target = reach_.substr(0, partition_bytes_) + series_;
  ++target.back();  // of the terminator, 00 01
  walk_.iterator.Seek(target);
}

}  // namespace varve
