// Ageing against everything else that happens to a database, each meeting
// brought about at the moment that matters by RocksDB's own sync points (which
// a release build of it has not: skipped there).
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "plugin/tier_scheduler.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/utilities/checkpoint.h"
#include "test_util/sync_point.h"
#include "tests/plugin/ageing_db.h"

namespace varve {
namespace {

// Days of 2024: January from 19723, February 19754.
constexpr int64_t kJanuary = 19723;
constexpr int64_t kFebruary = 19754;
constexpr char kTier[] = "downsampling_period=30d:5m;safety_lag=0";
constexpr char kRetention[] = "retention_period=60d;safety_lag=0";

// Something that happens once.
class Event {
 public:
  void Set() {
    std::lock_guard<std::mutex> lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return set_; });
  }
  bool IsSet() {
    std::lock_guard<std::mutex> lock(mutex_);
    return set_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

#ifdef NDEBUG

TEST(AgeingRace, WantsSyncPoints) {
  GTEST_SKIP() << "this RocksDB is built without sync points";
}

#else

constexpr char kBeforeJob[] = "TestCompactFiles::IngestExternalFile2";
constexpr char kInJob[] = "CompactFilesImpl:1";

class AgeingRace : public testing::Test {
 protected:
  ~AgeingRace() override {
    SyncPoint()->DisableProcessing();
    SyncPoint()->ClearAllCallBacks();
  }

  static rocksdb::SyncPoint* SyncPoint() {
    return rocksdb::SyncPoint::GetInstance();
  }

  // `act` runs once: the first time that `thread` comes to the point, or any
  // thread if none is given.
  static void Once(const char* point, std::function<void()> act,
                   std::thread::id thread = std::thread::id()) {
    auto done = std::make_shared<std::atomic<bool>>(false);
    SyncPoint()->SetCallBack(point, [=](void*) {
      if (thread != std::thread::id() && thread != std::this_thread::get_id()) {
        return;
      }
      if (!done->exchange(true)) act();
    });
    SyncPoint()->EnableProcessing();
  }
  static void OnceHere(const char* point, std::function<void()> act) {
    Once(point, std::move(act), std::this_thread::get_id());
  }

  // January and the first days of February.
  static void Fill(AgeingDb* db) {
    for (int64_t day = kJanuary; day < kFebruary + 3; ++day) {
      db->WriteDay("a", day);
    }
    db->Flush();
    db->CompactAll();
    ASSERT_EQ(db->Files().size(), 2u);
  }

  static void ExpectAged(AgeingDb* db,
                         const std::map<int64_t, double>& expected) {
    EXPECT_EQ(db->Read("a"), expected);
    db->SetDay(kFebruary + 41);  // past every retry
    // At level 0 RocksDB's turn may come first.
    db->CompactAll();
    EXPECT_EQ(AgeNow(db->db()).ToString(), "OK");
    EXPECT_TRUE(db->Plan().jobs.empty());
  }
};

TEST_F(AgeingRace, AFlushOfTheRowsThatAreRewritten) {
  AgeingDb db(kTier, kFebruary + 3);
  Fill(&db);
  db.SetDay(kFebruary + 40);
  std::map<int64_t, double> seen;
  OnceHere(kInJob, [&] {
    db.WriteDay("a", kJanuary + 3, 7);
    db.Flush();
    seen = db.Read("a");
  });
  EXPECT_GE(db.Age().rewrites, 1u);
  ExpectAged(&db, seen);
}

TEST_F(AgeingRace, ACompactionTakesTheFilesBetweenPlanAndJob) {
  AgeingDb db(kTier, kFebruary + 3);
  Fill(&db);
  db.SetDay(kFebruary + 40);
  const auto seen = db.Read("a");
  OnceHere(kBeforeJob, [&] { db.CompactAll(); });
  EXPECT_FALSE(AgeNow(db.db()).ok());
  EXPECT_EQ(db.Counters().failures, 1u);
  ExpectAged(&db, seen);
}

TEST_F(AgeingRace, ACompactionHoldsTheFiles) {
  AgeingDb db(kTier, kFebruary + 3);
  Fill(&db);
  db.SetDay(kFebruary + 40);
  const auto seen = db.Read("a");
  const AgeingPlan plan = db.Plan();
  ASSERT_FALSE(plan.jobs.empty());
  Event inside, leave;
  std::thread compaction;
  // Between plan and job: the job finds its files taken.
  OnceHere(kBeforeJob, [&] {
    compaction = std::thread([&] {
      Once(
          kInJob,
          [&] {
            inside.Set();
            leave.Wait();
          },
          std::this_thread::get_id());
      EXPECT_TRUE(db.db()
                      ->CompactFiles({}, plan.jobs[0].files, plan.jobs[0].level)
                      .ok());
    });
    inside.Wait();
  });
  EXPECT_TRUE(AgeNow(db.db()).IsAborted());
  EXPECT_EQ(db.Counters().failures, 1u);
  // Before the plan: it waits for them.
  db.SetDay(kFebruary + 41);
  EXPECT_NE(db.Plan().files.at(0).why.find("RocksDB is compacting it"),
            std::string::npos);
  EXPECT_TRUE(AgeNow(db.db()).ok());
  EXPECT_EQ(db.Counters().rewrites, 0u);
  leave.Set();
  compaction.join();
  ExpectAged(&db, seen);
}

TEST_F(AgeingRace, AClosingDatabaseEndsTheRewriteOfAnotherThread) {
  AgeingDb db(kTier, kFebruary + 3);
  Fill(&db);
  db.SetDay(kFebruary + 40);
  const auto seen = db.Read("a");
  Event rewriting, closing;
  std::thread age([&] {
    Once(
        kInJob,
        [&] {
          rewriting.Set();
          closing.Wait();
        },
        std::this_thread::get_id());
    EXPECT_TRUE(AgeNow(db.db()).ok());
  });
  rewriting.Wait();
  Once("DBImpl::~DBImpl:WaitJob", [&] { closing.Set(); });
  db.Close();
  age.join();
  db.Open();
  EXPECT_EQ(db.Counters().rewrites, 0u);
  EXPECT_GE(db.Age().rewrites, 1u);
  ExpectAged(&db, seen);
}

class AgeingDropAtClose : public AgeingRace,
                          public testing::WithParamInterface<bool> {};

// The worst moment: RocksDB has waited for its work and emptied its queues,
// and has not yet told its listeners.
TEST_P(AgeingDropAtClose, IsWaitedForAndLeavesNothingBehind) {
  const bool by_range = GetParam();
  AgeingDb db(kRetention, kFebruary + 3);
  db.WriteDay("a", kJanuary);
  db.Flush();
  std::vector<std::string> names = {db.Files().at(0).name};
  ASSERT_TRUE(db.db()->CompactFiles({}, names, by_range ? 1 : 2).ok());
  if (by_range) {  // a file below it
    db.WriteDay("b", kFebruary + 2);
    db.Flush();
    for (const auto& file : db.Files()) {
      if (file.level == 0) names = {file.name};
    }
    ASSERT_TRUE(db.db()->CompactFiles({}, names, 2).ok());
  }
  for (int i = 0; i < 4; ++i) {
    db.WriteDay("a", kFebruary + 2, i);
    db.Flush();
  }
  db.SetDay(kFebruary + 50);
  const auto seen = db.Read("a");
  ASSERT_EQ(db.Plan().jobs.at(0).action, AgeingAction::kDrop);
  ASSERT_TRUE(db.db()->PauseBackgroundWork().ok());
  ASSERT_TRUE(db.db()
                  ->SetOptions({{"disable_auto_compactions", "false"},
                                {"level0_file_num_compaction_trigger", "2"}})
                  .ok());
  Event planning, closing, started;
  std::atomic<bool> armed{true};
  std::thread::id ageing_thread;
  db.clock()->OnLook([&] {
    if (std::this_thread::get_id() != ageing_thread) return;
    if (!armed.exchange(false)) return;
    planning.Set();
    closing.Wait();
  });
  auto* const scheduler = static_cast<TierScheduler*>(
      db.db()->GetDBOptions().listeners.at(0).get());
  const auto worker = scheduler->Attach(db.db());
  std::thread age([&] {
    started.Wait();
    size_t jobs = 0;
    EXPECT_TRUE(worker->Pass(/*paced=*/false, &jobs).ok());
    EXPECT_EQ(jobs, 1u);
  });
  ageing_thread = age.get_id();
  started.Set();
  planning.Wait();
  // Under RocksDB's mutex, which the drop will want.
  Once("DBImpl::CloseHelper:PendingPurgeFinished", [&] { closing.Set(); });
  db.Close();
  age.join();
  EXPECT_EQ(worker->status().counters.drops, 1u);
  size_t jobs = 0;
  EXPECT_TRUE(worker->Pass(/*paced=*/false, &jobs).IsShutdownInProgress());
  db.Open();
  EXPECT_EQ(db.Read("a"), seen);
}

INSTANTIATE_TEST_SUITE_P(ByNameAndByRange, AgeingDropAtClose, testing::Bool());

TEST_F(AgeingRace, NoWorkerIsMadeForAClosingDatabase) {
  AgeingDb db(kTier, kFebruary + 3);
  db.Close();
  const rocksdb::Options options = db.MakeOptions();
  auto* const scheduler =
      static_cast<TierScheduler*>(options.listeners.at(0).get());
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, db.path(), &raw).ok());
  bool asked = false;
  Once("DBImpl::CloseHelper:PendingPurgeFinished", [&] {
    asked = true;
    EXPECT_EQ(scheduler->Attach(raw), nullptr);
  });
  delete raw;
  EXPECT_TRUE(asked);
}

// A column family of its own, and a month in it.
class SecondFamily {
 public:
  SecondFamily(AgeingDb* db, const std::string& policy) : db_(db) {
    rocksdb::ColumnFamilyOptions options(db->MakeOptions());
    Options ours;
    EXPECT_TRUE(Policy::Parse(policy, &ours.policy).ok());
    ours.clock = db->clock();
    EXPECT_TRUE(ConfigureColumnFamily(ours, &options).ok());
    EXPECT_TRUE(db->db()->CreateColumnFamily(options, "second", &cf_).ok());
    std::unique_ptr<SampleWriter> writer;
    EXPECT_TRUE(SampleWriter::Open(db->db(), cf_, &writer).ok());
    for (int64_t day = kJanuary; day < kFebruary; ++day) {
      rocksdb::WriteBatch batch;
      for (int64_t t = 0; t < kAgeingDay; t += 60000) {
        EXPECT_TRUE(writer->Add("a", day * kAgeingDay + t, 1, &batch).ok());
      }
      EXPECT_TRUE(db->db()->Write({}, &batch).ok());
    }
    EXPECT_TRUE(db->db()->Flush({}, cf_).ok());
  }
  void Drop() {
    EXPECT_TRUE(db_->db()->DropColumnFamily(cf_).ok());
    EXPECT_TRUE(db_->db()->DestroyColumnFamilyHandle(cf_).ok());
  }

 private:
  AgeingDb* const db_;
  rocksdb::ColumnFamilyHandle* cf_ = nullptr;
};

TEST_F(AgeingRace, AColumnFamilyIsDroppedWhileItsFilesAreRewritten) {
  for (const char* const point : {kBeforeJob, kInJob}) {
    SCOPED_TRACE(point);
    AgeingDb db("", kFebruary + 3);
    SecondFamily second(&db, kTier);
    db.SetDay(kFebruary + 40);
    bool met = false;
    OnceHere(point, [&] {
      met = true;
      second.Drop();
    });
    const AgeingCounters counters = db.Age();
    EXPECT_TRUE(met);
    EXPECT_EQ(counters.rewrites, 0u);
    EXPECT_EQ(counters.failures, 0u);
    db.WriteDay("a", kFebruary + 39);
    db.Flush();
    EXPECT_TRUE(AgeNow(db.db()).ok());
  }
}

// The last who holds it is the pass.
TEST_F(AgeingRace, AColumnFamilyIsDroppedBetweenPlanAndDrop) {
  for (const bool unblocking : {false, true}) {
    AgeingDb db("", kFebruary + 3, "ageing_interval=0",
                [&](rocksdb::Options* options) {
                  options->avoid_unnecessary_blocking_io = unblocking;
                });
    SecondFamily second(&db, kRetention);
    db.SetDay(kFebruary + 70);
    bool met = false;
    const auto here = std::this_thread::get_id();
    db.clock()->OnLook([&] {
      if (met || std::this_thread::get_id() != here) return;
      met = true;
      second.Drop();
    });
    const AgeingCounters counters = db.Age();
    EXPECT_TRUE(met);
    EXPECT_EQ(counters.drops, 0u);
    EXPECT_EQ(counters.failures, 0u);
  }
}

// Keeps the pool of threads that flushes and purges run in busy, and lets go
// when RocksDB is asked to wait for its purges.
class BusyPurges : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list) override {
    if (strstr(format, "File Deletions Disabled") != nullptr) go_.Set();
  }
  void Occupy() {
    rocksdb::Env::Default()->Schedule(&BusyPurges::Wait, this,
                                      rocksdb::Env::Priority::HIGH);
  }
  bool asked() { return go_.IsSet(); }
  void LetGo() {
    go_.Set();
    gone_.Wait();
  }

 private:
  static void Wait(void* self) {
    static_cast<BusyPurges*>(self)->go_.Wait();
    static_cast<BusyPurges*>(self)->gone_.Set();
  }
  Event go_, gone_;
};

TEST_F(AgeingRace, ADropOfAColumnFamilyAndACloseMeetAPass) {
  for (const bool unblocking : {false, true}) {
    const auto log = std::make_shared<BusyPurges>();
    AgeingDb db("", kFebruary + 3, "ageing_interval=0",
                [&](rocksdb::Options* options) {
                  options->avoid_unnecessary_blocking_io = unblocking;
                  options->info_log = log;
                });
    SecondFamily second(&db, kRetention);
    db.SetDay(kFebruary + 70);
    Event planning, closing, started;
    std::atomic<bool> armed{true};
    std::thread::id ageing_thread;
    db.clock()->OnLook([&] {
      if (std::this_thread::get_id() != ageing_thread) return;
      if (!armed.exchange(false)) return;
      planning.Set();
      closing.Wait();
    });
    std::thread age([&] {
      started.Wait();
      EXPECT_TRUE(AgeNow(db.db()).ok());
    });
    ageing_thread = age.get_id();
    started.Set();
    planning.Wait();
    second.Drop();
    log->Occupy();
    Once("DBImpl::CloseHelper:PendingPurgeFinished", [&] { closing.Set(); });
    db.Close();
    age.join();
    SyncPoint()->DisableProcessing();
    EXPECT_EQ(log->asked(), unblocking) << "a purge may outlive the database";
    log->LetGo();
  }
}

void IngestDay(AgeingDb* db, int64_t day, double value) {
  const std::string path = db->path() + "-ingested.sst";
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), db->MakeOptions());
  ASSERT_TRUE(writer.Open(path).ok());
  std::vector<Sample> samples;
  for (int64_t t = 0; t < kAgeingDay; t += 60000) {
    samples.push_back({day * kAgeingDay + t, value + static_cast<double>(t)});
  }
  RowShape shape;
  std::string key, operand;
  ASSERT_TRUE(EncodeRowKey(shape, "a", day * kAgeingDay, &key).ok());
  ASSERT_TRUE(
      EncodeSamples(shape, samples.data(), samples.size(), &operand).ok());
  ASSERT_TRUE(writer.Merge(key, operand).ok());
  ASSERT_TRUE(writer.Finish().ok());
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  ASSERT_EQ(db->db()->IngestExternalFile({path}, options).ToString(), "OK");
}

TEST_F(AgeingRace, AFileIsIngestedBeforeAndDuringARewrite) {
  for (const char* const point : {kBeforeJob, kInJob}) {
    SCOPED_TRACE(point);
    AgeingDb db(kTier, kFebruary + 3);
    Fill(&db);
    db.SetDay(kFebruary + 40);
    std::map<int64_t, double> seen;
    OnceHere(point, [&] {
      IngestDay(&db, kJanuary + 5, 9);
      seen = db.Read("a");
    });
    EXPECT_GE(db.Age().rewrites, 1u);
    EXPECT_EQ(seen.at((kJanuary + 5) * kAgeingDay + 4 * 60000), 9 + 4 * 60000);
    ExpectAged(&db, seen);
  }
}

TEST_F(AgeingRace, ARewriteBeginsWhileAFileIsIngested) {
  AgeingDb db(kTier, kFebruary + 3);
  Fill(&db);
  db.SetDay(kFebruary + 40);
  Event at_job, ingesting;
  std::thread age;
  OnceHere("DBImpl::IngestExternalFiles:BeforeJobsRun:0", [&] {
    age = std::thread([&] {
      Once(
          kBeforeJob,
          [&] {
            at_job.Set();
            ingesting.Wait();
          },
          std::this_thread::get_id());
      EXPECT_TRUE(AgeNow(db.db()).ok());
    });
    at_job.Wait();
  });
  OnceHere("DBImpl::IngestExternalFile:AfterIncIngestFileCounter",
           [&] { ingesting.Set(); });
  IngestDay(&db, kJanuary + 5, 9);
  age.join();
  const auto seen = db.Read("a");
  EXPECT_EQ(seen.at((kJanuary + 5) * kAgeingDay + 4 * 60000), 9 + 4 * 60000);
  ExpectAged(&db, seen);
}

// What a checkpoint holds at the database's own time.
std::map<int64_t, double> ReadCheckpoint(AgeingDb* db,
                                         const std::string& path) {
  std::map<int64_t, double> map;
  rocksdb::DB* raw = nullptr;
  EXPECT_TRUE(rocksdb::DB::Open(db->MakeOptions(), path, &raw).ok());
  std::unique_ptr<rocksdb::DB> copy(raw);
  std::unique_ptr<SampleReader> reader;
  EXPECT_TRUE(
      SampleReader::Open(raw, raw->DefaultColumnFamily(), &reader).ok());
  std::vector<Sample> samples;
  EXPECT_TRUE(reader->Read({}, "a", 0, kTimestampMax, &samples).ok());
  for (const Sample& sample : samples) map[sample.timestamp_ms] = sample.value;
  return map;
}

TEST_F(AgeingRace, ACheckpointIsTakenDuringARewrite) {
  AgeingDb db(kTier, kFebruary + 3);
  Fill(&db);
  db.SetDay(kFebruary + 40);
  const auto seen = db.Read("a");
  const TempDir dir;
  OnceHere(kInJob, [&] {
    rocksdb::Checkpoint* checkpoint = nullptr;
    ASSERT_TRUE(rocksdb::Checkpoint::Create(db.db(), &checkpoint).ok());
    std::unique_ptr<rocksdb::Checkpoint> owned(checkpoint);
    ASSERT_TRUE(checkpoint->CreateCheckpoint(dir / "copy").ok());
  });
  EXPECT_GE(db.Age().rewrites, 1u);
  SyncPoint()->DisableProcessing();
  EXPECT_EQ(ReadCheckpoint(&db, dir / "copy"), seen);
  ExpectAged(&db, seen);
}

TEST_F(AgeingRace, FilesAreRewrittenAndDroppedDuringACheckpoint) {
  AgeingDb db("downsampling_period=30d:5m;retention_period=60d;safety_lag=0",
              kFebruary + 3);
  Fill(&db);
  db.SetDay(kFebruary + 61);
  const auto seen = db.Read("a");
  const TempDir dir;
  bool met = false;
  OnceHere("CheckpointImpl::CreateCheckpoint:SavedLiveFiles1", [&] {
    met = true;
    const AgeingCounters counters = db.Age();
    EXPECT_EQ(counters.drops, 1u);
    EXPECT_EQ(counters.rewrites, 1u);
  });
  rocksdb::Checkpoint* checkpoint = nullptr;
  ASSERT_TRUE(rocksdb::Checkpoint::Create(db.db(), &checkpoint).ok());
  std::unique_ptr<rocksdb::Checkpoint> owned(checkpoint);
  ASSERT_TRUE(checkpoint->CreateCheckpoint(dir / "copy").ok());
  SyncPoint()->DisableProcessing();
  EXPECT_TRUE(met);
  EXPECT_EQ(db.Read("a"), seen);
  EXPECT_EQ(ReadCheckpoint(&db, dir / "copy"), seen);
}

#endif

}  // namespace
}  // namespace varve
