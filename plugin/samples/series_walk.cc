// See series_walk.h: a heap of partitions by their present series. Partitions
// that hold the same series follow in the order of time.
#include "plugin/samples/series_walk.h"

#include <algorithm>
#include <utility>

namespace varve {
namespace {

std::string PartitionKey(const RowShape& shape, int32_t day) {
  std::string key;
  if (shape.partition != Partition::kNone) AppendPartition(day, &key);
  return key;
}

int32_t FirstDay(const WalkRequest& request) {
  return PartitionDay(request.shape.partition, request.span.first_bucket_ms);
}

int32_t LastDay(const WalkRequest& request) {
  return PartitionDay(request.shape.partition, request.span.last_bucket_ms);
}

std::string LowerBound(const WalkRequest& request) {
  return PartitionKey(request.shape, FirstDay(request)) + request.prefix;
}

// The key behind all that a walk may take; none, as "", if there is none.
std::string UpperBound(const WalkRequest& request) {
  const RowShape& shape = request.shape;
  if (shape.partition != Partition::kNone) {
    return PartitionKey(shape,
                        NextPartitionDay(shape.partition, LastDay(request)));
  }
  std::string bound = request.prefix;
  while (!bound.empty() && bound.back() == '\xff') bound.pop_back();
  if (!bound.empty()) ++bound.back();
  return bound;
}

// std's heaps have the greatest element in front.
bool IsLater(const std::unique_ptr<PartitionRows>& a,
             const std::unique_ptr<PartitionRows>& b) {
  const int order = a->series().compare(b->series());
  return order != 0 ? order > 0 : a->day() > b->day();
}

}  // namespace

SeriesWalk::SeriesWalk(const LiveColumnFamily& live,
                       const rocksdb::ReadOptions& options, WalkRequest request)
    : request_(std::move(request)),
      iterator_(live.db, live.cf, options, LowerBound(request_),
                UpperBound(request_), request_.needed),
      shared_{request_, iterator_} {}

Slice SeriesWalk::series_escaped() const {
  return Slice(present_.data(), present_.size() - kTerminatorBytes);
}

// A seek a partition that exists: the key that it lands on names the next.
Status SeriesWalk::FindPartitions(std::vector<int32_t>* days) {
  const RowShape& shape = request_.shape;
  if (shape.partition == Partition::kNone) {
    days->push_back(0);
    return Status::OK();
  }
  const int32_t last_day = LastDay(request_);
  for (int32_t day = FirstDay(request_); day <= last_day;) {
    iterator_.Seek(PartitionKey(shape, day) + request_.prefix);
    // Bytes too short for a partition are no row.
    while (iterator_.Valid() && iterator_.key().size() < kPartitionBytes) {
      iterator_.Next();
    }
    if (!iterator_.Valid()) return iterator_.status();
    const Slice key = iterator_.key();
    const KeyPartition at = PartitionOfKey(shape, key);
    day = at.day;
    const Slice rest(key.data() + kPartitionBytes,
                     key.size() - kPartitionBytes);
    if (!at.is_partition || rest.compare(request_.prefix) < 0) continue;
    if (rest.starts_with(request_.prefix)) days->push_back(day);
    day = NextPartitionDay(shape.partition, day);
  }
  return Status::OK();
}

void SeriesWalk::Start() {
  std::vector<int32_t> days;
  status_ = FindPartitions(&days);
  if (!status_.ok()) return;
  shared_.alone = days.size() == 1;
  if (days.size() > 1) {
    shared_.share_bytes = request_.buffer_bytes / days.size();
  }
  for (const int32_t day : days) {
    auto rows = std::make_unique<PartitionRows>(&shared_, day);
    if (rows->Next()) {
      heap_.push_back(std::move(rows));
      std::push_heap(heap_.begin(), heap_.end(), IsLater);
    } else if (!rows->status().ok()) {
      status_ = rows->status();
      heap_.clear();
      return;
    }
  }
}

void SeriesWalk::Settle() {
  if (!heap_.front()->Valid()) {
    status_ = heap_.front()->status();
    if (!status_.ok()) {
      heap_.clear();
      return;
    }
    std::swap(heap_.front(), heap_.back());
    heap_.pop_back();
  }
  // Downwards, and not at all as long as the series is the same.
  for (size_t at = 0; 2 * at + 1 < heap_.size();) {
    size_t child = 2 * at + 1;
    if (child + 1 < heap_.size() && IsLater(heap_[child], heap_[child + 1])) {
      ++child;
    }
    if (!IsLater(heap_[at], heap_[child])) break;
    std::swap(heap_[at], heap_[child]);
    at = child;
  }
}

bool SeriesWalk::NextSeries() {
  if (!started_) {
    started_ = true;
    Start();
  } else {
    while (!heap_.empty() && heap_.front()->series() == present_) {
      heap_.front()->NextSeries();
      Settle();
    }
  }
  row_taken_ = false;
  if (heap_.empty()) return false;
  present_ = heap_.front()->series().ToString();
  return true;
}

bool SeriesWalk::NextRow() {
  if (row_taken_) {
    heap_.front()->Next();
    Settle();
  }
  row_taken_ = !heap_.empty() && heap_.front()->series() == present_;
  return row_taken_;
}

}  // namespace varve
