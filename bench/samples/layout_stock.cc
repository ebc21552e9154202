// The layouts "rows" and "chunks", on RocksDB's own table: see layout.h.
#include <algorithm>
#include <cstring>

#include "bench/append_operator.h"
#include "bench/samples/layout.h"

namespace varve::bench {
namespace {

constexpr size_t kNumberBytes = 8;
constexpr size_t kPairBytes = 2 * kNumberBytes;

// Big-endian, so that keys sort by time. Times are not negative here.
void AppendTime(int64_t time_ms, std::string* key) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    key->push_back(static_cast<char>(time_ms >> shift));
  }
}

int64_t TimeAt(const Slice& key, size_t at) {
  uint64_t time_ms = 0;
  for (size_t i = 0; i < kNumberBytes; ++i) {
    time_ms = time_ms << 8 | static_cast<unsigned char>(key[at + i]);
  }
  return static_cast<int64_t>(time_ms);
}

std::string KeyOf(const std::string& series, int64_t time_ms) {
  std::string key = series;
  AppendTime(time_ms, &key);
  return key;
}

Slice Bytes(const double& value) {
  return Slice(reinterpret_cast<const char*>(&value), sizeof value);
}

// Sorted by time, the last of equal ones kept.
void SortLastWins(std::vector<Sample>* samples) {
  const auto earlier = [](const Sample& a, const Sample& b) {
    return a.timestamp_ms < b.timestamp_ms;
  };
  if (!std::is_sorted(samples->begin(), samples->end(), earlier)) {
    std::stable_sort(samples->begin(), samples->end(), earlier);
  }
  size_t kept = 0;
  for (size_t i = 0; i < samples->size(); ++i) {
    const bool again = kept > 0 && (*samples)[kept - 1].timestamp_ms ==
                                       (*samples)[i].timestamp_ms;
    (*samples)[again ? kept - 1 : kept++] = (*samples)[i];
  }
  samples->resize(kept);
}

// From the key at or before which nothing is wanted, to that behind it.
class Bounds {
 public:
  Bounds(const std::string& begin, const std::string& end)
      : begin_text_(begin),
        end_text_(end),
        begin_(begin_text_),
        end_(end_text_) {
    options_.iterate_lower_bound = &begin_;
    options_.iterate_upper_bound = &end_;
  }
  Bounds(const Bounds&) = delete;
  Bounds& operator=(const Bounds&) = delete;

  const rocksdb::ReadOptions& options() const { return options_; }

 private:
  const std::string begin_text_, end_text_;
  const Slice begin_, end_;
  rocksdb::ReadOptions options_;
};

class RowsLayout : public Layout {
 public:
  explicit RowsLayout(const LayoutOptions& options) : Layout(options) {}

  Status Add(const std::string& series, const Sample* samples, size_t count,
             rocksdb::WriteBatch* batch) override {
    Status status;
    for (size_t i = 0; i < count && status.ok(); ++i) {
      status = batch->Put(KeyOf(series, samples[i].timestamp_ms),
                          Bytes(samples[i].value));
    }
    return status;
  }

  Status OpenBulk(std::unique_ptr<tools::SampleSink>* sink) override {
    *sink = NewSortedFiles(
        db_.get(), [](const std::string& series, std::vector<Sample>* samples,
                      rocksdb::SstFileWriter* file) {
          SortLastWins(samples);
          Status status;
          for (size_t i = 0; i < samples->size() && status.ok(); ++i) {
            status = file->Put(KeyOf(series, (*samples)[i].timestamp_ms),
                               Bytes((*samples)[i].value));
          }
          return status;
        });
    return Status::OK();
  }

  Status Read(const std::string& series, int64_t start_ms, int64_t end_ms,
              std::vector<Sample>* samples) override {
    const Bounds bounds(KeyOf(series, start_ms), KeyOf(series, end_ms + 1));
    const std::unique_ptr<rocksdb::Iterator> rows(
        db_->NewIterator(bounds.options()));
    samples->clear();
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      samples->push_back(SampleOf(*rows));
    }
    return rows->status();
  }

  Status ScanAll(const SeriesFunction& on_samples) override {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(options));
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      const Sample sample = SampleOf(*rows);
      on_samples(&sample, 1);
    }
    return rows->status();
  }

 protected:
  Status Configure(rocksdb::Options*) override { return Status::OK(); }

 private:
  static Sample SampleOf(const rocksdb::Iterator& row) {
    Sample sample = {TimeAt(row.key(), row.key().size() - kNumberBytes), 0};
    std::memcpy(&sample.value, row.value().data(), sizeof sample.value);
    return sample;
  }
};

class ChunksLayout : public Layout {
 public:
  explicit ChunksLayout(const LayoutOptions& options) : Layout(options) {}

  Status Add(const std::string& series, const Sample* samples, size_t count,
             rocksdb::WriteBatch* batch) override {
    return EachDay(series, samples, count,
                   [&](const std::string& key, const std::string& chunk) {
                     return batch->Merge(key, chunk);
                   });
  }

  Status OpenBulk(std::unique_ptr<tools::SampleSink>* sink) override {
    *sink = NewSortedFiles(
        db_.get(), [](const std::string& series, std::vector<Sample>* samples,
                      rocksdb::SstFileWriter* file) {
          SortLastWins(samples);
          return EachDay(series, samples->data(), samples->size(),
                         [&](const std::string& key, const std::string& chunk) {
                           return file->Merge(key, chunk);
                         });
        });
    return Status::OK();
  }

  Status Read(const std::string& series, int64_t start_ms, int64_t end_ms,
              std::vector<Sample>* samples) override {
    const Bounds bounds(KeyOf(series, AlignDown(start_ms, kMillisPerDay)),
                        KeyOf(series, end_ms + 1));
    const std::unique_ptr<rocksdb::Iterator> rows(
        db_->NewIterator(bounds.options()));
    samples->clear();
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      AppendChunk(rows->value(), start_ms, end_ms, samples);
    }
    SortLastWins(samples);
    return rows->status();
  }

  Status ScanAll(const SeriesFunction& on_samples) override {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    std::vector<Sample> samples;
    const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(options));
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      samples.clear();
      AppendChunk(rows->value(), 0, kTimestampMax, &samples);
      SortLastWins(&samples);
      on_samples(samples.data(), samples.size());
    }
    return rows->status();
  }

 protected:
  Status Configure(rocksdb::Options* options) override {
    options->merge_operator = std::make_shared<AppendOperator>();
    return Status::OK();
  }

 private:
  template <typename Function>
  static Status EachDay(const std::string& series, const Sample* samples,
                        size_t count, const Function& on_chunk) {
    Status status;
    std::string chunk;
    for (size_t i = 0; i < count && status.ok();) {
      const int64_t day = AlignDown(samples[i].timestamp_ms, kMillisPerDay);
      chunk.clear();
      for (; i < count && samples[i].timestamp_ms >= day &&
             samples[i].timestamp_ms < day + kMillisPerDay;
           ++i) {
        char pair[kPairBytes];
        std::memcpy(pair, &samples[i].timestamp_ms, kNumberBytes);
        std::memcpy(pair + kNumberBytes, &samples[i].value, kNumberBytes);
        chunk.append(pair, sizeof pair);
      }
      status = on_chunk(KeyOf(series, day), chunk);
    }
    return status;
  }

  static void AppendChunk(const Slice& chunk, int64_t start_ms, int64_t end_ms,
                          std::vector<Sample>* samples) {
    for (size_t i = 0; i + kPairBytes <= chunk.size(); i += kPairBytes) {
      Sample sample;
      std::memcpy(&sample.timestamp_ms, chunk.data() + i, kNumberBytes);
      if (sample.timestamp_ms < start_ms || sample.timestamp_ms > end_ms) {
        continue;
      }
      std::memcpy(&sample.value, chunk.data() + i + kNumberBytes, kNumberBytes);
      samples->push_back(sample);
    }
  }
};

}  // namespace

std::unique_ptr<Layout> NewRowsLayout(const LayoutOptions& options) {
  return std::make_unique<RowsLayout>(options);
}

std::unique_ptr<Layout> NewChunksLayout(const LayoutOptions& options) {
  return std::make_unique<ChunksLayout>(options);
}

}  // namespace varve::bench
