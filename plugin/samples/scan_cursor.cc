// See scan_cursor.h.
#include "plugin/samples/scan_cursor.h"

#include <cstring>
#include <vector>

#include "format/row/sample_run.h"
#include "plugin/host/no_throw.h"
#include "plugin/samples/row_reader.h"
#include "plugin/samples/series_walk.h"

namespace varve {
namespace {

// The prefix of series as keys have it.
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

// What one cursor asks of all rows. The walk is given back when it has ended:
// it keeps files and memtables alive.
class ManyRows {
 public:
  ManyRows(const LiveColumnFamily& live, const SampleReadOptions& options,
           const ScanOptions& scan, WalkRequest::Take take)
      : policy_(live.policy->Get()),
        now_ms_(options.now_ms < 0 ? live.policy->NowMs() : options.now_ms),
        range_(VisibleRange(policy_, now_ms_, {scan.start_ms, scan.end_ms})) {
    // No series is that long.
    if (range_.empty() || scan.prefix.size() > kSeriesBytesMax) return;
    WalkRequest request;
    request.shape = policy_.shape;
    request.prefix = EscapedPrefix(scan.prefix);
    request.matches = scan.matches;
    request.span = {policy_.shape.BucketStart(range_.from_ms),
                    policy_.shape.BucketStart(range_.to_ms)};
    request.needed = take == WalkRequest::Take::kSeries
                         ? HintedIterator::kNoSamples
                         : TimeRange{range_.from_ms,
                                     ReadUpTo(policy_, now_ms_, range_.to_ms)};
    request.buffer_bytes = scan.buffer_bytes;
    request.take = take;
    walk_ = std::make_unique<SeriesWalk>(live, options.rocksdb, request);
  }

  // REQUIRES: status().ok(), which is then what ended the walk, if anything.
  bool NextSeries() {
    if (walk_ == nullptr) return false;
    bool found = false;
    status_ = NoThrow([&] {
      found = walk_->NextSeries();
      if (found) UnescapeSeries();
      return walk_->status();
    });
    if (found && status_.ok()) return true;
    walk_.reset();
    return false;
  }

  // Replaces *run by the next row's samples, never none; false, and an empty
  // run, at the series' end or on an error of it or of the walk.
  Status NextRun(SampleRun* run) {
    run->clear();
    if (walk_ == nullptr) return status_;
    Status status = NoThrow([&] {
      Status read;
      while (read.ok() && run->empty() && walk_->NextRow()) {
        Slice value;
        read = walk_->Value(&value);
        if (read.ok()) {
          read =
              reader_.Read(policy_, now_ms_, walk_->row(), value, range_, run);
        }
      }
      return walk_->status().ok() ? read : walk_->status();
    });
    if (!status.ok()) run->clear();
    // Others than the series' own end the walk.
    const bool of_series = status.IsCorruption() || status.IsNotSupported();
    if (!status.ok() && (!of_series || !walk_->status().ok())) {
      status_ = status;
      walk_.reset();
    }
    return status;
  }

  const std::string& series() const { return series_; }
  const Status& status() const { return status_; }

 private:
  void UnescapeSeries() {
    ParsedRowKey name;
    name.series_escaped = walk_->series_escaped();
    series_ = name.series();
  }

  const Policy& policy_;  // lives as long as the column family's objects
  const int64_t now_ms_;
  const TimeRange range_;
  RowReader reader_;
  std::unique_ptr<SeriesWalk> walk_;
  std::string series_;
  Status status_;
};

class ManySamplesCursor : public ScanCursor {
 public:
  ManySamplesCursor(const LiveColumnFamily& live,
                    const SampleReadOptions& options, const ScanOptions& scan)
      : rows_(live, options, scan, WalkRequest::Take::kRows) {}

  bool NextSeries() override {
    run_.clear();
    in_series_ = rows_.NextSeries();
    status_ = rows_.status();
    return in_series_;
  }

  bool Next() override {
    run_.clear();
    if (!in_series_) return false;
    status_ = rows_.NextRun(&run_);
    in_series_ = !run_.empty();
    if (!in_series_) return false;
    if (values_.size() < run_.size()) {
      status_ = NoThrow([this] {
        values_.resize(run_.size());
        return Status::OK();
      });
      if (!status_.ok()) return in_series_ = false;
    }
    std::memcpy(values_.data(), run_.value_bits(), run_.size() * 8);
    return true;
  }

  const std::string& series() const override { return rows_.series(); }
  const int64_t* timestamps_ms() const override { return run_.timestamps(); }
  const double* values() const override { return values_.data(); }
  size_t size() const override { return run_.size(); }
  Status status() const override { return status_; }

 private:
  ManyRows rows_;
  bool in_series_ = false;
  Status status_;
  SampleRun run_;
  std::vector<double> values_;
};

class ManySeriesCursor : public SeriesCursor {
 public:
  ManySeriesCursor(const LiveColumnFamily& live,
                   const SampleReadOptions& options, const ScanOptions& scan)
      : rows_(live, options, scan, WalkRequest::Take::kSeries) {}

  bool Next() override { return rows_.NextSeries(); }
  const std::string& series() const override { return rows_.series(); }
  Status status() const override { return rows_.status(); }

 private:
  ManyRows rows_;
};

}  // namespace

std::unique_ptr<ScanCursor> NewScanCursor(const LiveColumnFamily& live,
                                          const SampleReadOptions& options,
                                          const ScanOptions& scan) {
  return std::make_unique<ManySamplesCursor>(live, options, scan);
}

std::unique_ptr<SeriesCursor> NewSeriesCursor(const LiveColumnFamily& live,
                                              const SampleReadOptions& options,
                                              const ScanOptions& scan) {
  return std::make_unique<ManySeriesCursor>(live, options, scan);
}

}  // namespace varve
