// A file that is dropped by the scheduler, against compactions that come while
// the manifest is written and RocksDB's mutex is let go of. A mark on the file
// was not enough: RocksDB with assertions ended the process, and without them
// a compaction took the file all the same, which stops the database.
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "rocksdb/listener.h"
#include "tests/plugin/ageing/ageing_race.h"

namespace varve {
namespace {

#ifdef NDEBUG

TEST(DropRace, WantsSyncPoints) {
  GTEST_SKIP() << "this RocksDB is built without sync points";
}

#else

class DropRace : public AgeingRace {
 protected:
  // The scheduler drops one file; `act` is done by its thread while the
  // manifest is written.
  static void DropBeside(AgeingDb* db, std::function<void()> act) {
    const AgeingPlan plan = db->Plan();
    ASSERT_EQ(plan.jobs.size(), 1u);
    ASSERT_EQ(plan.jobs[0].action, AgeingAction::kDrop);
    OnceHere("VersionSet::LogAndApply:WriteManifest", std::move(act));
    EXPECT_EQ(db->Age().drops, 1u);
  }

  static void ExpectWorks(AgeingDb* db,
                          const std::map<int64_t, double>& expected) {
    EXPECT_EQ(db->Read("a"), expected);
    db->WriteDay("b", kFebruary + 60);
    db->Flush();
    db->CompactAll();
    EXPECT_EQ(db->Read("a"), expected);
  }

  // A database of which a file has expired, of either style, before the test
  // and after it.
  void ForBothStyles(const std::function<void(AgeingDb*)>& test) {
    for (const auto style :
         {rocksdb::kCompactionStyleLevel, rocksdb::kCompactionStyleUniversal}) {
      SCOPED_TRACE(style);
      AgeingDb db(kRetention, kFebruary + 3, "ageing_interval=0",
                  [style](rocksdb::Options* options) {
                    options->compaction_style = style;
                  });
      Fill(&db);
      db.SetDay(kFebruary + 61);
      const auto seen = db.Read("a");
      test(&db);
      ExpectWorks(&db, seen);
    }
  }

  static rocksdb::Status CompactAll(AgeingDb* db, bool exclusive) {
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = exclusive;
    options.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForce;
    return db->db()->CompactRange(options, nullptr, nullptr);
  }

  // A compaction of everything is at this sync point while the manifest is
  // written.
  void CompactBesideADrop(AgeingDb* db, bool exclusive, const char* place) {
    Event there;
    Once(place, [&] { there.Set(); });
    std::thread compaction;
    DropBeside(db, [&] {
      compaction = std::thread(
          [&] { EXPECT_EQ(CompactAll(db, exclusive).ToString(), "OK"); });
      there.Wait();
      // Where it holds the mutex, it does until it waits.
      db->Files();
    });
    ASSERT_TRUE(compaction.joinable());
    compaction.join();
  }
};

// "Assertion `!exclusive || !manual_conflict' failed" of RunManualCompaction.
TEST_F(DropRace, AnExclusiveCompaction) {
  ForBothStyles([&](AgeingDb* db) {
    CompactBesideADrop(db, /*exclusive=*/true,
                       "DBImpl::RunManualCompaction:WaitScheduled");
  });
}

// Nobody woke it, unless a file was to be deleted: here an iterator keeps it.
TEST_F(DropRace, ACompactionThatWaitsForTheFile) {
  ForBothStyles([&](AgeingDb* db) {
    const std::unique_ptr<rocksdb::Iterator> iterator(
        db->db()->NewIterator({}));
    CompactBesideADrop(db, /*exclusive=*/false,
                       "DBImpl::RunManualCompaction:NotScheduled");
  });
}

class CompactionEnds : public rocksdb::EventListener {
 public:
  void OnCompactionCompleted(rocksdb::DB*,
                             const rocksdb::CompactionJobInfo&) override {
    event.Set();
  }
  Event event;
};

// Where level 0 is compacted, RocksDB takes all files there that overlap and
// looks at no marks: "Assertion `mark_as_compacted ?
// !inputs_[i][j]->being_compacted ...' failed".
TEST_F(DropRace, ACompactionOfLevel0) {
  const auto ends = std::make_shared<CompactionEnds>();
  AgeingDb db(std::string(kRetention) + ";partition=none", kFebruary + 3,
              "ageing_interval=0", [&](rocksdb::Options* options) {
                options->compaction_style = rocksdb::kCompactionStyleLevel;
                // Twice as many files call for compactions beside others.
                options->level0_file_num_compaction_trigger = 2;
                options->max_background_jobs = 8;
                options->listeners.push_back(ends);
              });
  db.WriteDay("b", kJanuary + 3);  // expires
  db.Flush();
  for (int file = 0; file < 3; ++file) {
    db.WriteDay("a", kFebruary + 3, file);
    db.WriteDay("c", kFebruary + 3, file);
    db.Flush();
  }
  ASSERT_EQ(db.Files().size(), 4u);
  db.SetDay(kFebruary + 61);
  const auto seen = db.Read("a");
  ASSERT_FALSE(seen.empty());
  ASSERT_TRUE(db.db()->PauseBackgroundWork().ok());
  ASSERT_TRUE(db.db()->EnableAutoCompaction({db.cf()}).ok());
  Event picked;
  Once("DBImpl::BackgroundCompaction():AfterPickCompaction",
       [&] { picked.Set(); });
  DropBeside(&db, [&] {
    ASSERT_TRUE(db.db()->ContinueBackgroundWork().ok());
    picked.Wait();
  });
  // What was not picked then is picked afterwards.
  if (!HasFatalFailure()) ends->event.Wait();
  ExpectWorks(&db, seen);
}

#endif

}  // namespace
}  // namespace varve
