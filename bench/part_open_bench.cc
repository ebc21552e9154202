// What opening one large part takes and what it holds in memory, beside a
// block-based file of the same rows of samples.
//
//   part_open_bench [--megabytes=1024] [--rounds=15] [--folder=/tmp]
//
// `warm`: the file is in the page cache; `cold`: the page cache was asked to
// drop it before each opening. Wall time, medians, in microseconds. A table is
// opened by SstFileReader; a database of that one file by DB::Open.
#include <fcntl.h>
#include <gflags/gflags.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/check.h"
#include "bench/scrape_mix.h"
#include "format/coding/value_bits.h"
#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/sst_file_reader.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/table.h"
#include "varve/varve.h"

DEFINE_uint64(megabytes, 1024, "size of the part");
DEFINE_int32(rounds, 15, "medians of so many");
DEFINE_string(folder, "/tmp", "where the files are written");

namespace varve {
namespace {

constexpr int64_t kStart = 19783 * kMillisPerDay;  // the first of a month
constexpr size_t kRowsASeries = 10;
constexpr size_t kSamplesARow = 5760;    // a day of one in 15 s
constexpr size_t kDistinctSeries = 200;  // the others repeat their samples

std::string SeriesName(size_t i) {
  char name[24];
  std::snprintf(name, sizeof name, "s%07zu", i);
  return name;
}

rocksdb::Options OptionsOf(FileFormat format) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kZSTD;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(size_t{256} << 20);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  Options ours;
  ours.file_format = format;
  Check(ConfigureColumnFamily(ours, &options));
  return options;
}

// The rows of one series, encoded.
std::vector<std::string> MakeRows(size_t series) {
  ScrapeOptions scrape;
  scrape.start_ms = kStart;
  SampleRun run;
  MakeScrapedSeries(scrape, series, kRowsASeries * kSamplesARow, &run);
  std::vector<std::string> rows(kRowsASeries);
  std::vector<Sample> samples(kSamplesARow);
  for (size_t r = 0; r < kRowsASeries; ++r) {
    for (size_t i = 0; i < kSamplesARow; ++i) {
      const size_t at = r * kSamplesARow + i;
      samples[i].timestamp_ms = run.timestamps()[at];
      samples[i].value = ValueOf(run.value_bits()[at]);
    }
    Check(EncodeSamples(RowShape(), samples.data(), samples.size(), &rows[r]));
  }
  return rows;
}

// One file of each format with the same rows.
size_t WriteFiles(const std::string& part, const std::string& stock) {
  std::vector<std::vector<std::string>> distinct;
  for (size_t s = 0; s < kDistinctSeries; ++s) distinct.push_back(MakeRows(s));
  const rocksdb::Options options[] = {OptionsOf(FileFormat::kPart),
                                      OptionsOf(FileFormat::kBlockBased)};
  rocksdb::SstFileWriter writers[] = {{rocksdb::EnvOptions(), options[0]},
                                      {rocksdb::EnvOptions(), options[1]}};
  Check(writers[0].Open(part));
  Check(writers[1].Open(stock));
  size_t series = 0;
  for (; writers[0].FileSize() < FLAGS_megabytes << 20; ++series) {
    const auto& rows = distinct[series % kDistinctSeries];
    for (size_t r = 0; r < kRowsASeries; ++r) {
      std::string key;
      Check(EncodeRowKey(RowShape(), SeriesName(series),
                         kStart + static_cast<int64_t>(r) * kMillisPerDay,
                         &key));
      for (auto& writer : writers) Check(writer.Merge(key, rows[r]));
    }
  }
  for (auto& writer : writers) Check(writer.Finish());
  return series;
}

void DropFromPageCache(const std::string& folder_or_file) {
  const auto drop = [](const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY);
    if (fd < 0) return;
    fdatasync(fd);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
  };
  if (!std::filesystem::is_directory(folder_or_file)) {
    return drop(folder_or_file);
  }
  for (const auto& entry :
       std::filesystem::directory_iterator(folder_or_file)) {
    drop(entry.path());
  }
}

// The median of `measure`, which gives microseconds.
double Median(const std::string& files, bool cold,
              const std::function<double()>& measure) {
  std::vector<double> all;
  for (int round = 0; round < FLAGS_rounds; ++round) {
    if (cold) DropFromPageCache(files);
    all.push_back(measure());
  }
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

using Clock = std::chrono::steady_clock;
double MicrosSince(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start)
      .count();
}

void OpenTable(const char* name, const rocksdb::Options& options,
               const std::string& file, size_t series) {
  std::string key;
  Check(EncodeRowKey(RowShape(), SeriesName(series / 2), kStart, &key));
  for (const bool cold : {false, true}) {
    double first_read = 0;
    const double opened = Median(file, cold, [&] {
      rocksdb::SstFileReader reader(options);
      auto start = Clock::now();
      Check(reader.Open(file));
      const double micros = MicrosSince(start);
      start = Clock::now();
      std::unique_ptr<rocksdb::Iterator> it(reader.NewIterator({}));
      it->Seek(key);
      if (!it->Valid() || it->key() != key) Check(rocksdb::Status::NotFound());
      first_read = MicrosSince(start);  // the last round's
      return micros;
    });
    std::printf("%-12s table, %s: opened in %.0f us, then a row in %.0f us\n",
                name, cold ? "cold" : "warm", opened, first_read);
  }
}

void OpenDatabase(const char* name, const rocksdb::Options& options,
                  const std::string& folder, const std::string& file,
                  size_t series) {
  rocksdb::DB* raw = nullptr;
  std::unique_ptr<rocksdb::DB> db;
  const auto open = [&] {
    Check(rocksdb::DB::Open(options, folder, &raw));
    db.reset(raw);
  };
  open();
  rocksdb::IngestExternalFileOptions ingest;
  ingest.move_files = true;
  Check(db->IngestExternalFile({file}, ingest));
  for (const bool cold : {false, true}) {
    const double micros = Median(folder, cold, [&] {
      db.reset();
      if (cold) DropFromPageCache(folder);
      const auto start = Clock::now();
      open();
      return MicrosSince(start);
    });
    std::printf("%-12s database, %s: opened in %.0f us\n", name,
                cold ? "cold" : "warm", micros);
  }
  const auto report = [&](const char* when) {
    std::string held, cached;
    db->GetProperty("rocksdb.estimate-table-readers-mem", &held);
    db->GetProperty("rocksdb.block-cache-usage", &cached);
    std::printf("%-12s %s: table readers hold %s bytes, the cache %s\n", name,
                when, held.c_str(), cached.c_str());
  };
  report("opened");
  rocksdb::ReadOptions read;
  read.fill_cache = false;  // rows: only index and filter stay
  const auto get = [&](size_t i) {
    std::string key;
    rocksdb::PinnableSlice row;
    Check(EncodeRowKey(RowShape(), SeriesName(i), kStart, &key));
    Check(db->Get(read, db->DefaultColumnFamily(), key, &row));
  };
  get(0);
  report("after one row");
  for (size_t i = 0; i < series; ++i) get(i);
  report("after a row of every series");
}

void Run(const std::string& folder) {
  const std::string files[] = {folder + "/part.sst", folder + "/stock.sst"};
  const size_t series = WriteFiles(files[0], files[1]);
  const char* const names[] = {"part", "block-based"};
  const FileFormat formats[] = {FileFormat::kPart, FileFormat::kBlockBased};
  std::printf("%zu rows of %zu samples\n", series * kRowsASeries, kSamplesARow);
  for (int i = 0; i < 2; ++i) {
    const rocksdb::Options options = OptionsOf(formats[i]);
    std::printf(
        "%-12s %.1f MB\n", names[i],
        1e-6 * static_cast<double>(std::filesystem::file_size(files[i])));
    OpenTable(names[i], options, files[i], series);
    OpenDatabase(names[i], options, folder + "/" + names[i], files[i], series);
  }
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  std::string folder = FLAGS_folder + "/part_open_bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    std::perror(folder.c_str());
    return 1;
  }
  varve::Run(folder);
  std::filesystem::remove_all(folder);
  return 0;
}
