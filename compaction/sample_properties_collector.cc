// See sample_properties_collector.h.
#include "compaction/sample_properties_collector.h"

#include <algorithm>
#include <map>

#include "compaction/ageing_mark.h"
#include "compaction/row_merge.h"
#include "compaction/written_check.h"
#include "format/coding/varint.h"
#include "format/row/row_entries.h"
#include "format/row/row_key.h"
#include "format/row/sample_block.h"

namespace varve {
namespace {

using rocksdb::Slice;

// Samples over time in at most kHistogramBinsMax bins, which double their
// width when time gets longer; one width for all resolutions of a file.
class Histogram {
 public:
  explicit Histogram(int64_t bucket_width_ms) : width_ms_(bucket_width_ms) {}

  struct Resolution {
    uint64_t samples = 0;
    uint64_t bytes = 0;
    std::map<int64_t, uint64_t> bins;  // by time / width
  };

  void Add(int64_t interval_ms, int64_t bucket_start_ms, uint64_t samples,
           uint64_t bytes) {
    Resolution& resolution = resolutions_[interval_ms];
    resolution.samples += samples;
    resolution.bytes += bytes;
    first_ms_ = std::min(first_ms_, bucket_start_ms);
    last_ms_ = std::max(last_ms_, bucket_start_ms);
    while (Bin(last_ms_) - Bin(first_ms_) >=
           static_cast<int64_t>(kHistogramBinsMax)) {
      Widen();
    }
    resolution.bins[Bin(bucket_start_ms)] += samples;
  }

  void AppendTo(std::vector<ResolutionProperties>* properties) const {
    for (const auto& item : resolutions_) {
      ResolutionProperties out;
      out.interval_ms = item.first;
      out.samples = item.second.samples;
      out.bytes = item.second.bytes;
      const auto& bins = item.second.bins;
      const int64_t first = bins.begin()->first;
      out.bins_start_ms = first * width_ms_;
      out.bin_width_ms = width_ms_;
      out.bins.resize(static_cast<size_t>(bins.rbegin()->first - first) + 1);
      for (const auto& bin : bins) {
        out.bins[static_cast<size_t>(bin.first - first)] = bin.second;
      }
      properties->push_back(out);
    }
  }

 private:
  int64_t Bin(int64_t time_ms) const {
    return AlignDown(time_ms, width_ms_) / width_ms_;
  }

  void Widen() {
    width_ms_ *= 2;
    for (auto& item : resolutions_) {
      std::map<int64_t, uint64_t> wider;
      for (const auto& bin : item.second.bins) {
        wider[AlignDown(bin.first, 2) / 2] += bin.second;
      }
      item.second.bins.swap(wider);
    }
  }

  int64_t width_ms_;
  int64_t first_ms_ = INT64_MAX;
  int64_t last_ms_ = INT64_MIN;
  std::map<int64_t, Resolution> resolutions_;  // by interval
};

// The last timestamp that the bucket of a row key in [begin, end) can hold.
// Row keys begin with their partition: those before `end` are of its partition
// or of earlier ones. Without partitions time has a bound only within a
// series.
int64_t RangeLast(const RowShape& shape, const Slice& begin, const Slice& end) {
  if (shape.partition != Partition::kNone) {
    if (end.size() < kPartitionBytes) return kRangeLastMaxMs;
    const int64_t day =
        static_cast<int64_t>(LoadBig32(end.data())) - (int64_t{1} << 31);
    if (day > PartitionDay(shape.partition, kTimestampMax)) {
      return kRangeLastMaxMs;
    }
    // Long before any row.
    if (day * kMillisPerDay < -2 * kBucketWidthMaxMs) return kTimestampMin - 1;
    const int32_t partition =
        PartitionDay(shape.partition, day * kMillisPerDay);
    // A bare partition lies before all of its rows.
    const int64_t upto_day = end.size() == kPartitionBytes && partition == day
                                 ? day
                                 : NextPartitionDay(shape.partition, partition);
    return shape.BucketLast(upto_day * kMillisPerDay - shape.bucket_width_ms);
  }
  ParsedRowKey first, past;
  if (!ParseRowKey(shape, begin, &first) || !ParseRowKey(shape, end, &past) ||
      first.series_escaped != past.series_escaped) {
    return kRangeLastMaxMs;
  }
  return shape.BucketLast(past.bucket_start_ms);
}

class Collector : public rocksdb::TablePropertiesCollector {
 public:
  explicit Collector(const LivePolicy& policy)
      : policy_(policy), histogram_(policy.Get().shape.bucket_width_ms) {
    properties_.shape = policy.Get().shape;
    properties_.aged = AgeingMark::Current();
  }

  const char* Name() const override { return kSamplePropertiesId; }

  Status AddUserKey(const Slice& key, const Slice& value,
                    rocksdb::EntryType type, rocksdb::SequenceNumber /*seq*/,
                    uint64_t /*file_size*/) override {
    if (type == rocksdb::kEntryRangeDeletion) {
      // Its value is the key that it ends before.
      const int64_t last = RangeLast(properties_.shape, key, value);
      properties_.range_last_ms =
          properties_.range_tombstones == 0
              ? last
              : std::max(properties_.range_last_ms, last);
      ++properties_.range_tombstones;
      return Status::OK();
    }
    const bool tombstone = type == rocksdb::kEntryDelete ||
                           type == rocksdb::kEntrySingleDelete ||
                           type == rocksdb::kEntryDeleteWithTimestamp;
    if (tombstone) ++properties_.tombstones;
    ParsedRowKey row;
    if (!ParseRowKey(properties_.shape, key, &row)) {
      ++(tombstone ? properties_.foreign_tombstones : properties_.foreign_rows);
      return Status::OK();
    }
    const int64_t bucket_last =
        properties_.shape.BucketLast(row.bucket_start_ms);
    if (!properties_.has_row_keys || bucket_last > properties_.bucket_last_ms) {
      properties_.bucket_last_ms = bucket_last;
    }
    properties_.has_row_keys = true;
    if (tombstone) return Status::OK();
    ++properties_.rows;
    const bool readable =
        type == rocksdb::kEntryPut || type == rocksdb::kEntryMerge;
    if (!readable || !AddValue(row.bucket_start_ms, key.size(), value)) {
      ++properties_.foreign_rows;
    }
    return Status::OK();
  }

  Status Finish(rocksdb::UserCollectedProperties* properties) override {
    rocksdb::UserCollectedProperties mine;
    Result().AppendTo(&mine);
    if (kChecksWritten) {
      EndUnlessReadBack("a file's properties", PropertiesReadBack(mine));
    }
    for (auto& [name, value] : mine) (*properties)[name] = std::move(value);
    return Status::OK();
  }

  rocksdb::UserCollectedProperties GetReadableProperties() const override {
    rocksdb::UserCollectedProperties properties;
    Result().AppendTo(&properties);
    return properties;
  }

 private:
  SampleProperties Result() const {
    SampleProperties result = properties_;
    result.now_ms = policy_.NowMs();
    histogram_.AppendTo(&result.resolutions);
    return result;
  }

  // False when any of it is not samples of the row. The key's bytes count for
  // a block that is all of the value.
  bool AddValue(int64_t bucket_start_ms, size_t key_bytes, const Slice& value) {
    bool readable = true;
    RowEntries entries(value);
    while (entries.Next()) {
      const bool whole = entries.entry().size() == value.size();
      readable = entries.status().ok() &&
                 AddBlock(bucket_start_ms,
                          entries.entry().size() + (whole ? key_bytes : 0),
                          entries.header()) &&
                 readable;
    }
    return readable;
  }

  bool AddBlock(int64_t bucket_start_ms, uint64_t bytes,
                const BlockHeader& header) {
    if (!CheckBlockOfRow(properties_.shape, bucket_start_ms, header).ok()) {
      return false;
    }
    if (header.sample_count == 0) return true;
    if (properties_.samples == 0) {
      properties_.first_timestamp_ms = header.first_timestamp_ms;
      properties_.last_timestamp_ms = header.last_timestamp_ms;
    }
    properties_.first_timestamp_ms =
        std::min(properties_.first_timestamp_ms, header.first_timestamp_ms);
    properties_.last_timestamp_ms =
        std::max(properties_.last_timestamp_ms, header.last_timestamp_ms);
    properties_.samples += header.sample_count;
    AddPortions(bucket_start_ms, bytes, header);
    return true;
  }

  // Coarsest stretch first, as long as samples are left; the rest is raw.
  void AddPortions(int64_t bucket_start_ms, uint64_t bytes,
                   const BlockHeader& header) {
    const RowShape& shape = properties_.shape;
    const uint64_t all = header.sample_count;
    uint64_t left = all;
    int64_t from_ms = header.first_timestamp_ms;
    for (size_t i = header.thinned_count; i > 0 && left > 0; --i) {
      const ThinnedInterval& thinned = header.thinned[i - 1];
      const int64_t up_to = std::min(
          thinned.up_to_ms,
          shape.WindowStart(header.last_timestamp_ms, thinned.interval_ms) +
              thinned.interval_ms);
      const int64_t start = shape.WindowStart(from_ms, thinned.interval_ms);
      if (up_to <= start) continue;
      const bool covers_rest =
          shape.WindowStart(header.last_timestamp_ms, thinned.interval_ms) <
          thinned.up_to_ms;
      const auto windows =
          static_cast<uint64_t>((up_to - start) / thinned.interval_ms);
      const uint64_t samples = covers_rest ? left : std::min(left, windows);
      histogram_.Add(thinned.interval_ms, bucket_start_ms, samples,
                     bytes * samples / all);
      left -= samples;
      from_ms = shape.BucketFirst(up_to);
    }
    if (left > 0) {
      histogram_.Add(0, bucket_start_ms, left, bytes * left / all);
    }
  }

  const LivePolicy& policy_;
  SampleProperties properties_;
  Histogram histogram_;
};

}  // namespace

bool SamplePropertiesFactory::ChecksWritten() { return kChecksWritten; }

SamplePropertiesFactory::SamplePropertiesFactory()
    : PolicyObject(PolicyUse::kShape, PolicyText::kOptional, kCollectorOption) {
}

rocksdb::TablePropertiesCollector*
SamplePropertiesFactory::CreateTablePropertiesCollector(Context /*context*/) {
  return new Collector(policy());
}

}  // namespace varve
