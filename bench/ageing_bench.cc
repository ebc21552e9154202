// What ageing costs over a year: 400 days arrive day by day under
// 30d:5m,180d:1h and a year's retention, the clock moves with them, and every
// byte that is read or written for ageing is counted, by tier. Beside
// VarveTierScheduler stands RocksDB's own way, periodic_compaction_seconds,
// with the same filter and clock, on the one table that has it.
//
//   ageing_bench [--series=N] [--days=N] [--scrape=MS] [--only=TEXT]
//                [--out=FOLDER]
//
// Writes FOLDER/ageing.csv, ageing.md and ageing.svg.
#include <gflags/gflags.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bench/ageing_account.h"
#include "bench/check.h"
#include "bench/counted_env.h"
#include "plugin/ageing/ageing_files.h"
#include "rocksdb/convenience.h"
#include "rocksdb/listener.h"
#include "rocksdb/table.h"
#include "tests/mock_clock.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

DEFINE_int32(series, 60, "Series");
DEFINE_int64(days, 400, "Days");
DEFINE_int64(scrape, 60000, "Milliseconds between the samples of a series");
DEFINE_string(only, "", "Only setups whose name holds this");
DEFINE_string(out, ".", "Folder of the report");

namespace varve {
namespace {

using bench::AgeingAccount;
using bench::AgeingResult;

constexpr int64_t kFirstDay = 19723;  // 2024-01-01
constexpr char kPolicy[] =
    "downsampling_period=30d:5m,180d:1h;retention_period=1y;safety_lag=1h";

struct Setup {
  const char* name;
  const char* partition;
  const char* compaction;
  uint64_t periodic_seconds;  // 0: VarveTierScheduler
};

constexpr uint64_t kDaySeconds = 86400;
// A little less than from one evening to the next.
constexpr uint64_t kEveningSeconds = kDaySeconds - 3600;
// When the flush is, in the night: what a tier reaches by then, safety_lag
// counted, is whole days and one hour.
constexpr int64_t kFlushMs = 2 * kMillisPerHour;
constexpr Setup kSetups[] = {
    {"scheduler, month", "month", "leveled", 0},
    {"scheduler, day", "day", "leveled", 0},
    {"scheduler, none", "none", "leveled", 0},
    {"scheduler, month, vm", "month", "vm", 0},
    {"scheduler, day, vm", "day", "vm", 0},
    {"periodic 30 d, month", "month", "leveled", 30 * kDaySeconds},
    {"periodic 30 d, none", "none", "leveled", 30 * kDaySeconds},
    {"periodic 1 d, month", "month", "leveled", kEveningSeconds},
};

// RocksDB's own compactions: those for age, and others. (It tells listeners
// nothing of what the scheduler has it do.) RocksDB calls it from a thread of
// its own; the bench reads while there is nothing to do.
class Watch : public rocksdb::EventListener {
 public:
  Watch(const MockClock* clock, AgeingAccount* account, AgeingResult* result)
      : clock_(clock), account_(account), result_(result) {}

  void OnFlushCompleted(rocksdb::DB* db,
                        const rocksdb::FlushJobInfo& info) override {
    uint64_t bytes = 0;
    Check(db->GetEnv()->GetFileSize(info.file_path, &bytes));
    std::lock_guard<std::mutex> lock(mutex_);
    result_->flushed += bytes;
  }

  void OnCompactionCompleted(rocksdb::DB*,
                             const rocksdb::CompactionJobInfo& info) override {
    std::lock_guard<std::mutex> lock(mutex_);
    ++completed_;
    if (info.stats.total_output_bytes == 0 && info.output_files.empty() &&
        info.stats.total_input_bytes == 0) {
      return;  // moved
    }
    const bool for_age =
        info.compaction_reason ==
            rocksdb::CompactionReason::kPeriodicCompaction ||
        info.compaction_reason == rocksdb::CompactionReason::kTtl;
    if (for_age) {
      result_->read += info.stats.total_input_bytes;
      result_->written += info.stats.total_output_bytes;
    } else {
      result_->own_written += info.stats.total_output_bytes;
    }
    for (const std::string& file : info.input_files) {
      const auto found = info.table_properties.find(file);
      if (found == info.table_properties.end()) continue;
      const rocksdb::TableProperties& table = *found->second;
      SampleProperties properties;
      if (!ParseSampleProperties(table.user_collected_properties, &properties)
               .ok()) {
        continue;
      }
      if (for_age) {
        account_->Aged(properties,
                       table.data_size + table.index_size + table.filter_size,
                       clock_->NowMs());
      } else {
        account_->InPassing(properties, clock_->NowMs());
      }
    }
  }

  uint64_t completed() {
    std::lock_guard<std::mutex> lock(mutex_);
    return completed_;
  }

 private:
  const MockClock* const clock_;
  AgeingAccount* const account_;
  AgeingResult* const result_;
  std::mutex mutex_;
  uint64_t completed_ = 0;
};

class Run {
 public:
  explicit Run(const Setup& setup)
      : setup_(setup),
        clock_(std::make_shared<MockClock>(kFirstDay * kMillisPerDay)),
        env_(clock_) {
    result_.name = setup.name;
    Options ours;
    Check(Options::Parse(std::string(kPolicy) +
                             ";partition=" + setup.partition +
                             ";compaction=" + setup.compaction,
                         &ours));
    ours.clock = clock_;
    policy_ = ours.policy;
    account_ = std::make_unique<AgeingAccount>(policy_, &result_);
    watch_ = std::make_shared<Watch>(clock_.get(), account_.get(), &result_);
    rocksdb::Options options;
    options.env = &env_;
    options.create_if_missing = true;
    options.compression = rocksdb::kNoCompression;
    options.target_file_size_base = 1 << 20;
    options.max_bytes_for_level_base = 4 << 20;
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    Check(ConfigureColumnFamily(ours, &options));
    options.ttl = 0;
    options.periodic_compaction_seconds = setup.periodic_seconds;
    if (setup.periodic_seconds > 0) {
      options.table_factory.reset(rocksdb::NewBlockBasedTableFactory());
    }
    options.listeners.push_back(watch_);
    if (Scheduled()) {
      std::shared_ptr<rocksdb::EventListener> scheduler;
      Check(rocksdb::EventListener::CreateFromString(
          rocksdb::ConfigOptions(), "id=VarveTierScheduler;ageing_interval=0",
          &scheduler));
      options.listeners.push_back(scheduler);
    }
    rocksdb::DB* db = nullptr;
    Check(rocksdb::DB::Open(options, dir_ / "db", &db));
    db_.reset(db);
    Check(SampleWriter::Open(db, db->DefaultColumnFamily(), &writer_));
  }

  AgeingResult Go() {
    for (int64_t i = 0; i < FLAGS_days; ++i) {
      WriteDay(kFirstDay + i);
      if (Scheduled()) Age();
      uint64_t disk = 0;
      db_->GetIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize, &disk);
      result_.disk_most = std::max(result_.disk_most, disk);
      result_.disk_end = disk;
      result_.days.push_back({i, disk, result_.read + result_.written});
    }
    if (Scheduled()) EndYears();
    return result_;
  }

 private:
  bool Scheduled() const { return setup_.periodic_seconds == 0; }

  // Pausing waits for what has been scheduled; what that leads to is
  // scheduled when it ends.
  void WaitForCompactions() {
    for (int idle = 0; idle < 3;) {
      const uint64_t before = watch_->completed();
      Check(db_->PauseBackgroundWork());
      Check(db_->ContinueBackgroundWork());
      idle = watch_->completed() == before ? idle + 1 : 0;
    }
  }

  // RocksDB looks at its files' ages when it flushes.
  void WriteDay(int64_t day) {
    std::vector<Sample> samples;
    for (int s = 0; s < FLAGS_series; ++s) {
      samples.clear();
      for (int64_t t = 0; t < kMillisPerDay; t += FLAGS_scrape) {
        // A counter whose rate wanders: neither constant nor noise.
        seed_ = seed_ * 6364136223846793005u + 1442695040888963407u;
        totals_[s] += static_cast<double>(seed_ >> 54);
        samples.push_back({day * kMillisPerDay + t, totals_[s]});
      }
      rocksdb::WriteBatch batch;
      Check(writer_->Add("series" + std::to_string(s), samples.data(),
                         samples.size(), &batch));
      Check(db_->Write({}, &batch));
      result_.samples += samples.size();
    }
    clock_->SetMs((day + 1) * kMillisPerDay + kFlushMs);
    Check(db_->Flush({}));
    WaitForCompactions();
  }

  // Nothing is written any more and no tier is left, so that all that passes
  // still have to do is to drop what expires, until nothing is there.
  void EndYears() {
    Check(SetPolicy(db_.get(), db_->DefaultColumnFamily(),
                    "downsampling_period=none"));
    AgeingCounters before = Counters();
    const bench::IoCounts& io = env_.counts();
    const uint64_t io_before = io.read + io.written;
    for (int month = 0; month < 13; ++month) {
      clock_->SetMs(clock_->NowMs() + 31 * kMillisPerDay);
      Check(AgeNow(db_.get()));
    }
    result_.end_io = io.read + io.written - io_before;
    const AgeingCounters after = Counters();
    result_.end_rewrites = after.rewrites - before.rewrites;
    result_.end_drops = after.drops - before.drops;
    result_.end_dropped = after.dropped_bytes - before.dropped_bytes;
    db_->GetIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize,
                        &result_.end_left);
  }

  AgeingCounters Counters() {
    AgeingStatus status;
    Check(GetAgeingStatus(db_.get(), &status));
    return status.counters;
  }

  // One pass of the scheduler, and before it what it is going to do. (What a
  // job leads to in the same pass is in `read` and in no tier's account.)
  void Age() {
    AgeingInput input;
    input.policy = policy_;
    input.now_ms = clock_->NowMs();
    rocksdb::ColumnFamilyHandle* const cf = db_->DefaultColumnFamily();
    Check(files_.Read(db_.get(), cf, db_->GetOptions(), &input));
    const AgeingPlan plan = PlanAgeing(input);
    for (size_t i = 0; i < plan.files.size(); ++i) {
      const AgeingFile& file = input.files[i];
      if (plan.files[i].action == AgeingAction::kRewrite) {
        account_->Aged(file.properties, file.bytes, input.now_ms);
      } else if (plan.files[i].action == AgeingAction::kDrop) {
        account_->Dropped(file.properties, file.bytes, input.now_ms);
      }
    }
    Check(AgeNow(db_.get()));
    WaitForCompactions();
    const AgeingCounters counters = Counters();
    result_.read = counters.rewritten_bytes_in;
    result_.written = counters.rewritten_bytes_out;
  }

  const Setup setup_;
  TempDir dir_;
  std::shared_ptr<MockClock> clock_;
  bench::CountedEnv env_;
  Policy policy_;
  AgeingResult result_;
  std::unique_ptr<AgeingAccount> account_;
  std::shared_ptr<Watch> watch_;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<SampleWriter> writer_;
  AgeingFiles files_;
  std::map<int, double> totals_;
  uint64_t seed_ = 1;
};

std::string Intro() {
  char text[1600];
  std::snprintf(
      text, sizeof text,
      "%d series, a sample every %" PRId64 " s, %" PRId64
      " days, `%s`; the clock moves day by day, and after each day there is a "
      "flush and a pass of ageing. Files of 1 MiB without compression, level 1 "
      "of 4 MiB. 'Scheduler' is VarveTierScheduler on parts, by partition and, "
      "where it says vm, with that preset instead of leveled compaction. "
      "'Periodic' is RocksDB's periodic_compaction_seconds on its block-based "
      "table with "
      "the same rows, filter and clock: 30 days are what RocksDB sets by "
      "itself where there is a compaction filter, 1 day is what it takes to be "
      "as prompt as the scheduler with partition=day. Written by `make "
      "bench-ageing`.",
      FLAGS_series, FLAGS_scrape / 1000, FLAGS_days, kPolicy);
  return text;
}

int Main() {
  std::vector<AgeingResult> results;
  for (const Setup& setup : kSetups) {
    if (std::string(setup.name).find(FLAGS_only) == std::string::npos) continue;
    results.push_back(Run(setup).Go());
    const AgeingResult& r = results.back();
    std::printf("%s: read %.1f MB for %.1f MB due, wrote %.1f, drops %" PRIu64
                "\n",
                r.name.c_str(), static_cast<double>(r.read) / 1e6,
                static_cast<double>(r.due()) / 1e6,
                static_cast<double>(r.written) / 1e6, r.drops);
    std::fflush(stdout);
  }
  if (bench::WriteAgeingReport(FLAGS_out, Intro(), results)) return 0;
  std::perror(FLAGS_out.c_str());
  return 1;
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  return varve::Main();
}
