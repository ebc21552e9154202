// Range reads of samples: SampleReader on parts beside one row a sample on the
// stock table with zstd-1, same samples, same run, on the same library. Then
// what a point read of the newest hour touches, and what opening a part takes.
//
//   part_range_bench [--series=500] [--samples=20000] [--rounds=3] [--nostock]
//
// Rates are samples per CPU second of one thread, medians. `cached`: the block
// cache holds all boxes; `read`: no block cache, the files in the page cache.
#include <gflags/gflags.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/check.h"
#include "bench/scrape_mix.h"
#include "format/coding/value_bits.h"
#include "plugin/part_table/part_table_factory.h"
#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/perf_context.h"
#include "rocksdb/table.h"
#include "tests/mock_clock.h"
#include "varve/varve.h"

DEFINE_uint64(series, 500, "series of the mix");
DEFINE_uint64(samples, 20000, "samples a series");
DEFINE_int32(rounds, 3, "medians of so many");
DEFINE_bool(stock, true, "measure one row a sample as well");

namespace varve {
namespace {

constexpr int64_t kStart = 19782 * kMillisPerDay;
constexpr int64_t kScrapeMs = 15000;

double CpuSeconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

std::string SeriesName(size_t i) {
  char name[24];
  std::snprintf(name, sizeof name, "s%07zu", i);
  return name;
}

void Compact(rocksdb::DB* db) {
  Check(db->Flush({}));
  rocksdb::CompactRangeOptions force;
  force.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForce;
  Check(db->CompactRange(force, nullptr, nullptr));
}

uint64_t FileBytes(rocksdb::DB* db, size_t* files) {
  std::vector<rocksdb::LiveFileMetaData> live;
  db->GetLiveFilesMetaData(&live);
  uint64_t bytes = 0;
  for (const auto& file : live) bytes += file.size;
  *files = live.size();
  return bytes;
}

class RangeBench {
 public:
  explicit RangeBench(std::string folder) : folder_(std::move(folder)) {}

  void Run() {
    Fill();
    for (const bool cached : {true, false}) {
      const double varve = Varve(cached);
      const double stock = FLAGS_stock ? Stock(cached) : 0;
      std::printf("%-8s whole series: parts %7.1f M samples/CPU-s",
                  cached ? "cached" : "read", varve / 1e6);
      if (stock > 0) {
        std::printf(", one row a sample %5.2f M: %.1f x", stock / 1e6,
                    varve / stock);
      }
      std::printf("\n");
    }
    PointReads();
    Opening();
  }

 private:
  rocksdb::Options VarveOptions(uint64_t cache_bytes) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = size_t{256} << 20;
    options.target_file_size_base = uint64_t{1} << 31;
    Options varve_options;
    Check(Policy::Parse("partition=month", &varve_options.policy));
    varve_options.clock =
        std::make_shared<MockClock>(kStart + 60 * kMillisPerDay);
    Check(ConfigureColumnFamily(varve_options, &options));
    PartTableOptions table;
    table.cache_bytes = cache_bytes;
    options.table_factory = NewPartTableFactory(table);
    return options;
  }

  rocksdb::Options StockOptions(uint64_t cache_bytes) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = size_t{256} << 20;
    options.compression = rocksdb::kZSTD;
    options.compression_opts.level = 1;
    rocksdb::BlockBasedTableOptions table;
    table.no_block_cache = cache_bytes == 0;
    if (cache_bytes > 0) table.block_cache = rocksdb::NewLRUCache(cache_bytes);
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    options.table_factory.reset(NewBlockBasedTableFactory(table));
    return options;
  }

  std::unique_ptr<rocksdb::DB> Open(const rocksdb::Options& options,
                                    const char* name) {
    rocksdb::DB* db = nullptr;
    Check(rocksdb::DB::Open(options, folder_ + "/" + name, &db));
    return std::unique_ptr<rocksdb::DB>(db);
  }

  void Fill() {
    auto varve = Open(VarveOptions(1 << 20), "varve");
    auto stock = Open(StockOptions(1 << 20), "stock");
    std::unique_ptr<SampleWriter> writer;
    Check(
        SampleWriter::Open(varve.get(), varve->DefaultColumnFamily(), &writer));
    rocksdb::WriteOptions no_wal;
    no_wal.disableWAL = true;
    ScrapeOptions scrape;
    scrape.start_ms = kStart;
    SampleRun run;
    std::vector<Sample> samples;
    std::string key;
    for (size_t i = 0; i < FLAGS_series; ++i) {
      MakeScrapedSeries(scrape, i, FLAGS_samples, &run);
      samples.clear();
      rocksdb::WriteBatch rows;
      for (size_t k = 0; k < run.size(); ++k) {
        const double value = ValueOf(run.value_bits()[k]);
        samples.push_back({run.timestamps()[k], value});
        if (!FLAGS_stock) continue;
        char bytes[8];
        key = SeriesName(i);
        for (int b = 7; b >= 0; --b) {
          key.push_back(static_cast<char>(run.timestamps()[k] >> (8 * b)));
        }
        std::memcpy(bytes, &value, sizeof value);
        Check(rows.Put(key, Slice(bytes, sizeof bytes)));
      }
      rocksdb::WriteBatch batch;
      Check(writer->Add(SeriesName(i), samples.data(), samples.size(), &batch));
      Check(varve->Write(no_wal, &batch));
      Check(stock->Write(no_wal, &rows));
    }
    Compact(varve.get());
    Compact(stock.get());
    const double count = static_cast<double>(FLAGS_series * FLAGS_samples);
    size_t files = 0;
    const double parts = static_cast<double>(FileBytes(varve.get(), &files));
    const double rows = static_cast<double>(FileBytes(stock.get(), &files));
    std::printf("%.0f samples; parts %.3f B/sample, one row a sample %.3f\n",
                count, parts / count, rows / count);
  }

  template <typename ReadAll>
  double Median(const ReadAll& read_all) {
    read_all();  // fills the caches
    std::vector<double> rates;
    for (int round = 0; round < FLAGS_rounds; ++round) {
      const double start = CpuSeconds();
      const uint64_t samples = read_all();
      rates.push_back(static_cast<double>(samples) / (CpuSeconds() - start));
      if (samples != FLAGS_series * FLAGS_samples) std::abort();
    }
    std::sort(rates.begin(), rates.end());
    return rates[rates.size() / 2];
  }

  double Varve(bool cached) {
    auto db = Open(VarveOptions(cached ? size_t{1} << 30 : 0), "varve");
    std::unique_ptr<SampleReader> reader;
    Check(SampleReader::Open(db.get(), db->DefaultColumnFamily(), &reader));
    const SampleReadOptions options;
    double sum = 0;
    const double rate = Median([&] {
      uint64_t samples = 0;
      for (size_t i = 0; i < FLAGS_series; ++i) {
        auto cursor = reader->Read(options, SeriesName(i), kTimestampMin,
                                   kStart + 60 * kMillisPerDay);
        while (cursor->Next()) {
          samples += cursor->size();
          sum += cursor->values()[cursor->size() - 1];
        }
        Check(cursor->status());
      }
      return samples;
    });
    sum_ += sum;
    return rate;
  }

  double Stock(bool cached) {
    auto db = Open(StockOptions(cached ? size_t{1} << 30 : 0), "stock");
    double sum = 0;
    const double rate = Median([&] {
      uint64_t samples = 0;
      std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}));
      for (size_t i = 0; i < FLAGS_series; ++i) {
        const std::string series = SeriesName(i);
        for (it->Seek(series); it->Valid() && it->key().starts_with(series);
             it->Next()) {
          double value;
          std::memcpy(&value, it->value().data(), sizeof value);
          sum += value;
          ++samples;
        }
      }
      Check(it->status());
      return samples;
    });
    sum_ += sum;
    return rate;
  }

  // The newest hour of each series, each with nothing in the block cache but
  // index and filter.
  void PointReads() {
    auto db = Open(VarveOptions(0), "varve");
    std::unique_ptr<SampleReader> reader;
    Check(SampleReader::Open(db.get(), db->DefaultColumnFamily(), &reader));
    const int64_t last =
        kStart + static_cast<int64_t>(FLAGS_samples - 1) * kScrapeMs;
    std::vector<Sample> samples;
    const auto read_all = [&] {
      for (size_t i = 0; i < FLAGS_series; ++i) {
        Check(reader->Read({}, SeriesName(i), last - 3600 * 1000, last,
                           &samples));
      }
    };
    read_all();  // index leaves and filter
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
    rocksdb::get_perf_context()->Reset();
    read_all();
    const auto* perf = rocksdb::get_perf_context();
    const double reads = static_cast<double>(FLAGS_series);
    const double boxes = static_cast<double>(perf->block_read_count) / reads;
    const double bytes = static_cast<double>(perf->block_read_byte) / reads;
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
    const double start = CpuSeconds();
    read_all();
    std::printf(
        "newest hour of a series, no cache: %.2f boxes, %.0f bytes, %.1f us\n",
        boxes, bytes, 1e6 * (CpuSeconds() - start) / reads);
  }

  void Opening() {
    rocksdb::Options options = VarveOptions(uint64_t{64} << 20);
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
    auto db = Open(options, "varve");
    size_t files = 0;
    const uint64_t bytes = FileBytes(db.get(), &files);
    std::string readers, cached;
    db->GetProperty("rocksdb.estimate-table-readers-mem", &readers);
    db->GetProperty("rocksdb.block-cache-usage", &cached);
    std::printf(
        "opened %zu parts of %.1f MB: table readers hold %s bytes, the cache "
        "%s\n",
        files, 1e-6 * static_cast<double>(bytes), readers.c_str(),
        cached.c_str());
    std::unique_ptr<SampleReader> reader;
    Check(SampleReader::Open(db.get(), db->DefaultColumnFamily(), &reader));
    std::vector<Sample> samples;
    const auto report = [&](const char* what) {
      db->GetProperty("rocksdb.estimate-table-readers-mem", &readers);
      db->GetProperty("rocksdb.block-cache-usage", &cached);
      std::printf("  %s: table readers %s bytes, the cache %s\n", what,
                  readers.c_str(), cached.c_str());
    };
    Check(reader->Read({}, SeriesName(0), kStart, kStart, &samples));
    report("after one read");
    for (size_t i = 0; i < FLAGS_series; ++i) {
      Check(reader->Read({}, SeriesName(i), kStart, kStart, &samples));
    }
    report("after a read of every series");
  }

  const std::string folder_;
  volatile double sum_ = 0;  // keeps the reads
};

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  char folder[] = "/tmp/part_range_bench-XXXXXX";
  if (mkdtemp(folder) == nullptr) {
    std::perror(folder);
    return 1;
  }
  varve::RangeBench(folder).Run();
  std::filesystem::remove_all(folder);
  return 0;
}
