// What a dashboard pays for a hot row: the newest 5 minutes of a row of 5,760
// one-sample operands (one every 15 s for a day), from the memtable and once
// flushed, beside a Get of the same row under an operator that only appends.
// And what SampleWriter adds to a WriteBatch for one sample.
//
//   hot_row_bench [series] [reads]
//
// Times are of one thread, by the steady clock; p50 and p99 of the reads.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/append_operator.h"
#include "bench/check.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "tests/mock_clock.h"
#include "varve/varve.h"

namespace varve {
namespace {

constexpr int64_t kScrapeMs = 15 * 1000;
constexpr int64_t kSamplesARow = kMillisPerDay / kScrapeMs;
constexpr int64_t kBucket = 19782 * kMillisPerDay;
constexpr int64_t kLast = kBucket + kMillisPerDay - kScrapeMs;

class Bench {
 public:
  Bench(const std::string& folder, int series, int reads)
      : reads_(reads), series_(series) {
    rocksdb::Options plain;
    plain.create_if_missing = true;
    plain.write_buffer_size = size_t{1} << 30;
    rocksdb::Options samples = plain;
    Options options;
    Check(Policy::Parse("downsampling_period=30d:5m;retention_period=1000d",
                        &options.policy));
    options.clock = std::make_shared<MockClock>(kLast);
    Check(ConfigureColumnFamily(options, &samples));
    plain.merge_operator = std::make_shared<AppendOperator>();
    varve_ = Open(samples, folder + "/varve");
    append_ = Open(plain, folder + "/append");
    Check(SampleWriter::Open(varve_.get(), varve_->DefaultColumnFamily(),
                             &writer_));
    Check(SampleReader::Open(varve_.get(), varve_->DefaultColumnFamily(),
                             &reader_));
  }

  void Run() {
    Fill();
    std::printf(
        "%d rows of %lld one-sample operands, %d reads of the newest "
        "5 minutes of one\n",
        series_, static_cast<long long>(kSamplesARow), reads_);
    Reads("memtable");
    Check(varve_->Flush({}));
    Check(append_->Flush({}));
    Reads("flushed");
    Writes();
  }

 private:
  static std::unique_ptr<rocksdb::DB> Open(const rocksdb::Options& options,
                                           const std::string& path) {
    rocksdb::DB* db = nullptr;
    Check(rocksdb::DB::Open(options, path, &db));
    return std::unique_ptr<rocksdb::DB>(db);
  }

  std::string Series(int i) const { return "series-" + std::to_string(i); }

  // As a scraper does it: all series at one time, then at the next.
  void Fill() {
    const RowShape shape;
    rocksdb::WriteOptions no_wal;
    no_wal.disableWAL = true;
    std::string key, operand;
    for (int64_t t = kBucket; t <= kLast; t += kScrapeMs) {
      rocksdb::WriteBatch to_varve, to_append;
      for (int i = 0; i < series_; ++i) {
        const Sample sample{t, static_cast<double>(t % 1000 + i)};
        Check(writer_->Add(Series(i), &sample, 1, &to_varve));
        key.clear();
        operand.clear();
        Check(EncodeRowKey(shape, Series(i), t, &key));
        Check(EncodeSamples(shape, &sample, 1, &operand));
        Check(to_append.Merge(key, operand));
      }
      Check(varve_->Write(no_wal, &to_varve));
      Check(append_->Write(no_wal, &to_append));
    }
  }

  template <typename Work>
  void Time(const char* name, const Work& work) {
    using Clock = std::chrono::steady_clock;
    std::vector<double> us;
    for (int i = 0; i < reads_; ++i) {
      const auto begin = Clock::now();
      work(i);
      us.push_back(
          std::chrono::duration<double, std::micro>(Clock::now() - begin)
              .count());
    }
    std::sort(us.begin(), us.end());
    std::printf("  %-34s p50 %8.1f us  p99 %8.1f us\n", name, us[us.size() / 2],
                us[us.size() * 99 / 100]);
  }

  void Reads(const char* where) {
    std::printf("%s\n", where);
    Time("Get, appending operator", [this](int i) {
      std::string key;
      Check(EncodeRowKey(RowShape(), Series(i % series_), kLast, &key));
      rocksdb::PinnableSlice value;
      Check(append_->Get({}, append_->DefaultColumnFamily(), key, &value));
    });
    const SampleReadOptions options;
    std::vector<Sample> samples;
    const auto read = [&](int64_t from, int64_t to, size_t expected, int i) {
      Check(reader_->Read(options, Series(i % series_), from, to, &samples));
      if (samples.size() != expected) {
        std::fprintf(stderr, "%zu samples, not %zu\n", samples.size(),
                     expected);
        std::exit(1);
      }
    };
    Time("SampleReader, newest 5 minutes",
         [&](int i) { read(kLast - 20 * kScrapeMs + 1, kLast, 20, i); });
    Time("SampleReader, the whole row", [&](int i) {
      read(kBucket, kLast, static_cast<size_t>(kSamplesARow), i);
    });
    Time("SampleReader, 2 days by iterator", [&](int i) {
      read(kBucket - kMillisPerDay, kLast, static_cast<size_t>(kSamplesARow),
           i);
    });
  }

  // Nanoseconds an entry, over batches of 1,000.
  template <typename Work>
  double PerEntry(const Work& work) {
    constexpr int kRounds = 500;
    constexpr int kEntries = 1000;
    double best = 1e9;
    rocksdb::WriteBatch batch(size_t{1} << 20);
    for (int round = 0; round < kRounds; ++round) {
      batch.Clear();
      const auto begin = std::chrono::steady_clock::now();
      for (int i = 0; i < kEntries; ++i) work(i, &batch);
      const std::chrono::duration<double, std::nano> taken =
          std::chrono::steady_clock::now() - begin;
      best = std::min(best, taken.count() / kEntries);
    }
    return best;
  }

  void Writes() {
    std::string key, operand;
    const Sample sample{kLast, 1.5};
    Check(EncodeRowKey(RowShape(), "series-1", kLast, &key));
    Check(EncodeSamples(RowShape(), &sample, 1, &operand));
    const double batch_ns =
        PerEntry([&](int /*i*/, rocksdb::WriteBatch* batch) {
          Check(batch->Merge(varve_->DefaultColumnFamily(), key, operand));
        });
    const double writer_ns = PerEntry([&](int i, rocksdb::WriteBatch* batch) {
      Check(writer_->Add("series-1", kLast - i, i * 0.5, batch));
    });
    std::printf(
        "one sample into a WriteBatch\n"
        "  %-34s %8.1f ns\n  %-34s %8.1f ns\n",
        "WriteBatch::Merge alone", batch_ns, "SampleWriter::Add", writer_ns);
  }

  const int reads_;
  const int series_;
  std::unique_ptr<rocksdb::DB> varve_;
  std::unique_ptr<rocksdb::DB> append_;
  std::unique_ptr<SampleWriter> writer_;
  std::unique_ptr<SampleReader> reader_;
};

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  const int series = argc > 1 ? std::atoi(argv[1]) : 10;
  const int reads = argc > 2 ? std::atoi(argv[2]) : 1000;
  if (series < 1 || reads < 1) {
    std::fprintf(stderr, "usage: hot_row_bench [series] [reads]\n");
    return 2;
  }
  char folder[] = "/tmp/hot_row_bench-XXXXXX";
  if (mkdtemp(folder) == nullptr) {
    std::perror(folder);
    return 1;
  }
  varve::Bench(folder, series, reads).Run();
  std::filesystem::remove_all(folder);
  return 0;
}
