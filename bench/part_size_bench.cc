// Bytes a sample of whole part files, and where they go: samples written
// through SampleWriter and compacted to the bottom level, then aged to 1 h.
//
//   part_size_bench [--series=2000] [--samples=10000]
//                   [--capture=FILE.jsonl.zst] [--table=TABLE OPTIONS]
//                   [--keep=FOLDER]
//
// Data sets: the scraped mix of scrape_mix.h (100 series a target share
// exact timestamps), the same with timestamps that are off by up to 10 ms a
// scrape, and a capture of node_exporter moved so that it lies in one bucket.
// --table is added to the options string of VarvePartTable.
#include <gflags/gflags.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/check.h"
#include "bench/scrape_mix.h"
#include "examples/demo/capture.h"
#include "format/coding/value_bits.h"
#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/table_properties.h"
#include "tests/mock_clock.h"
#include "varve/varve.h"

DEFINE_uint64(series, 2000, "series of the mix");
DEFINE_uint64(samples, 10000, "samples a series of the mix");
DEFINE_string(capture,
              VARVE_SOURCE_DIR "/examples/data/node_exporter_1s.jsonl.zst",
              "capture of node_exporter; empty: none");
DEFINE_string(table, "", "options of VarvePartTable, a=b;c=d");
DEFINE_string(keep, "", "leave the databases in this folder");

namespace varve {
namespace {

constexpr int64_t kStart = 19782 * kMillisPerDay;
constexpr int64_t kLongAfter = kStart + 400 * kMillisPerDay;

// Where the bytes of a database's files are.
struct Sizes {
  uint64_t files = 0, file_bytes = 0, samples = 0;
  uint64_t headers = 0, timestamps = 0, values = 0, index = 0, filter = 0;
  uint64_t columns = 0;  // of the rows, before sharing and packing
  uint64_t rows = 0;
};

// The number after `name` in a property, which may be a list of name=number.
uint64_t Number(const rocksdb::UserCollectedProperties& properties,
                const char* property, const std::string& name = "") {
  const auto found = properties.find(property);
  if (found == properties.end()) return 0;
  const size_t at = found->second.find(name);
  return at == std::string::npos
             ? 0
             : strtoull(found->second.c_str() + at + name.size(), nullptr, 10);
}

Sizes Measure(rocksdb::DB* db) {
  Sizes sizes;
  std::vector<rocksdb::LiveFileMetaData> files;
  db->GetLiveFilesMetaData(&files);
  for (const auto& file : files) sizes.file_bytes += file.size;
  rocksdb::TablePropertiesCollection tables;
  Check(db->GetPropertiesOfAllTables(&tables));
  for (const auto& [name, properties] : tables) {
    const auto& user = properties->user_collected_properties;
    ++sizes.files;
    sizes.samples += Number(user, "varve.samples");
    constexpr char kColumns[] = "varve.part.columns";
    sizes.headers += Number(user, kColumns, "header_bytes=");
    sizes.timestamps += Number(user, kColumns, "timestamp_bytes=");
    sizes.values += Number(user, kColumns, "value_bytes=");
    sizes.columns += Number(user, kColumns, "given_bytes=");
    sizes.index += properties->index_size;
    sizes.filter += properties->filter_size;
    sizes.rows += properties->num_entries;
  }
  return sizes;
}

void Print(const char* name, const Sizes& s) {
  const double samples = static_cast<double>(s.samples);
  const auto each = [samples](uint64_t bytes) {
    return static_cast<double>(bytes) / samples;
  };
  const uint64_t parts =
      s.headers + s.timestamps + s.values + s.index + s.filter;
  std::printf(
      "%-22s %9llu %7llu %8.4f | %8.4f %8.4f %8.4f %8.4f %8.4f %8.4f | %8.4f\n",
      name, static_cast<unsigned long long>(s.samples),
      static_cast<unsigned long long>(s.rows), each(s.file_bytes),
      each(s.headers), each(s.timestamps), each(s.values), each(s.index),
      each(s.filter), each(s.file_bytes - parts), each(s.columns));
}

class SizeBench {
 public:
  explicit SizeBench(std::string folder) : folder_(std::move(folder)) {
    std::printf("%-22s %9s %7s %8s | %8s %8s %8s %8s %8s %8s | %8s\n", "set",
                "samples", "rows", "B/sample", "headers", "times", "values",
                "index", "filter", "other", "columns");
  }

  void Mix(const char* name, int64_t jitter_ms) {
    ScrapeOptions options;
    options.start_ms = kStart;
    options.jitter_ms = jitter_ms;
    Open(name, "downsampling_period=30d:1h");
    SampleRun run;
    std::vector<Sample> samples;
    for (size_t i = 0; i < FLAGS_series; ++i) {
      MakeScrapedSeries(options, i, FLAGS_samples, &run);
      samples.clear();
      for (size_t k = 0; k < run.size(); ++k) {
        const double value = ValueOf(run.value_bits()[k]);
        samples.push_back({run.timestamps()[k], value});
      }
      char series[24];
      std::snprintf(series, sizeof series, "s%07zu", i);
      Write(series, samples);
    }
    Report(name);
    clock_->SetMs(kLongAfter);
    Report((std::string(name) + ", aged to 1h").c_str());
  }

  void Capture(const std::string& path) {
    demo::Capture capture;
    Check(demo::ReadCapture(path, &capture));
    Open("node_exporter", "downsampling_period=30d:1h");
    const int64_t shift = kStart + kMillisPerDay / 2 - capture.first_ms;
    for (demo::CapturedSeries& series : capture.series) {
      std::vector<Sample> samples;
      for (const varve::Sample& s : series.samples) {
        samples.push_back({s.timestamp_ms + shift, s.value});
      }
      Write(series.name, samples);
    }
    Report("node_exporter");
  }

 private:
  void Open(const std::string& name, const std::string& policy) {
    db_.reset();
    rocksdb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = size_t{256} << 20;
    Options varve_options;
    Check(Policy::Parse(policy, &varve_options.policy));
    clock_ = std::make_shared<MockClock>(kStart + 5 * kMillisPerDay);
    varve_options.clock = clock_;
    Check(ConfigureColumnFamily(varve_options, &options));
    rocksdb::ColumnFamilyOptions with_table;
    Check(GetColumnFamilyOptionsFromString(
        rocksdb::ConfigOptions(), options,
        "table_factory={id=VarvePartTable;" + FLAGS_table + "}", &with_table));
    options = rocksdb::Options(options, with_table);
    rocksdb::DB* db = nullptr;
    Check(rocksdb::DB::Open(options, folder_ + "/" + name, &db));
    db_.reset(db);
    Check(SampleWriter::Open(db, db->DefaultColumnFamily(), &writer_));
  }

  void Write(const std::string& series, const std::vector<Sample>& samples) {
    rocksdb::WriteBatch batch;
    Check(writer_->Add(series, samples.data(), samples.size(), &batch));
    rocksdb::WriteOptions no_wal;
    no_wal.disableWAL = true;
    Check(db_->Write(no_wal, &batch));
  }

  void Report(const char* name) {
    rocksdb::CompactRangeOptions compact;
    compact.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForce;
    compact.change_level = true;
    compact.target_level = 6;
    Check(db_->Flush({}));
    Check(db_->CompactRange(compact, nullptr, nullptr));
    Print(name, Measure(db_.get()));
  }

  const std::string folder_;
  std::shared_ptr<MockClock> clock_;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<SampleWriter> writer_;
};

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  std::string folder = FLAGS_keep;
  char made[] = "/tmp/part_size_bench-XXXXXX";
  if (folder.empty()) {
    if (mkdtemp(made) == nullptr) {
      std::perror(made);
      return 1;
    }
    folder = made;
  }
  std::filesystem::create_directories(folder);
  {
    varve::SizeBench bench(folder);
    bench.Mix("mix", 0);
    bench.Mix("mix, 10 ms jitter", 10);
    if (!FLAGS_capture.empty()) bench.Capture(FLAGS_capture);
  }
  if (FLAGS_keep.empty()) std::filesystem::remove_all(folder);
  return 0;
}
