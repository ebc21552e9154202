// SampleReader of varve.h. A range within one row is a Get, a wider one (and
// any that may not go to the disk) an iterator over the series' rows; either
// way the merge operator only picks the row's entries (read_hint.h) and
// RowReader makes View(now) of them. Where the hint does not reach the operator
// (another copy of the library merges), the value is the merged row, and all
// the same to RowReader.
#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "compaction/read_hint.h"
#include "format/coding/value_bits.h"
#include "plugin/host/no_throw.h"
#include "plugin/samples/first_sequence.h"
#include "plugin/samples/hinted_iterator.h"
#include "plugin/samples/live_column_family.h"
#include "plugin/samples/row_cursor.h"
#include "plugin/samples/row_reader.h"
#include "plugin/samples/sample_output.h"
#include "plugin/samples/scan_cursor.h"
#include "varve/varve.h"

namespace varve {
namespace {

// Rows that ReadLast looks into one by one, from the newest on.
constexpr int kRowsBackwardsMax = 4;

// A thread keeps what its reads work with up to this many samples: making it
// anew takes as long as decoding a few hundred of them.
constexpr size_t kScratchSamplesMax = size_t{1} << 16;

struct Scratch {
  RowReader reader;
  SampleRun run;
};

thread_local std::unique_ptr<Scratch> thread_scratch;

// The thread's scratch memory for the length of one read.
class ScratchOfRead {
 public:
  explicit ScratchOfRead(ColumnCache* columns)
      : scratch_(std::move(thread_scratch)) {
    if (scratch_ == nullptr) scratch_ = std::make_unique<Scratch>();
    scratch_->run.clear();
    scratch_->reader.UseCache(columns);
  }
  ~ScratchOfRead() {
    scratch_->reader.UseCache(nullptr);
    if (std::max(scratch_->run.capacity(),
                 scratch_->reader.scratch_samples()) <= kScratchSamplesMax) {
      thread_scratch = std::move(scratch_);
    }
  }
  ScratchOfRead(const ScratchOfRead&) = delete;
  ScratchOfRead& operator=(const ScratchOfRead&) = delete;

  RowReader* reader() { return &scratch_->reader; }
  SampleRun* run() { return &scratch_->run; }

 private:
  std::unique_ptr<Scratch> scratch_;
};

// One read: what it asks of every row, and where its rows come from.
class RowStream {
 public:
  // `reader` must outlive this.
  RowStream(const LiveColumnFamily& live, const SampleReadOptions& options,
            const Slice& series, TimeRange asked, RowReader* reader)
      : reader_(*reader),
        live_(live),
        policy_(live.policy->Get()),
        now_ms_(options.now_ms < 0 ? live.policy->NowMs() : options.now_ms) {
    status_ = CheckSeries(series);
    if (!status_.ok()) return;
    range_ = VisibleRange(policy_, now_ms_, asked);
    if (range_.empty()) return;
    const RowShape& shape = policy_.shape;
    needed_ = {range_.from_ms, ReadUpTo(policy_, now_ms_, range_.to_ms)};
    const RowCursor::Span span{shape.BucketStart(range_.from_ms),
                               shape.BucketStart(range_.to_ms)};
    // A Get that may not open a file takes the file's rows for found and
    // empty; an iterator says that it is incomplete.
    if (span.first_bucket_ms == span.last_bucket_ms &&
        options.rocksdb.read_tier != rocksdb::kBlockCacheTier) {
      read_options_ = OwnReadOptions(options.rocksdb);
      AppendRowKey(shape, series, span.first_bucket_ms, &key_);
    } else {
      rows_ = std::make_unique<RowCursor>(live.db, live.cf, options.rocksdb,
                                          shape, series, span, needed_);
    }
  }

  // Replaces *run by the next row's samples, never none; false, and an empty
  // run, at the end or on an error.
  bool Next(SampleRun* run) {
    run->clear();
    while (status_.ok() && run->empty()) {
      bool found = false;
      status_ = NoThrow([&] {
        return rows_ == nullptr ? GetOnly(run, &found) : GetNext(run, &found);
      });
      if (!found) break;
    }
    return status_.ok() && !run->empty();
  }

  // Replaces *run by the newest sample of the range, or none.
  // REQUIRES: the range lies within one row.
  void NextLast(SampleRun* run) {
    last_only_ = true;
    Next(run);
  }

  const Status& status() const { return status_; }

 private:
  Status GetOnly(SampleRun* run, bool* found) {
    if (key_.empty()) return Status::OK();
    std::string key;
    key.swap(key_);
    rocksdb::PinnableSlice value;
    Status status;
    {
      const ReadHint hint(needed_.from_ms, needed_.to_ms, &policy_.shape);
      status = live_.db->Get(read_options_, live_.cf, key, &value);
    }
    if (status.IsNotFound()) return Status::OK();
    if (!status.ok()) return status;
    *found = true;
    ParsedRowKey row;
    ParseRowKey(policy_.shape, key, &row);
    return last_only_
               ? reader_.ReadLast(policy_, now_ms_, row, value, range_, run)
               : reader_.Read(policy_, now_ms_, row, value, range_, run);
  }

  Status GetNext(SampleRun* run, bool* found) {
    if (!rows_->Next()) return rows_->status();
    *found = true;
    return reader_.Read(policy_, now_ms_, rows_->row(), rows_->value(), range_,
                        run);
  }

  RowReader& reader_;
  const LiveColumnFamily& live_;
  const Policy& policy_;  // lives as long as live_.policy
  const int64_t now_ms_;
  TimeRange range_{0, -1};
  TimeRange needed_{0, -1};
  Status status_;
  rocksdb::ReadOptions read_options_;
  std::string key_;  // of the only row, until it is read
  bool last_only_ = false;
  std::unique_ptr<RowCursor> rows_;
};

class RowSampleCursor : public SampleCursor {
 public:
  RowSampleCursor(const LiveColumnFamily& live,
                  const SampleReadOptions& options, const Slice& series,
                  const TimeRange& asked, ColumnCache* columns)
      : rows_(live, options, series, asked, &reader_) {
    reader_.UseCache(columns);
  }

  bool Next() override {
    if (!status_.ok()) return false;
    status_ = NoThrow([this] {
      if (!rows_.Next(&run_)) return rows_.status();
      values_.resize(run_.size());
      std::memcpy(values_.data(), run_.value_bits(),
                  run_.size() * sizeof(double));
      return Status::OK();
    });
    if (!status_.ok()) run_.clear();
    return !run_.empty();
  }

  const int64_t* timestamps_ms() const override { return run_.timestamps(); }
  const double* values() const override { return values_.data(); }
  size_t size() const override { return run_.size(); }
  Status status() const override { return status_; }

 private:
  RowReader reader_;
  RowStream rows_;
  Status status_;
  SampleRun run_;
  std::vector<double> values_;
};

}  // namespace

struct SampleReader::Rep {
  LiveColumnFamily live;
  std::unique_ptr<ColumnCache> columns;

  ColumnCache* ColumnsFor(const SampleReadOptions& options) const {
    return options.rocksdb.fill_cache ? columns.get() : nullptr;
  }
};

SampleReader::SampleReader(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
SampleReader::~SampleReader() = default;

Status SampleReader::Open(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                          std::unique_ptr<SampleReader>* reader) {
  return Open(db, cf, SampleReaderOptions(), reader);
}

Status SampleReader::Open(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                          const SampleReaderOptions& options,
                          std::unique_ptr<SampleReader>* reader) {
  auto rep = std::make_unique<Rep>();
  Status status = OpenLive(db, cf, &rep->live);
  if (status.ok()) status = RaiseFirstSequence({}, db, cf);
  if (status.ok() && options.column_cache_bytes > 0) {
    status = NoThrow([&] {
      // A seed that nobody knows, so that nobody can make columns collide.
      rep->columns = std::make_unique<ColumnCache>(
          options.column_cache_bytes,
          std::hash<std::string>()(db->GetEnv()->GenerateUniqueId()));
      return Status::OK();
    });
  }
  if (status.ok()) reader->reset(new SampleReader(std::move(rep)));
  if (status.ok()) Attach(db);
  return status;
}

std::unique_ptr<SampleCursor> SampleReader::Read(
    const SampleReadOptions& options, const Slice& series, int64_t start_ms,
    int64_t end_ms) {
  return std::make_unique<RowSampleCursor>(rep_->live, options, series,
                                           TimeRange{start_ms, end_ms},
                                           rep_->ColumnsFor(options));
}

Status SampleReader::Read(const SampleReadOptions& options, const Slice& series,
                          int64_t start_ms, int64_t end_ms,
                          std::vector<Sample>* samples) {
  samples->clear();
  return NoThrow([&] {
    ScratchOfRead scratch(rep_->ColumnsFor(options));
    RowStream rows(rep_->live, options, series, TimeRange{start_ms, end_ms},
                   scratch.reader());
    while (rows.Next(scratch.run())) AppendSamples(*scratch.run(), samples);
    return rows.status();
  });
}

Status SampleReader::ReadLast(const SampleReadOptions& options,
                              const Slice& series, int64_t start_ms,
                              int64_t end_ms, Sample* sample, bool* found) {
  *found = false;
  return NoThrow([&] {
    const Policy& policy = rep_->live.policy->Get();
    SampleReadOptions at = options;  // one `now` for all rows
    if (at.now_ms < 0) at.now_ms = rep_->live.policy->NowMs();
    const TimeRange range =
        VisibleRange(policy, at.now_ms, TimeRange{start_ms, end_ms});
    Status status = CheckSeries(series);
    ScratchOfRead scratch(rep_->ColumnsFor(options));
    SampleRun& run = *scratch.run();
    int64_t to_ms = range.to_ms;
    // Row by row backwards, then all that is left forwards: RocksDB reads
    // keys of a partition in either direction, but partitions are found
    // forwards only.
    for (int rows = 0; status.ok() && run.empty() && to_ms >= range.from_ms;
         ++rows) {
      const int64_t bucket_first =
          policy.shape.BucketFirst(policy.shape.BucketStart(to_ms));
      const bool single = rows < kRowsBackwardsMax;
      const int64_t from_ms =
          single ? std::max(range.from_ms, bucket_first) : range.from_ms;
      RowStream stream(rep_->live, at, series, TimeRange{from_ms, to_ms},
                       scratch.reader());
      if (single) {
        stream.NextLast(&run);
      } else {
        SampleRun next;
        while (stream.Next(&next)) run.Swap(&next);
      }
      status = stream.status();
      to_ms = from_ms - 1;
    }
    if (!status.ok() || run.empty()) return status;
    *found = true;
    sample->timestamp_ms = run.timestamps()[run.size() - 1];
    sample->value = ValueOf(run.value_bits()[run.size() - 1]);
    return status;
  });
}

std::unique_ptr<ScanCursor> SampleReader::Scan(const SampleReadOptions& options,
                                               const ScanOptions& scan) {
  return NewScanCursor(rep_->live, options, scan);
}

std::unique_ptr<SeriesCursor> SampleReader::ListSeries(
    const SampleReadOptions& options, const ScanOptions& scan) {
  return NewSeriesCursor(rep_->live, options, scan);
}

std::unique_ptr<SeriesCursor> SampleReader::ListSeries(
    const SampleReadOptions& options, const Slice& prefix) {
  ScanOptions scan;
  scan.prefix = prefix.ToString();
  return ListSeries(options, scan);
}

}  // namespace varve
