// What a reader sees while everything else goes on: other threads write, late
// and twice, flush, compact, change the policy and move the clock, and files
// age by themselves. Each read has one right answer, whatever happens
// meanwhile: View(now) of the days that were complete when it began.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "compaction/view.h"
#include "tests/plugin/ageing/ageing_db.h"
#include "tests/plugin/samples/sample_db.h"
#include "tests/random_source.h"

namespace varve {
namespace {

constexpr int64_t kFirstDay = 20000;
constexpr int64_t kStep = 60 * 1000;
constexpr int kSeries = 4;
#ifdef VARVE_SANITIZED
constexpr int kDays = 60;
#else
constexpr int kDays = 200;
#endif
constexpr char kPolicy[] =
    "downsampling_period=5d:5m,15d:1h;retention_period=30d;partition=week;"
    "future_limit=0";

std::string SeriesName(int series) { return "s" + std::to_string(series); }

// What is written last at this time, and stays.
double ValueAt(int series, int64_t timestamp_ms) {
  return static_cast<double>(timestamp_ms / kStep % 1000 + series * 0.5);
}

class BusyDb {
 public:
  BusyDb()
      : db_(kPolicy, kFirstDay, "ageing_interval=1ms",
            [](rocksdb::Options* options) {
              options->disable_auto_compactions = false;
              options->write_buffer_size = 256 << 10;
              options->max_background_jobs = 4;
            }) {
    Policy::Parse(kPolicy, &policy_);
  }

  AgeingDb& db() { return db_; }
  bool is_done() const { return writers_ == 0; }
  int reads() const { return read_count_; }

  // Day by day, each complete before the clock leaves it.
  void Write(int series, uint64_t seed) {
    RandomSource random(seed);
    for (int day = 0; day < kDays; ++day) {
      while (clock_day_ < day - 2) std::this_thread::yield();
      WriteDay(series, day, 1);  // wrong, and never to be seen
      WriteDay(series, day, 0);
      complete_days_[series] = day + 1;
      if (random.OneIn(2)) {
        WriteLate(series, static_cast<int>(random.Below(day + 1)), &random);
      }
      if (series == 0) MoveClock(day + 1);
    }
    --writers_;
  }

  void ReadAll(uint64_t seed) {
    RandomSource random(seed);
    while (!is_done()) ReadOnce(&random);
    for (int i = 0; i < 50; ++i) ReadOnce(&random);
  }

  void Maintain(uint64_t seed) {
    RandomSource random(seed);
    while (!is_done()) {
      switch (random.Below(4)) {
        case 0:
          EXPECT_EQ(db_.db()->Flush({}).ToString(), "OK");
          break;
        case 1:
          EXPECT_EQ(db_.db()->CompactRange({}, nullptr, nullptr).ToString(),
                    "OK");
          break;
        case 2:  // does not show
          EXPECT_EQ(
              SetPolicy(db_.db(), db_.cf(),
                        random.OneIn(2) ? "safety_lag=2h" : "safety_lag=1h")
                  .ToString(),
              "OK");
          break;
        default:
          EXPECT_EQ(AgeNow(db_.db()).ToString(), "OK");
      }
    }
  }

 private:
  void Commit(int series, const std::vector<Sample>& samples) {
    rocksdb::WriteBatch batch;
    ASSERT_EQ(
        db_.writer()
            ->Add(SeriesName(series), samples.data(), samples.size(), &batch)
            .ToString(),
        "OK");
    ASSERT_EQ(db_.db()->Write({}, &batch).ToString(), "OK");
  }

  static int64_t DayMs(int day) { return (kFirstDay + day) * kMillisPerDay; }

  void WriteDay(int series, int day, double off) {
    std::vector<Sample> samples;
    for (int64_t t = DayMs(day); t < DayMs(day + 1); t += kStep) {
      samples.push_back({t, ValueAt(series, t) + off});
    }
    Commit(series, samples);
  }

  // Some of the day's samples once more, as they are.
  void WriteLate(int series, int day, RandomSource* random) {
    std::vector<Sample> samples;
    for (int i = 0; i < 20; ++i) {
      const int64_t t = DayMs(day) + kStep * random->Between(0, 1439);
      samples.push_back({t, ValueAt(series, t)});
    }
    Commit(series, samples);
  }

  // Not while somebody reads: what is thinned and dropped may lead his `now`
  // by more than safety_lag else. A few reads fall on each day.
  void MoveClock(int day) {
    const int reads = read_count_;
    while (read_count_ < reads + 4) std::this_thread::yield();
    const std::lock_guard<std::mutex> no_more(turn_);
    const std::unique_lock<std::shared_mutex> lock(reads_);
    db_.SetDay(kFirstDay + day);
    clock_day_ = day;
  }

  SampleMap Expected(int series, int64_t from_ms, int64_t to_ms,
                     int64_t now_ms) const {
    std::vector<SampleWrite> writes;
    for (int64_t t = AlignDown(from_ms, kMillisPerDay);
         t < AlignDown(to_ms, kMillisPerDay) + kMillisPerDay; t += kStep) {
      writes.push_back({t, BitsOf(ValueAt(series, t))});
    }
    const SampleMap view = View(writes, policy_, now_ms);
    return {view.lower_bound(from_ms), view.upper_bound(to_ms)};
  }

  void ReadOnce(RandomSource* random) {
    ++read_count_;
    const int series = static_cast<int>(random->Below(kSeries));
    std::unique_lock<std::mutex> turn(turn_);
    const std::shared_lock<std::shared_mutex> lock(reads_);
    turn.unlock();
    const int days = complete_days_[series];
    if (days == 0) return;
    SampleReadOptions options;
    if (random->OneIn(2)) options.now_ms = db_.clock()->NowMs();
    const int64_t now_ms = db_.clock()->NowMs();
    const int64_t from_ms =
        random->Between(DayMs(std::max(0, days - 40)), DayMs(days) - 1);
    const int64_t to_ms = std::min(
        DayMs(days) - 1, from_ms + random->Between(0, 3 * kMillisPerDay));
    const SampleMap expected = Expected(series, from_ms, to_ms, now_ms);

    std::vector<Sample> samples;
    ASSERT_EQ(db_.reader()
                  ->Read(options, SeriesName(series), from_ms, to_ms, &samples)
                  .ToString(),
              "OK");
    SampleMap seen;
    for (const Sample& sample : samples) {
      seen[sample.timestamp_ms] = BitsOf(sample.value);
    }
    ASSERT_EQ(seen, expected) << "series " << series << " from " << from_ms
                              << " to " << to_ms << " at " << now_ms;

    ScanOptions scan;
    scan.prefix = SeriesName(series);
    scan.start_ms = from_ms;
    scan.end_ms = to_ms;
    SampleMap scanned;
    const auto cursor = db_.reader()->Scan(options, scan);
    while (cursor->NextSeries()) {
      while (cursor->Next()) {
        for (size_t i = 0; i < cursor->size(); ++i) {
          scanned[cursor->timestamps_ms()[i]] = BitsOf(cursor->values()[i]);
        }
      }
    }
    ASSERT_EQ(cursor->status().ToString(), "OK");
    ASSERT_EQ(scanned, expected);

    Sample last{};
    bool found = false;
    ASSERT_EQ(db_.reader()
                  ->ReadLast(options, SeriesName(series), from_ms, to_ms, &last,
                             &found)
                  .ToString(),
              "OK");
    ASSERT_EQ(found, !expected.empty());
    if (found) {
      ASSERT_EQ(last.timestamp_ms, expected.rbegin()->first);
      ASSERT_EQ(BitsOf(last.value), expected.rbegin()->second);
    }
  }

  AgeingDb db_;
  Policy policy_;
  std::atomic<int> complete_days_[kSeries] = {};
  std::atomic<int> writers_{kSeries};
  std::atomic<int> clock_day_{0};
  std::atomic<int> read_count_{0};
  std::mutex turn_;  // so that readers let the clock pass
  std::shared_mutex reads_;
};

TEST(Concurrent, AReaderCannotTellWhatElseGoesOn) {
  const uint64_t seed = RandomSource::BaseSeed();
  SCOPED_TRACE(RandomSource(seed).Trace());
  BusyDb busy;
  std::vector<std::thread> threads;
  for (int series = 0; series < kSeries; ++series) {
    threads.emplace_back(
        [&busy, series, seed] { busy.Write(series, seed * 100 + series); });
  }
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back(
        [&busy, i, seed] { busy.ReadAll(seed * 100 + 50 + i); });
  }
  threads.emplace_back([&busy, seed] { busy.Maintain(seed * 100 + 99); });
  for (std::thread& thread : threads) thread.join();

  AgeingStatus status;
  ASSERT_EQ(GetAgeingStatus(busy.db().db(), &status).ToString(), "OK");
  EXPECT_GT(status.counters.rewrites + status.counters.drops, 0u);
  EXPECT_GT(busy.reads(), 100);
  EXPECT_FALSE(HasFailure());  // says the seed, which threads cannot
}

}  // namespace
}  // namespace varve
