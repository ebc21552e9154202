// What RocksDB's compaction costs a week of scraped samples, by preset and
// partition: write amplification, space on the way and in the end, and reads.
// Samples arrive in order but for a few that are late by up to a day. The clock
// is simulated and the next flush waits until RocksDB has nothing to do, so
// that all but CPU time repeats by the seed, to 0.1 % (RocksDB's memtables
// draw lots, so that their sizes differ a little).
//
//   preset_bench [--series=N] [--interval=S] [--days=N] [--late_pct=N]
//                [--buffer_kb=N] [--seed=N] [--table=part|block]
//                [--only=TEXT] [--csv=FILE]
//
// Sizes keep the proportions of RocksDB's defaults: files are as large as
// memtables, level 1 is four times that.
#include <gflags/gflags.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bench/check.h"
#include "bench/compaction_watch.h"
#include "bench/preset_report.h"
#include "bench/samples/sample_stream.h"
#include "plugin/part_table/part_table_factory.h"
#include "rocksdb/iostats_context.h"
#include "rocksdb/table.h"
#include "tests/mock_clock.h"
#include "tests/temp_dir.h"
#include "varve/row_shape.h"
#include "varve/varve.h"

DEFINE_int32(series, 500, "Series");
DEFINE_int32(interval, 60, "Seconds between the samples of a series");
DEFINE_int32(days, 7, "Days of samples; the first is the 29th of January");
DEFINE_int32(late_pct, 1, "Share of samples that are late by up to a day");
DEFINE_int32(buffer_kb, 2048, "Memory that the samples of one flush take");
DEFINE_uint64(seed, 1, "Of values, lateness and reads");
DEFINE_string(table, "part", "part or block");
DEFINE_string(only, "", "Only setups whose name holds this");
DEFINE_string(csv, "", "Write the figures to this file too");

namespace varve {
namespace {

constexpr int64_t kStartShiftMs = 28 * kMillisPerDay;  // a month ends soon
constexpr int kReadsEach = 100;
constexpr int64_t kReadEveryMs = kMillisPerDay / 2;

double ThreadCpuUs() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 +
         static_cast<double>(t.tv_nsec) / 1e3;
}

// ------------------------------------------------------------ one run

struct Setup {
  const char* compaction;
  const char* partition;
  std::string name() const {
    return std::string(compaction) + ", " + partition;
  }
};

class Run {
 public:
  explicit Run(const Setup& setup)
      : clock_(std::make_shared<MockClock>(bench::kStreamStartMs)),
        watch_(std::make_shared<bench::CompactionWatch>()),
        stream_(StreamOf()),
        random_(FLAGS_seed),
        arriving_(static_cast<size_t>(Scrapes() + ScrapesADay() + 2)) {
    result_.name = setup.name();
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kZSTD;
    const auto buffer = static_cast<uint64_t>(FLAGS_buffer_kb) << 10;
    options.write_buffer_size = 4 * buffer;  // flushed by hand before
    options.arena_block_size = buffer / 16;
    options.target_file_size_base = buffer;
    options.max_bytes_for_level_base = 4 * buffer;
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    Options ours;
    Check(Options::Parse(std::string("compaction=") + setup.compaction +
                             ";partition=" + setup.partition,
                         &ours));
    policy_ = ours.policy;
    ours.clock = clock_;
    Check(ConfigureColumnFamily(ours, &options));
    SetTable(&options);
    options.listeners.push_back(watch_);
    rocksdb::DB* db = nullptr;
    Check(rocksdb::DB::Open(options, dir_ / "db", &db));
    db_.reset(db);
    Check(SampleWriter::Open(db, db->DefaultColumnFamily(), &writer_));
    Check(SampleReader::Open(db, db->DefaultColumnFamily(), &reader_));
  }

  bench::PresetResult Go() {
    watch_->warm_samples = static_cast<uint64_t>(FLAGS_series) *
                           static_cast<uint64_t>(ScrapesADay());
    const auto buffer = static_cast<uint64_t>(FLAGS_buffer_kb) << 10;
    int64_t next_read_ms = TimeOf(0) + kReadEveryMs;
    for (size_t i = 0; i < arriving_.size(); ++i) {
      Scrape(static_cast<int64_t>(i));
      uint64_t used = 0;
      db_->GetIntProperty(rocksdb::DB::Properties::kCurSizeActiveMemTable,
                          &used);
      if (used < buffer) continue;
      Flush();
      if (clock_->NowMs() < next_read_ms) continue;
      next_read_ms += kReadEveryMs;
      ReadAll();
    }
    Flush();
    Finish();
    return result_;
  }

 private:
  struct Late {
    uint32_t slot;
    Sample sample;
  };

  static bench::StreamOptions StreamOf() {
    bench::StreamOptions options;
    options.series = static_cast<uint32_t>(FLAGS_series);
    options.interval_ms = FLAGS_interval * kMillisPerSecond;
    options.seed = FLAGS_seed;
    return options;
  }
  static int64_t ScrapesADay() {
    return kMillisPerDay / (FLAGS_interval * kMillisPerSecond);
  }
  static int64_t Scrapes() { return FLAGS_days * ScrapesADay(); }
  static int64_t TimeOf(int64_t scrape) {
    return bench::kStreamStartMs + kStartShiftMs +
           scrape * FLAGS_interval * kMillisPerSecond;
  }

  static void SetTable(rocksdb::Options* options) {
    if (FLAGS_table == "part") {
      PartTableOptions table;
      table.cache_bytes = 0;
      options->table_factory = NewPartTableFactory(table);
    } else {
      rocksdb::BlockBasedTableOptions table;
      table.no_block_cache = true;
      options->table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    }
  }

  // All series' samples of one time, and those that were late until now.
  void Scrape(int64_t scrape) {
    clock_->SetMs(TimeOf(scrape));
    // To what lies before, not even late samples come any more.
    watch_->old_until_ms =
        kMillisPerDay *
        PartitionDay(policy_.shape.partition, TimeOf(scrape) - kMillisPerDay);
    rocksdb::WriteBatch batch;
    std::string series;
    std::vector<Sample> one;
    if (scrape < Scrapes()) {
      for (uint32_t slot = 0; slot < static_cast<uint32_t>(FLAGS_series);
           ++slot) {
        stream_.Next(slot, 1, &series, &one);
        one[0].timestamp_ms += kStartShiftMs;
        if (bench::NextRandom(&random_) % 100 <
            static_cast<uint64_t>(FLAGS_late_pct)) {
          const auto delay =
              1 + static_cast<int64_t>(bench::NextRandom(&random_) %
                                       static_cast<uint64_t>(ScrapesADay()));
          arriving_[static_cast<size_t>(scrape + delay)].push_back(
              {slot, one[0]});
        } else {
          Add(series, one[0], &batch);
        }
      }
    }
    for (const Late& late : arriving_[static_cast<size_t>(scrape)]) {
      Add(stream_.SeriesAt(late.slot, 0), late.sample, &batch);
    }
    rocksdb::WriteOptions write;
    write.disableWAL = true;  // the same for all
    Check(db_->Write(write, &batch));
  }

  void Add(const std::string& series, const Sample& sample,
           rocksdb::WriteBatch* batch) {
    Check(writer_->Add(series, &sample, 1, batch));
    ++result_.samples;
  }

  void Flush() {
    {
      std::lock_guard<std::mutex> lock(watch_->mutex);
      watch_->samples = result_.samples;
    }
    Check(db_->Flush({}));
    WaitForCompactions();
    std::lock_guard<std::mutex> lock(watch_->mutex);
    watch_->live = DiskBytes();
    watch_->peak = std::max(watch_->peak, watch_->live);
  }

  // Pausing waits for what has been scheduled; what that leads to is
  // scheduled when it ends. (What RocksDB calls pending may be nothing.)
  void WaitForCompactions() {
    for (int idle = 0; idle < 3;) {
      const uint64_t before = Completed();
      Check(db_->PauseBackgroundWork());
      Check(db_->ContinueBackgroundWork());
      idle = Completed() == before ? idle + 1 : 0;
    }
  }
  uint64_t Completed() {
    std::lock_guard<std::mutex> lock(watch_->mutex);
    return watch_->completed;
  }

  uint64_t DiskBytes() {
    uint64_t bytes = 0;
    db_->GetIntProperty(rocksdb::DB::Properties::kLiveSstFilesSize, &bytes);
    return bytes;
  }

  void CountRuns() {
    rocksdb::ColumnFamilyMetaData metadata;
    db_->GetColumnFamilyMetaData(&metadata);
    double runs = 0;
    for (const auto& level : metadata.levels) {
      if (level.files.empty()) continue;
      runs += level.level == 0 ? static_cast<double>(level.files.size()) : 1;
    }
    result_.runs_most = std::max(result_.runs_most, runs);
    result_.runs += runs;
    ++run_counts_;
  }

  template <typename Function>
  void Measure(bench::ReadCost* cost, const Function& read) {
    const uint64_t bytes = rocksdb::get_iostats_context()->bytes_read;
    const double start = ThreadCpuUs();
    read();
    cost->cpu_us += ThreadCpuUs() - start;
    cost->bytes += rocksdb::get_iostats_context()->bytes_read - bytes;
    ++cost->reads;
  }

  // Nothing but files: no block is cached, the memtable is empty.
  void ReadAll() {
    CountRuns();
    const int64_t now_ms = clock_->NowMs();
    const auto below = [this](int64_t limit) {
      return static_cast<int64_t>(bench::NextRandom(&read_random_) %
                                  static_cast<uint64_t>(limit));
    };
    std::vector<Sample> samples;
    for (int i = 0; i < kReadsEach; ++i) {
      const std::string series =
          stream_.SeriesAt(static_cast<uint32_t>(below(FLAGS_series)), 0);
      Measure(&result_.last, [&] {
        Sample sample;
        bool found = false;
        Check(reader_->ReadLast({}, series, now_ms - kMillisPerDay, now_ms,
                                &sample, &found));
        if (!found) Check(Status::NotFound(series));
      });
      const int64_t end_ms = now_ms - below(kMillisPerDay / 2);
      Measure(&result_.hour, [&] {
        Check(reader_->Read({}, series, end_ms - kMillisPerHour + 1, end_ms,
                            &samples));
      });
      const int64_t since = now_ms - TimeOf(0) - kMillisPerDay;
      const int64_t from_ms =
          TimeOf(0) + (since > 0 ? below(since + 1) : int64_t{0});
      Measure(&result_.day, [&] {
        Check(reader_->Read({}, series, from_ms, from_ms + kMillisPerDay - 1,
                            &samples));
      });
    }
  }

  void Finish() {
    std::vector<Sample> samples;
    uint64_t there = 0;
    for (uint32_t slot = 0; slot < static_cast<uint32_t>(FLAGS_series);
         ++slot) {
      Check(reader_->Read({}, stream_.SeriesAt(slot, 0), 0, kTimestampMax,
                          &samples));
      there += samples.size();
    }
    if (there != result_.samples) {
      Check(Status::Corruption("samples are missing"));
    }
    result_.end = DiskBytes();
    result_.runs /= run_counts_;
    {
      std::lock_guard<std::mutex> lock(watch_->mutex);
      result_.flushes = watch_->flushes;
      result_.compactions = watch_->compactions;
      result_.flushed = watch_->flushed;
      result_.written = watch_->written;
      result_.old_read = watch_->old_read;
      result_.largest = watch_->largest;
      result_.peak = watch_->peak;
      result_.cpu_s = watch_->cpu_s;
      result_.peak_amplification = watch_->peak_per_sample;
    }
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForce;
    Check(db_->CompactRange(all, nullptr, nullptr));
    result_.compacted = DiskBytes();
    result_.peak_amplification *= static_cast<double>(result_.samples) /
                                  static_cast<double>(result_.compacted);
  }

  TempDir dir_;
  std::shared_ptr<MockClock> clock_;
  std::shared_ptr<bench::CompactionWatch> watch_;
  bench::SampleStream stream_;
  uint64_t random_;
  uint64_t read_random_ = 1;
  std::vector<std::vector<Late>> arriving_;  // by scrape
  Policy policy_;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<SampleWriter> writer_;
  std::unique_ptr<SampleReader> reader_;
  int run_counts_ = 0;
  bench::PresetResult result_;
};

int Main() {
  bench::PrintHeading();
  std::vector<bench::PresetResult> results;
  for (const char* partition : {"month", "day"}) {
    for (const char* compaction : {"leveled", "universal", "vm"}) {
      const Setup setup{compaction, partition};
      if (setup.name().find(FLAGS_only) == std::string::npos) continue;
      results.push_back(Run(setup).Go());
      bench::PrintResult(results.back());
    }
  }
  if (results.empty()) return 2;
  const bench::PresetResult& r = results.front();
  std::printf("\n%" PRIu64 " samples, %" PRIu64
              " flushes, %.1f MB flushed, %.1f MB fully compacted\n",
              r.samples, r.flushes, static_cast<double>(r.flushed) / 1e6,
              static_cast<double>(r.compacted) / 1e6);
  if (!FLAGS_csv.empty() && !bench::WriteResults(FLAGS_csv, results)) {
    Check(Status::IOError(FLAGS_csv));
  }
  return 0;
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  return varve::Main();
}
