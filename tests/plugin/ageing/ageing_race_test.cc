// Ageing against flushes, RocksDB's own compactions, ingestion and
// checkpoints.
#include "tests/plugin/ageing/ageing_race.h"

#include "rocksdb/sst_file_writer.h"
#include "rocksdb/utilities/checkpoint.h"

namespace varve {
namespace {

#ifdef NDEBUG

TEST(AgeingRace, WantsSyncPoints) {
  GTEST_SKIP() << "this RocksDB is built without sync points";
}

#else

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
  EXPECT_EQ(AgeNow(db.db()).ToString(), "OK");
  EXPECT_EQ(db.Counters().failures, 0u);
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
  EXPECT_EQ(AgeNow(db.db()).ToString(), "OK");
  EXPECT_EQ(db.Counters().failures, 0u);
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

// While RocksDB writes to its manifest, it lets go of its mutex: a compaction
// that then takes a file on its way out sets the background error, and the
// database is stopped (RocksDB's issue 8491, of DeleteFile).
TEST_F(AgeingRace, ACompactionWantsAFileThatIsBeingDropped) {
  for (const bool universal : {true, false}) {
    SCOPED_TRACE(universal);
    AgeingDb db(kRetention, kFebruary + 3, "ageing_interval=0",
                [universal](rocksdb::Options* options) {
                  options->compaction_style =
                      universal ? rocksdb::kCompactionStyleUniversal
                                : rocksdb::kCompactionStyleLevel;
                });
    Fill(&db);
    db.WriteDay("a", kFebruary + 3);
    db.Flush();
    db.SetDay(kFebruary + 61);
    const auto seen = db.Read("a");
    const AgeingPlan plan = db.Plan();
    ASSERT_EQ(plan.jobs.size(), 1u);
    ASSERT_EQ(plan.jobs[0].action, AgeingAction::kDrop);
    Event taken_or_refused;
    std::thread compaction;
    OnceHere("VersionSet::LogAndApply:WriteManifest", [&] {
      compaction = std::thread([&] {
        Once(
            kInJob, [&] { taken_or_refused.Set(); },
            std::this_thread::get_id());
        const rocksdb::Status status =
            db.db()->CompactFiles({}, plan.jobs[0].files, plan.jobs[0].level);
        EXPECT_FALSE(status.ok());
        EXPECT_FALSE(status.IsCorruption()) << status.ToString();
        taken_or_refused.Set();
      });
      taken_or_refused.Wait();
    });
    EXPECT_EQ(db.Age().drops, 1u);
    ASSERT_TRUE(compaction.joinable());
    compaction.join();
    EXPECT_EQ(db.Read("a"), seen);
    db.WriteDay("a", kFebruary + 60);
    db.Flush();
    db.CompactAll();
  }
}

#endif

}  // namespace
}  // namespace varve
