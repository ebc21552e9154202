// What ageing does when something is in its way: no space, stalled writes, a
// rate, column families that it cannot age. The database goes on.
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include "plugin/ageing/tier_scheduler.h"
#include "rocksdb/file_system.h"
#include "tests/plugin/ageing/ageing_db.h"
#include "tests/plugin/no_recovery_by_itself.h"

namespace varve {
namespace {

// Days of 2024: January from 19723, February 19754.
constexpr int64_t kJanuary = 19723;
constexpr int64_t kFebruary = 19754;
constexpr char kTier[] = "downsampling_period=30d:5m;safety_lag=0";
constexpr int64_t kMinute = 60000;

// A disk of which a test says how full it is.
class SmallDisk : public rocksdb::FileSystemWrapper {
 public:
  SmallDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  static const char* kClassName() { return "SmallDisk"; }
  const char* Name() const override { return kClassName(); }

  std::atomic<uint64_t> free_bytes{uint64_t{1} << 40};
  std::atomic<bool> full{false};  // for SST files, whatever free_bytes says
  // Called once, when somebody asks for the free space or opens a folder.
  std::function<void()> meanwhile;

  void Meanwhile() {
    if (meanwhile != nullptr) std::exchange(meanwhile, nullptr)();
  }

  rocksdb::IOStatus GetFreeSpace(const std::string& /*path*/,
                                 const rocksdb::IOOptions& /*options*/,
                                 uint64_t* bytes,
                                 rocksdb::IODebugContext* /*debug*/) override {
    Meanwhile();
    *bytes = free_bytes;
    return rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus NewDirectory(const std::string& name,
                                 const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* folder,
                                 rocksdb::IODebugContext* debug) override {
    Meanwhile();
    return FileSystemWrapper::NewDirectory(name, options, folder, debug);
  }
  rocksdb::IOStatus NewWritableFile(
      const std::string& name, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSWritableFile>* file,
      rocksdb::IODebugContext* debug) override {
    if (full && name.find(".sst") != name.npos) {
      return rocksdb::IOStatus::NoSpace("the disk is full");
    }
    return FileSystemWrapper::NewWritableFile(name, options, file, debug);
  }
};

std::shared_ptr<AgeingWorker> WorkerOf(AgeingDb* db) {
  return static_cast<TierScheduler*>(
             db->db()->GetDBOptions().listeners.at(0).get())
      ->Attach(db->db());
}

// A clock of which the time that passes is the time of day.
class DayClock : public MockClock {
 public:
  using MockClock::MockClock;
  uint64_t NowNanos() override { return NowMicros() * 1000; }
};

class AgeingOnASmallDisk : public testing::Test {
 protected:
  AgeingOnASmallDisk()
      : disk_(std::make_shared<SmallDisk>()),
        env_(rocksdb::NewCompositeEnv(disk_)),
        db_(kTier, kFebruary + 60, "ageing_interval=0",
            [this](rocksdb::Options* options) {
              options->env = env_.get();
              options->listeners.push_back(
                  std::make_shared<NoRecoveryByItself>());
            }) {
    db_.WriteDay("a", kJanuary);
    db_.Flush();
  }
  // What the scheduler does of its own accord.
  rocksdb::Status Pass() {
    size_t jobs = 0;
    return WorkerOf(&db_)->Pass(/*paced=*/true, &jobs);
  }

  const std::shared_ptr<SmallDisk> disk_;
  const std::unique_ptr<rocksdb::Env> env_;
  AgeingDb db_;
};

TEST_F(AgeingOnASmallDisk, IsPutOffEverLongerAndLoggedOnce) {
  // Room for the file, but not for the memtables as well.
  disk_->free_bytes = 1 << 20;
  const auto seen = db_.Read("a");
  EXPECT_TRUE(Pass().IsNoSpace());
  EXPECT_TRUE(Pass().ok()) << "it is not time yet";
  EXPECT_EQ(db_.Counters().failures, 1u);
  EXPECT_NE(db_.Plan().files.at(0).why.find("to be tried again"),
            std::string::npos);
  int64_t wait_ms = kMinute;
  for (uint64_t failures = 2; failures < 12; ++failures) {
    db_.clock()->PassMs(wait_ms - 1);
    ASSERT_TRUE(Pass().ok()) << failures;
    db_.clock()->PassMs(1);
    ASSERT_TRUE(Pass().IsNoSpace()) << failures;
    ASSERT_EQ(db_.Counters().failures, failures);
    wait_ms = std::min(2 * wait_ms, 64 * kMinute);
  }
  db_.WriteDay("a", kFebruary + 59);
  db_.Flush();
  EXPECT_EQ(db_.Counters().verified_bytes, 0u);
  disk_->free_bytes = uint64_t{1} << 40;
  db_.clock()->PassMs(wait_ms);
  EXPECT_TRUE(Pass().ok());
  EXPECT_EQ(db_.Counters().rewrites, 1u);
  EXPECT_TRUE(db_.Plan().jobs.empty());
  db_.Close();
  EXPECT_EQ(CountIn(db_.Log(), "to be tried again: IO error: No space left"),
            1u)
      << db_.Log();
}

// Retries went by the time of day: what failed while the clock was a year
// ahead was left alone for a year, though the clock had been put right and the
// disk emptied.
TEST_F(AgeingOnASmallDisk, AWrongClockThatIsPutRightIsNotWaitedFor) {
  const int64_t right_ms = db_.clock()->NowMs();
  disk_->free_bytes = 0;
  db_.clock()->SetMs(right_ms + 365 * kAgeingDay);
  EXPECT_TRUE(Pass().IsNoSpace());
  disk_->free_bytes = uint64_t{1} << 40;
  db_.clock()->SetMs(right_ms);
  EXPECT_TRUE(Pass().ok());
  EXPECT_EQ(db_.Counters().rewrites, 0u) << "a minute has not passed";
  db_.clock()->PassMs(kMinute);
  EXPECT_TRUE(Pass().ok());
  EXPECT_EQ(db_.Counters().rewrites, 1u);
}

// The other way round: a clock that jumps ahead ends no wait.
TEST_F(AgeingOnASmallDisk, AClockThatJumpsAheadEndsNoWait) {
  disk_->free_bytes = 0;
  EXPECT_TRUE(Pass().IsNoSpace());
  db_.clock()->SetMs(db_.clock()->NowMs() + 365 * kAgeingDay);
  EXPECT_TRUE(Pass().ok());
  EXPECT_EQ(db_.Counters().failures, 1u);
}

// AgeNow waited for the same time and said OK: whoever had made room and asked
// for the work was told that it was done.
TEST_F(AgeingOnASmallDisk, AgeNowTriesAtOnceAndSaysWhatItCouldNotDo) {
  disk_->free_bytes = 0;
  EXPECT_TRUE(Pass().IsNoSpace());
  for (uint64_t failures = 2; failures < 5; ++failures) {
    const rocksdb::Status status = AgeNow(db_.db());
    EXPECT_TRUE(status.IsNoSpace()) << status.ToString();
    const std::string text = status.ToString();
    EXPECT_NE(text.find("0 bytes are free in "), std::string::npos) << text;
    EXPECT_NE(text.find("; 1 file ("), std::string::npos) << text;
    EXPECT_NE(text.find(") at level 0 not rewritten"), std::string::npos)
        << text;
    EXPECT_EQ(db_.Counters().failures, failures) << "once a pass";
  }
  EXPECT_NE(db_.Plan().files.at(0).why.find("to be tried again"),
            std::string::npos);
  disk_->free_bytes = uint64_t{1} << 40;
  EXPECT_EQ(db_.Age().rewrites, 1u);
  EXPECT_TRUE(db_.Plan().jobs.empty());
}

TEST_F(AgeingOnASmallDisk, AgeNowCountsWhatElseItCouldNotDo) {
  db_.WriteDay("b", kJanuary + 1);
  db_.Flush();
  db_.WriteDay("c", kJanuary + 2);
  db_.Flush();
  disk_->free_bytes = 0;
  const rocksdb::Status status = AgeNow(db_.db());
  EXPECT_TRUE(status.IsNoSpace());
  EXPECT_NE(status.ToString().find("; 2 more could not be done"),
            std::string::npos)
      << status.ToString();
  EXPECT_EQ(db_.Counters().failures, 3u);
}

// Not every clock knows the time that passes: rocksdb::SystemClock's own
// NowNanos is the time of day.
TEST(AgeingFailure, AClockThatGoesBackIsNotWaitedForEither) {
  const auto disk = std::make_shared<SmallDisk>();
  const auto env = rocksdb::NewCompositeEnv(disk);
  const auto clock = std::make_shared<DayClock>((kFebruary + 60) * kAgeingDay);
  AgeingDb db(kTier, kFebruary + 60, "ageing_interval=0",
              [&](rocksdb::Options* options) {
                options->env = env.get();
                SetClock(*options, clock);
              });
  db.WriteDay("a", kJanuary);
  db.Flush();
  disk->free_bytes = 0;
  clock->SetMs((kFebruary + 400) * kAgeingDay);
  size_t jobs = 0;
  EXPECT_TRUE(WorkerOf(&db)->Pass(/*paced=*/true, &jobs).IsNoSpace());
  disk->free_bytes = uint64_t{1} << 40;
  clock->SetMs((kFebruary + 60) * kAgeingDay);
  EXPECT_TRUE(WorkerOf(&db)->Pass(/*paced=*/true, &jobs).ok());
  EXPECT_EQ(jobs, 1u);
}

TEST_F(AgeingOnASmallDisk, ADiskThatFillsUpMeanwhileStopsNoWrite) {
  disk_->full = true;
  EXPECT_FALSE(AgeNow(db_.db()).ok());
  EXPECT_EQ(db_.Counters().failures, 1u);
  db_.WriteDay("a", kFebruary + 59);
  disk_->full = false;
  ASSERT_EQ(db_.db()->Resume().ToString(), "OK");
  db_.Flush();
  EXPECT_EQ(db_.Age().rewrites, 1u);
  EXPECT_EQ(db_.Read("a").size(), 288u + 1440);
}

// A file that a compaction of RocksDB's takes away between plan and job was a
// failure, counted and put off: "Aborted: it has gone".
TEST_F(AgeingOnASmallDisk, AFileThatGoesBeforeItsRewriteIsPlannedAnew) {
  const auto seen = db_.Read("a");
  disk_->meanwhile = [&] { db_.CompactAll(); };
  EXPECT_EQ(AgeNow(db_.db()).ToString(), "OK");
  EXPECT_TRUE(disk_->meanwhile == nullptr);
  EXPECT_EQ(db_.Counters().failures, 0u);
  EXPECT_TRUE(db_.Plan().jobs.empty());
  EXPECT_EQ(db_.Read("a"), seen);
  db_.Close();
  EXPECT_EQ(CountIn(db_.Log(), " not touched, planned anew: /"), 1u)
      << db_.Log();
  EXPECT_EQ(CountIn(db_.Log(), "to be tried again"), 0u);
}

TEST_F(AgeingOnASmallDisk, AFileThatGoesBeforeItsDropIsPlannedAnew) {
  ASSERT_TRUE(SetPolicy(db_.db(), db_.cf(), "retention_period=40d").ok());
  ASSERT_EQ(db_.Plan().jobs.at(0).action, AgeingAction::kDrop);
  disk_->meanwhile = [&] { db_.CompactAll(); };
  EXPECT_EQ(AgeNow(db_.db()).ToString(), "OK");
  EXPECT_TRUE(disk_->meanwhile == nullptr);
  EXPECT_EQ(db_.Counters().failures, 0u);
  EXPECT_EQ(db_.Counters().drops, 0u);
  EXPECT_TRUE(db_.Files().empty());
}

// A file that could not be opened was left alone without a word.
TEST_F(AgeingOnASmallDisk, AgeNowSaysWhichFileItCannotRead) {
  const std::string name = db_.Files().at(0).name;
  const std::string hidden = db_.path() + "-hidden";
  std::filesystem::rename(db_.path() + name, hidden);
  const rocksdb::Status status = AgeNow(db_.db());
  EXPECT_TRUE(status.IsIOError()) << status.ToString();
  EXPECT_NE(status.ToString().find(name + " is not aged"), std::string::npos)
      << status.ToString();
  std::filesystem::rename(hidden, db_.path() + name);
  EXPECT_EQ(db_.Age().rewrites, 1u);
}

TEST(AgeingFailure, GivesWayWhileWritesStall) {
  AgeingDb db(kTier, kFebruary + 60, "ageing_interval=0",
              [](rocksdb::Options* options) {
                options->disable_auto_compactions = false;
                options->level0_file_num_compaction_trigger = 3;
                options->level0_slowdown_writes_trigger = 3;
              });
  db.WriteDay("a", kJanuary);
  db.Flush();
  db.CompactAll();
  db.SetDay(kFebruary + 61);
  db.WriteDay("b", kJanuary);
  db.Flush();
  std::vector<std::string> names;
  for (const auto& file : db.Files()) {
    if (file.level == 0) names.push_back(file.name);
  }
  db.clock()->SetMs(kJanuary * kAgeingDay);  // nothing is due then
  ASSERT_TRUE(db.db()->CompactFiles({}, names, 1).ok());
  db.SetDay(kFebruary + 61);
  ASSERT_FALSE(db.Plan().jobs.empty());
  ASSERT_TRUE(db.db()->PauseBackgroundWork().ok());
  const auto worker = WorkerOf(&db);
  // Flushes need the background: as many files as slow writes down.
  ASSERT_TRUE(db.db()->ContinueBackgroundWork().ok());
  ASSERT_TRUE(db.db()->SetOptions({{"disable_auto_compactions", "true"}}).ok());
  for (int i = 0; i < 4; ++i) {
    db.WriteDay("a", kFebruary + 60, i);
    db.Flush();
  }
  ASSERT_TRUE(db.db()->PauseBackgroundWork().ok());
  ASSERT_TRUE(
      db.db()->SetOptions({{"disable_auto_compactions", "false"}}).ok());
  size_t jobs = 0;
  EXPECT_TRUE(worker->Pass(/*paced=*/true, &jobs).ok());
  EXPECT_EQ(jobs, 0u);
  EXPECT_EQ(db.Counters().yields, 1u);
  EXPECT_EQ(db.Counters().rewrites, 0u);
  // Whoever asks for it now gets it.
  EXPECT_EQ(db.Age().rewrites, 1u);
  ASSERT_TRUE(db.db()->ContinueBackgroundWork().ok());
}

TEST(AgeingFailure, PausesForItsRateAndStopsAtOnce) {
  // Two jobs of a file each; after the first it would wait for the longest
  // time that there is.
  AgeingDb db(kTier, kFebruary + 60,
              "ageing_interval=0;ageing_rate=1;ageing_max_compaction_bytes=1");
  for (int64_t day = kJanuary; day < kJanuary + 2; ++day) {
    db.WriteDay("a", day);
    db.Flush();
  }
  ASSERT_EQ(db.Plan().jobs.size(), 2u);
  const auto worker = WorkerOf(&db);
  std::thread pass([&] {
    size_t jobs = 0;
    EXPECT_TRUE(worker->Pass(/*paced=*/true, &jobs).ok());
    EXPECT_EQ(jobs, 1u);
  });
  while (worker->status().counters.paused_ms == 0) std::this_thread::yield();
  db.Close();
  pass.join();
  EXPECT_EQ(worker->status().counters.paused_ms, 1000u * 1000);
  EXPECT_EQ(worker->status().counters.rewrites, 1u);
}

TEST(AgeingFailure, TheRateIsBytesOfJobsASecond) {
  AgeingDb db(kTier, kFebruary + 60, "ageing_interval=0;ageing_rate=100000");
  db.WriteDay("a", kJanuary);
  db.Flush();
  const uint64_t bytes = db.Plan().jobs.at(0).bytes;
  size_t jobs = 0;
  const auto before = std::chrono::steady_clock::now();
  EXPECT_TRUE(WorkerOf(&db)->Pass(/*paced=*/true, &jobs).ok());
  const auto took = std::chrono::steady_clock::now() - before;
  EXPECT_EQ(jobs, 1u);
  EXPECT_EQ(db.Counters().paused_ms, bytes / 100);
  EXPECT_GE(took, std::chrono::milliseconds(bytes / 100));
}

TEST(AgeingFailure, FifoColumnFamiliesAreLeftAloneAndTheLogSaysSo) {
  AgeingDb db("downsampling_period=30d:5m;retention_period=60d;safety_lag=0",
              kFebruary + 70, "ageing_interval=0",
              [](rocksdb::Options* options) {
                options->compaction_style = rocksdb::kCompactionStyleFIFO;
                options->num_levels = 1;
                options->max_open_files = -1;
              });
  db.WriteDay("a", kJanuary);
  db.WriteDay("a", kFebruary + 25);
  db.Flush();
  const AgeingCounters counters = db.Age();
  EXPECT_EQ(counters.rewrites + counters.drops + counters.failures, 0u);
  const AgeingPlan plan = db.Plan();
  EXPECT_TRUE(plan.jobs.empty());
  EXPECT_NE(plan.files.at(0).why.find("FIFO"), std::string::npos);
  EXPECT_EQ(db.Read("a").size(), 288u);
  db.Close();
  EXPECT_NE(db.Log().find("drops whole files by its own rules"),
            std::string::npos);
}

TEST(AgeingFailure, RowsInBlobFilesAreLeftAloneAndTheLogSaysSo) {
  AgeingDb db("downsampling_period=30d:5m;retention_period=60d;safety_lag=0",
              kFebruary, "ageing_interval=0", [](rocksdb::Options* options) {
                options->enable_blob_files = true;
                options->min_blob_size = 0;
              });
  db.WriteDay("a", kJanuary);
  db.WriteDay("b", kJanuary);
  db.Flush();
  db.CompactAll();
  db.SetDay(kFebruary + 100);
  const AgeingCounters counters = db.Age();
  EXPECT_EQ(counters.rewrites + counters.drops + counters.failures, 0u);
  std::string warnings;
  for (const std::string& text : db.Plan().warnings) warnings += text + "\n";
  EXPECT_NE(warnings.find("enable_blob_files is set"), std::string::npos)
      << warnings;
  EXPECT_TRUE(db.Read("a").empty());
  db.Close();
  EXPECT_NE(db.Log().find("enable_blob_files is set"), std::string::npos);
}

}  // namespace
}  // namespace varve
