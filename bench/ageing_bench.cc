// What ageing costs over a year: 400 days arrive day by day under
// 30d:5m,180d:1h and a year's retention, the clock moves with them, and every
// byte that is written for ageing is counted. Against it, RocksDB's own way on
// the block-based table with the same rows: a periodic rewrite of everything.
//
//   ageing_bench [--series=N] [--days=N] [--scrape=MS] [--out=FOLDER]
//
// Writes FOLDER/ageing.csv, ageing.md and ageing.svg.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugin/varve.h"
#include "rocksdb/convenience.h"
#include "rocksdb/listener.h"
#include "tests/mock_clock.h"
#include "tests/temp_dir.h"

namespace varve {
namespace {

constexpr int64_t kFirstDay = 19723;  // 2024-01-01
constexpr char kPolicy[] =
    "downsampling_period=30d:5m,180d:1h;retention_period=1y;safety_lag=1h";

struct Flags {
  int series = 20;
  int64_t days = 400;
  int64_t scrape_ms = 60000;
  std::string out = ".";
};

enum class Way { kVarve, kPeriodic };

struct Setup {
  std::string name;
  Way way;
  std::string partition;
};

struct Day {
  int64_t day;
  uint64_t disk_bytes;
  uint64_t aged_bytes;  // rewritten for ageing so far
};

struct Result {
  std::string name;
  uint64_t flushed = 0;
  uint64_t compacted = 0;  // by RocksDB itself, written
  AgeingCounters ageing;
  uint64_t aged_in = 0;   // read by rewrites for ageing
  uint64_t aged_out = 0;  // written by them
  uint64_t due = 0;       // of these, bytes that were due
  int64_t lag_max_days = 0;
  uint64_t disk = 0;
  uint64_t samples = 0;
  std::vector<Day> days;
};

void Check(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "ageing_bench: %s\n", status.ToString().c_str());
  std::exit(1);
}

class Run {
 public:
  Run(const Flags& flags, const Setup& setup)
      : flags_(flags),
        setup_(setup),
        clock_(std::make_shared<MockClock>(kFirstDay * kMillisPerDay)) {
    result_.name = setup.name;
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kNoCompression;
    options.statistics = rocksdb::CreateDBStatistics();
    options.target_file_size_base = 1 << 20;
    options.max_bytes_for_level_base = 4 << 20;
    Options ours;
    Check(Policy::Parse(kPolicy + (";partition=" + setup.partition),
                        &ours.policy));
    ours.clock = clock_;
    Check(ConfigureColumnFamily(ours, &options));
    std::shared_ptr<rocksdb::EventListener> listener;
    Check(rocksdb::EventListener::CreateFromString(
        rocksdb::ConfigOptions(), "id=VarveTierScheduler;ageing_interval=0",
        &listener));
    options.listeners.push_back(listener);
    statistics_ = options.statistics;
    rocksdb::DB* db = nullptr;
    Check(rocksdb::DB::Open(options, dir_ / "db", &db));
    db_.reset(db);
    Check(SampleWriter::Open(db, db->DefaultColumnFamily(), &writer_));
  }

  Result Go() {
    for (int64_t i = 0; i < flags_.days; ++i) {
      WriteDay(kFirstDay + i);
      clock_->SetMs((kFirstDay + i + 1) * kMillisPerDay);
      rocksdb::FlushOptions flush;
      Check(db_->Flush(flush));
      WaitForCompactions();
      Age(i);
      uint64_t disk = 0;
      db_->GetIntProperty("rocksdb.total-sst-files-size", &disk);
      result_.days.push_back({i, disk, result_.aged_out});
    }
    result_.flushed = statistics_->getTickerCount(rocksdb::FLUSH_WRITE_BYTES);
    result_.compacted =
        statistics_->getTickerCount(rocksdb::COMPACT_WRITE_BYTES) -
        result_.aged_out;
    result_.disk = result_.days.back().disk_bytes;
    return result_;
  }

 private:
  // Pausing waits for what has been scheduled.
  void WaitForCompactions() {
    uint64_t pending = 0;
    uint64_t running = 0;
    do {
      Check(db_->PauseBackgroundWork());
      Check(db_->ContinueBackgroundWork());
      db_->GetIntProperty(rocksdb::DB::Properties::kCompactionPending,
                          &pending);
      db_->GetIntProperty(rocksdb::DB::Properties::kNumRunningCompactions,
                          &running);
    } while (pending + running > 0);
  }

  void WriteDay(int64_t day) {
    std::vector<Sample> samples;
    for (int s = 0; s < flags_.series; ++s) {
      samples.clear();
      for (int64_t t = 0; t < kMillisPerDay; t += flags_.scrape_ms) {
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
  }

  void Age(int64_t i) {
    if (setup_.way == Way::kPeriodic) {
      if (i % 30 != 29) return;
      const uint64_t read_before =
          statistics_->getTickerCount(rocksdb::COMPACT_READ_BYTES);
      const uint64_t written_before =
          statistics_->getTickerCount(rocksdb::COMPACT_WRITE_BYTES);
      AgeingPlan plan;
      Check(PlanAgeing(db_.get(), db_->DefaultColumnFamily(), {}, &plan));
      AddDue(plan, /*all=*/true);
      rocksdb::CompactRangeOptions options;
      options.bottommost_level_compaction =
          rocksdb::BottommostLevelCompaction::kForce;
      Check(db_->CompactRange(options, nullptr, nullptr));
      result_.aged_in +=
          statistics_->getTickerCount(rocksdb::COMPACT_READ_BYTES) -
          read_before;
      result_.aged_out +=
          statistics_->getTickerCount(rocksdb::COMPACT_WRITE_BYTES) -
          written_before;
      return;
    }
    AgeingPlan plan;
    Check(PlanAgeing(db_.get(), db_->DefaultColumnFamily(), {}, &plan));
    AddDue(plan, /*all=*/false);
    Check(AgeNow(db_.get()));
    AgeingStatus status;
    Check(GetAgeingStatus(db_.get(), &status));
    result_.ageing = status.counters;
    result_.aged_in = status.counters.rewritten_bytes_in;
    result_.aged_out = status.counters.rewritten_bytes_out;
  }

  // What is due of the files that are about to be rewritten, in bytes of
  // those files.
  void AddDue(const AgeingPlan& plan, bool all) {
    for (const AgeingFileReport& file : plan.files) {
      if (all ? file.due_bytes > 0 : file.action == AgeingAction::kRewrite) {
        result_.due += std::min(file.due_bytes, file.bytes);
      }
    }
    for (const AgeingTierReport& tier : plan.tiers) {
      if (tier.interval_ms == 0 || tier.oldest_due_ms == kNever) continue;
      result_.lag_max_days =
          std::max(result_.lag_max_days,
                   (plan.now_ms - tier.oldest_due_ms) / kMillisPerDay);
    }
  }

  const Flags flags_;
  const Setup setup_;
  TempDir dir_;
  std::shared_ptr<MockClock> clock_;
  std::shared_ptr<rocksdb::Statistics> statistics_;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<SampleWriter> writer_;
  std::map<int, double> totals_;
  uint64_t seed_ = 1;
  Result result_;
};

double Ratio(uint64_t a, uint64_t b) {
  return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b);
}

double Mb(uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }

std::FILE* Create(const Flags& flags, const char* name) {
  std::FILE* const file = std::fopen((flags.out + "/" + name).c_str(), "w");
  if (file == nullptr) {
    std::perror(name);
    std::exit(1);
  }
  return file;
}

void WriteTable(const Flags& flags, const std::vector<Result>& results) {
  std::FILE* const md = Create(flags, "ageing.md");
  std::fprintf(md,
               "# What ageing costs\n\n%d series, a sample every %" PRId64
               " s, %" PRId64
               " days, `%s`; the clock moves day by day, and every evening "
               "there is a flush and a pass of ageing. Default (block-based) "
               "table without compression, leveled. 'rewrite all' is the same "
               "rows under a periodic compaction of everything, once in 30 "
               "days. Written by `ageing_bench --out=docs`.\n\n",
               flags.series, flags.scrape_ms / 1000, flags.days, kPolicy);
  std::fprintf(md,
               "| | flushed MB | RocksDB's compactions, written MB | rewritten "
               "for ageing, read MB | of it due MB | read / due | written MB | "
               "longest lag, days | dropped files (MB), unread | write "
               "amplification of a sample's life | disk at the end MB |\n"
               "|---|---|---|---|---|---|---|---|---|---|---|\n");
  std::FILE* const csv = Create(flags, "ageing.csv");
  std::fprintf(csv, "setup,day,disk_bytes,aged_bytes_written\n");
  for (const Result& r : results) {
    std::fprintf(md,
                 "| %s | %.1f | %.1f | %.1f | %.1f | %.2f | %.1f | %" PRId64
                 " | %" PRIu64 " (%.1f) | %.2f | %.1f |\n",
                 r.name.c_str(), Mb(r.flushed), Mb(r.compacted), Mb(r.aged_in),
                 Mb(r.due), Ratio(r.aged_in, r.due), Mb(r.aged_out),
                 r.lag_max_days, r.ageing.drops, Mb(r.ageing.dropped_bytes),
                 Ratio(r.flushed + r.compacted + r.aged_out, r.flushed),
                 Mb(r.disk));
    for (const Day& day : r.days) {
      std::fprintf(csv, "%s,%" PRId64 ",%" PRIu64 ",%" PRIu64 "\n",
                   r.name.c_str(), day.day, day.disk_bytes, day.aged_bytes);
    }
  }
  std::fprintf(md, "\n![disk over time](ageing.svg)\n");
  std::fclose(md);
  std::fclose(csv);
}

void WriteChart(const Flags& flags, const std::vector<Result>& results) {
  static const char* const kColours[] = {"#1f77b4", "#2ca02c", "#9467bd",
                                         "#d62728"};
  constexpr double kWidth = 720, kHeight = 320, kLeft = 60, kTop = 20;
  uint64_t most = 1;
  for (const Result& r : results) {
    for (const Day& day : r.days) most = std::max(most, day.disk_bytes);
  }
  std::FILE* const svg = Create(flags, "ageing.svg");
  std::fprintf(svg,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" "
               "height=\"%g\" font-family=\"sans-serif\" font-size=\"12\">\n"
               "<text x=\"%g\" y=\"14\">MB on disk, by day (top: %.1f)</text>"
               "\n<path d=\"M%g %g V%g H%g\" fill=\"none\" "
               "stroke=\"#888\"/>\n",
               kWidth + kLeft + 160, kHeight + 2 * kTop + 20, kLeft, Mb(most),
               kLeft, kTop, kTop + kHeight, kLeft + kWidth);
  for (size_t i = 0; i < results.size(); ++i) {
    const Result& r = results[i];
    std::fprintf(svg, "<polyline fill=\"none\" stroke=\"%s\" points=\"",
                 kColours[i % 4]);
    for (const Day& day : r.days) {
      std::fprintf(svg, "%.1f,%.1f ",
                   kLeft + kWidth * static_cast<double>(day.day) /
                               static_cast<double>(flags.days),
                   kTop + kHeight * (1 - Ratio(day.disk_bytes, most)));
    }
    std::fprintf(svg, "\"/>\n<text x=\"%g\" y=\"%g\" fill=\"%s\">%s</text>\n",
                 kLeft + kWidth + 8, kTop + 16.0 * static_cast<double>(i + 1),
                 kColours[i % 4], r.name.c_str());
  }
  std::fprintf(svg, "</svg>\n");
  std::fclose(svg);
}

int Main(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i < argc; ++i) {
    const char* const arg = argv[i];
    if (std::strncmp(arg, "--series=", 9) == 0) {
      flags.series = std::atoi(arg + 9);
    } else if (std::strncmp(arg, "--days=", 7) == 0) {
      flags.days = std::atoll(arg + 7);
    } else if (std::strncmp(arg, "--scrape=", 9) == 0) {
      flags.scrape_ms = std::atoll(arg + 9);
    } else if (std::strncmp(arg, "--out=", 6) == 0) {
      flags.out = arg + 6;
    } else {
      std::fprintf(stderr, "ageing_bench: unknown argument %s\n", arg);
      return 2;
    }
  }
  std::vector<Result> results;
  for (const Setup& setup :
       {Setup{"partition=month", Way::kVarve, "month"},
        Setup{"partition=day", Way::kVarve, "day"},
        Setup{"partition=none", Way::kVarve, "none"},
        Setup{"rewrite all every 30 d", Way::kPeriodic, "none"}}) {
    results.push_back(Run(flags, setup).Go());
    const Result& r = results.back();
    std::printf("%s: read %.1f MB for %.1f MB due (%.2f), lag %" PRId64
                " d, drops %" PRIu64 "\n",
                r.name.c_str(), Mb(r.aged_in), Mb(r.due),
                Ratio(r.aged_in, r.due), r.lag_max_days, r.ageing.drops);
  }
  WriteTable(flags, results);
  WriteChart(flags, results);
  return 0;
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) { return varve::Main(argc, argv); }
