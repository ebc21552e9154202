// What a pass of ageing costs that finds nothing to do, in a database of many
// files: looking at them, the first time (their properties are read) and later,
// and planning.
//
//   ageing_plan_bench [--benchmark_filter=...]
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "bench/check.h"
#include "compaction/ageing_plan.h"
#include "plugin/ageing/ageing_files.h"
#include "rocksdb/convenience.h"
#include "rocksdb/sst_file_writer.h"
#include "tests/mock_clock.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

constexpr char kPolicy[] =
    "downsampling_period=30d:5m,180d:1h;retention_period=10y;partition=day";
constexpr int64_t kFirstDay = 19000;

// One file a day and series, as many as asked for, at the last level.
class ManyFiles {
 public:
  explicit ManyFiles(int64_t files)
      : clock_(std::make_shared<MockClock>((kFirstDay + 100) * kMillisPerDay)) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.disable_auto_compactions = true;
    options.max_open_files = 100;
    Options ours;
    Check(Policy::Parse(kPolicy, &ours.policy));
    ours.clock = clock_;
    Check(ConfigureColumnFamily(ours, &options));
    Check(ConfigureDB(ours, &options));
    Check(rocksdb::EventListener::CreateFromString(
        rocksdb::ConfigOptions(), "id=VarveTierScheduler;ageing_interval=0",
        &options.listeners.at(0)));
    rocksdb::DB* db = nullptr;
    Check(rocksdb::DB::Open(options, dir_ / "db", &db));
    db_.reset(db);
    std::vector<std::string> paths;
    for (int64_t i = 0; i < files; ++i) {
      paths.push_back(dir_ / (std::to_string(i) + ".sst"));
      WriteFile(options, paths.back(), kFirstDay + i % 100,
                "series" + std::to_string(100000 + i / 100), ours.policy);
    }
    rocksdb::IngestExternalFileOptions ingest;
    ingest.move_files = true;
    Check(db->IngestExternalFile(paths, ingest));
  }

  rocksdb::DB* db() { return db_.get(); }

 private:
  static void WriteFile(const rocksdb::Options& options,
                        const std::string& path, int64_t day,
                        const std::string& series, const Policy& policy) {
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options);
    Check(writer.Open(path));
    std::vector<Sample> samples;
    for (int64_t t = 0; t < kMillisPerDay; t += 3600000) {
      samples.push_back({day * kMillisPerDay + t, 1});
    }
    std::string key, operand;
    Check(EncodeRowKey(policy.shape, series, day * kMillisPerDay, &key));
    Check(
        EncodeSamples(policy.shape, samples.data(), samples.size(), &operand));
    Check(writer.Merge(key, operand));
    Check(writer.Finish());
  }

  TempDir dir_;
  std::shared_ptr<MockClock> clock_;
  std::unique_ptr<rocksdb::DB> db_;
};

ManyFiles& TheFiles(int64_t count) {
  static ManyFiles files(count);
  return files;
}

constexpr int64_t kFiles = 10000;

void BM_FirstLookAtTheFiles(benchmark::State& state) {
  rocksdb::DB* const db = TheFiles(kFiles).db();
  const rocksdb::Options options = db->GetOptions();
  for (auto _ : state) {
    AgeingFiles files;
    AgeingInput input;
    Check(files.Read(db, db->DefaultColumnFamily(), options, &input));
    if (input.files.size() != kFiles) Check(rocksdb::Status::Corruption());
  }
}
BENCHMARK(BM_FirstLookAtTheFiles)->Unit(benchmark::kMillisecond);

void BM_LaterLooksAtTheFiles(benchmark::State& state) {
  rocksdb::DB* const db = TheFiles(kFiles).db();
  const rocksdb::Options options = db->GetOptions();
  AgeingFiles files;
  AgeingInput input;
  Check(files.Read(db, db->DefaultColumnFamily(), options, &input));
  for (auto _ : state) {
    Check(files.Read(db, db->DefaultColumnFamily(), options, &input));
  }
}
BENCHMARK(BM_LaterLooksAtTheFiles)->Unit(benchmark::kMillisecond);

void BM_AgeNowWithNothingDue(benchmark::State& state) {
  rocksdb::DB* const db = TheFiles(kFiles).db();
  Check(AgeNow(db));
  for (auto _ : state) Check(AgeNow(db));
}
BENCHMARK(BM_AgeNowWithNothingDue)->Unit(benchmark::kMillisecond);

void BM_PlanForPeople(benchmark::State& state) {
  rocksdb::DB* const db = TheFiles(kFiles).db();
  Check(AgeNow(db));
  for (auto _ : state) {
    AgeingPlan plan;
    Check(PlanAgeing(db, db->DefaultColumnFamily(), {}, &plan));
    benchmark::DoNotOptimize(plan);
  }
}
BENCHMARK(BM_PlanForPeople)->Unit(benchmark::kMillisecond);

// Files of a month with all their bins.
void BM_PlanOfFullHistograms(benchmark::State& state) {
  AgeingInput input;
  Check(Policy::Parse(kPolicy, &input.policy));
  input.now_ms = (kFirstDay + 100) * kMillisPerDay;
  input.foresee = state.range(0) != 0;
  for (int64_t i = 0; i < kFiles; ++i) {
    AgeingFile file;
    file.name = "/" + std::to_string(i) + ".sst";
    file.level = 6;
    file.bytes = 64 << 20;
    file.has_properties = true;
    file.smallest_key = file.largest_key = std::string(24, 'k') + file.name;
    SampleProperties& p = file.properties;
    p.shape = input.policy.shape;
    p.rows = p.samples = 31000;
    p.has_row_keys = true;
    const int64_t start = (kFirstDay + 80) * kMillisPerDay;
    p.bucket_last_ms = p.shape.BucketLast(start + 30 * kMillisPerDay);
    for (const int64_t interval : {int64_t{0}, int64_t{300000}}) {
      p.resolutions.push_back({interval, 31000, 62000, start, kMillisPerDay,
                               std::vector<uint64_t>(31, 1000)});
    }
    file.entries = p.rows;
    input.files.push_back(file);
  }
  for (auto _ : state) benchmark::DoNotOptimize(PlanAgeing(input));
}
BENCHMARK(BM_PlanOfFullHistograms)
    ->ArgName("foresee")
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace varve

BENCHMARK_MAIN();
