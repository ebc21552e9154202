// Ageing against the closing of a database and the dropping of its column
// families.
#include <cstring>

#include "plugin/ageing/tier_scheduler.h"
#include "tests/plugin/ageing/ageing_race.h"

namespace varve {
namespace {

#ifdef NDEBUG

TEST(AgeingRace, WantsSyncPoints) {
  GTEST_SKIP() << "this RocksDB is built without sync points";
}

#else

// A pass of ageing on a thread of its own, held at its first look at the clock.
class HeldPass {
 public:
  // Returns when it is held there. `clock` must not be looked at by others yet.
  HeldPass(MockClock* clock, std::function<void()> pass) {
    clock->OnLook([this] {
      if (std::this_thread::get_id() != thread_id_) return;
      if (!armed_.exchange(false)) return;
      planning_.Set();
      go_on_.Wait();
    });
    thread_ = std::thread([this, pass = std::move(pass)] {
      started_.Wait();
      pass();
    });
    thread_id_ = thread_.get_id();
    started_.Set();
    planning_.Wait();
  }

  void LetGo() { go_on_.Set(); }
  void Join() { thread_.join(); }

 private:
  Event started_, planning_, go_on_;
  std::atomic<bool> armed_{true};
  std::thread::id thread_id_;
  std::thread thread_;
};

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
  const bool has_files_below = GetParam();
  AgeingDb db(kRetention, kFebruary + 3);
  db.WriteDay("a", kJanuary);
  db.Flush();
  std::vector<std::string> names = {db.Files().at(0).name};
  ASSERT_TRUE(db.db()->CompactFiles({}, names, has_files_below ? 1 : 2).ok());
  if (has_files_below) {
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
  auto* const scheduler = static_cast<TierScheduler*>(
      db.db()->GetDBOptions().listeners.at(0).get());
  const auto worker = scheduler->Attach(db.db());
  HeldPass pass(db.clock().get(), [&] {
    size_t jobs = 0;
    EXPECT_TRUE(worker->Pass(/*paced=*/false, &jobs).ok());
    EXPECT_EQ(jobs, 1u);
  });
  // Under RocksDB's mutex, which the drop will want.
  Once("DBImpl::CloseHelper:PendingPurgeFinished", [&] { pass.LetGo(); });
  db.Close();
  pass.Join();
  EXPECT_EQ(worker->status().counters.drops, 1u);
  size_t jobs = 0;
  EXPECT_TRUE(worker->Pass(/*paced=*/false, &jobs).IsShutdownInProgress());
  db.Open();
  EXPECT_EQ(db.Read("a"), seen);
}

INSTANTIATE_TEST_SUITE_P(AtTheLastLevelAndAbove, AgeingDropAtClose,
                         testing::Bool());

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
    HeldPass pass(db.clock().get(), [&] { EXPECT_TRUE(AgeNow(db.db()).ok()); });
    second.Drop();
    log->Occupy();
    Once("DBImpl::CloseHelper:PendingPurgeFinished", [&] { pass.LetGo(); });
    db.Close();
    pass.Join();
    SyncPoint()->DisableProcessing();
    EXPECT_EQ(log->asked(), unblocking) << "a purge may outlive the database";
    log->LetGo();
  }
}

#endif

}  // namespace
}  // namespace varve
