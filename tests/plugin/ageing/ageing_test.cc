// Data meets its tier and its end, once, and nobody sees it happen.
#include <sys/stat.h>

#include <fstream>

#include "tests/plugin/ageing/ageing_db.h"

namespace varve {
namespace {

// Days of 2024: January from 19723, February 19754, March 19783.
constexpr int64_t kJanuary = 19723;
constexpr int64_t kFebruary = 19754;

TEST(Ageing, AMonthIsRewrittenOnceWhenItsLastDayIsDue) {
  AgeingDb db("downsampling_period=30d:5m;safety_lag=0", kFebruary);
  for (int64_t day = kJanuary; day < kFebruary; ++day) db.WriteDay("a", day);
  db.Flush();
  db.CompactAll();
  EXPECT_EQ(db.Age().rewrites, 0u);  // the compaction did the first day
  db.SetDay(kFebruary + 29);
  EXPECT_EQ(db.Age().rewrites, 0u);
  EXPECT_EQ(db.Plan().next_ms, (kFebruary + 30) * kAgeingDay);
  db.SetDay(kFebruary + 30);
  const auto seen = db.Read("a");
  EXPECT_EQ(seen.size(), 31u * 288);
  EXPECT_EQ(db.Plan().tiers.at(0).due_samples, 30u * 1440);
  EXPECT_EQ(db.Age().rewrites, 1u);
  EXPECT_EQ(db.Read("a"), seen);
  EXPECT_EQ(db.Plan().tiers.at(0).done_samples, 31u * 288);
  for (int64_t day = 30; day < 400; ++day) {
    db.SetDay(kFebruary + day);
    ASSERT_EQ(db.Age().rewrites, 1u) << day;
  }
  db.Close();
  db.Open();
  EXPECT_EQ(db.Age().rewrites, 0u);
}

TEST(Ageing, FlushedLateDataIsAgedWhereItLies) {
  AgeingDb db("downsampling_period=30d:5m;safety_lag=0", kFebruary + 60);
  for (int64_t day = kJanuary; day < kFebruary; ++day) db.WriteDay("a", day);
  db.Flush();
  EXPECT_EQ(db.Age().rewrites, 1u);
  EXPECT_EQ(db.Files().at(0).level, 0);
  db.WriteDay("a", kJanuary + 3, 7);
  db.Flush();
  const auto seen = db.Read("a");
  EXPECT_EQ(db.Age().rewrites, 2u);
  EXPECT_EQ(db.Age().rewrites, 2u);
  EXPECT_EQ(db.Read("a"), seen);
}

TEST(Ageing, ExpiredMonthsGoWithoutAReadUnderLiveReaders) {
  AgeingDb db("retention_period=60d;safety_lag=0", kFebruary + 20);
  for (int64_t day = kJanuary; day < kFebruary + 20; ++day) {
    db.WriteDay("a", day);
    db.WriteDay("b", day);
  }
  db.Flush();
  db.CompactAll();
  ASSERT_EQ(db.Files().size(), 2u);
  const std::string first = db.path() + db.Files().at(0).name;
  db.SetDay(kFebruary + 60);
  std::unique_ptr<rocksdb::Iterator> live(db.db()->NewIterator({}));
  live->SeekToFirst();
  const rocksdb::Snapshot* const snapshot = db.db()->GetSnapshot();
  const auto seen = db.Read("a");
  EXPECT_EQ(db.Plan().jobs.at(0).action, AgeingAction::kDrop);
  const AgeingCounters counters = db.Age();
  EXPECT_EQ(counters.drops, 1u);
  EXPECT_EQ(counters.dropped_samples, 2u * 31 * 1440);
  EXPECT_EQ(counters.rewrites, 0u);
  EXPECT_EQ(counters.verified_bytes, 0u);
  EXPECT_EQ(db.Files().size(), 1u);
  EXPECT_EQ(db.Read("a"), seen);
  size_t rows = 0;
  for (; live->Valid(); live->Next()) ++rows;
  EXPECT_EQ(rows, 2u * 51);
  struct stat there;
  EXPECT_EQ(stat(first.c_str(), &there), 0);
  live.reset();
  EXPECT_NE(stat(first.c_str(), &there), 0) << "its space is not back";
  db.db()->ReleaseSnapshot(snapshot);
}

TEST(Ageing, FilesAboveTheLastLevelAreDropped) {
  AgeingDb db("retention_period=60d;safety_lag=0", kFebruary + 2);
  for (int64_t day = kJanuary; day < kFebruary; ++day) db.WriteDay("a", day);
  db.Flush();
  std::vector<std::string> names = {db.Files().at(0).name};
  ASSERT_TRUE(db.db()->CompactFiles({}, names, 1).ok());
  db.WriteDay("a", kFebruary + 1);
  db.Flush();
  for (const auto& file : db.Files()) {
    if (file.level == 0) names = {file.name};
  }
  ASSERT_TRUE(db.db()->CompactFiles({}, names, 2).ok());
  ASSERT_EQ(db.Files().size(), 2u);
  db.SetDay(kFebruary + 60);
  EXPECT_EQ(db.Age().drops, 1u);
  EXPECT_EQ(db.Files().size(), 1u);
}

TEST(Ageing, ForeignRowsKeepTheirFile) {
  AgeingDb db("retention_period=60d;safety_lag=0", kFebruary);
  for (int64_t day = kJanuary; day < kFebruary; ++day) db.WriteDay("a", day);
  std::string key;
  RowShape shape;
  ASSERT_TRUE(EncodeRowKey(shape, "a", kJanuary * kAgeingDay, &key).ok());
  ASSERT_TRUE(db.db()->Put({}, key + "x", "mine").ok());
  db.Flush();
  db.CompactAll();
  db.SetDay(kFebruary + 60);
  AgeingCounters counters = db.Age();
  EXPECT_EQ(counters.drops, 0u);
  EXPECT_EQ(counters.rewrites, 1u);
  EXPECT_EQ(db.Age().rewrites, 1u);
  std::string value;
  ASSERT_TRUE(db.db()->Get({}, key + "x", &value).ok());
  EXPECT_EQ(value, "mine");
  EXPECT_TRUE(db.Read("a").empty());
}

// RocksDB shows the filter no version of a key but the newest: one that a
// snapshot keeps below a deletion stays.
TEST(Ageing, ExpiredRowsThatASnapshotKeepsAreNotTriedForEver) {
  AgeingDb db("retention_period=60d;safety_lag=0", kFebruary);
  ASSERT_TRUE(db.db()->Put({}, "first", "mine").ok());
  db.WriteDay("a", kJanuary);
  db.Flush();
  db.CompactAll();
  const rocksdb::Snapshot* const snapshot = db.db()->GetSnapshot();
  std::string key;
  ASSERT_TRUE(EncodeRowKey(RowShape(), "a", kJanuary * kAgeingDay, &key).ok());
  ASSERT_TRUE(db.db()->Delete({}, key).ok());
  db.Flush();
  db.CompactAll();
  db.SetDay(kFebruary + 100);
  EXPECT_EQ(db.Age().rewrites, 1u);
  EXPECT_EQ(db.Age().rewrites, 1u);
  EXPECT_TRUE(db.Plan().jobs.empty());
  db.db()->ReleaseSnapshot(snapshot);
}

TEST(Ageing, SnapshotsHoldMergesBackUntilTheyGo) {
  AgeingDb db("downsampling_period=30d:5m;safety_lag=0", kFebruary + 60);
  db.WriteDay("a", kJanuary);
  db.Flush();
  const rocksdb::Snapshot* const snapshot = db.db()->GetSnapshot();
  EXPECT_EQ(db.Age().rewrites, 0u);
  EXPECT_NE(db.Plan().files.at(0).why.find("snapshots"), std::string::npos);
  db.db()->ReleaseSnapshot(snapshot);
  EXPECT_EQ(db.Age().rewrites, 1u);
  EXPECT_TRUE(db.Plan().jobs.empty());
}

TEST(Ageing, ADamagedFileIsSetAsideAndTheDatabaseGoesOn) {
  AgeingDb db("downsampling_period=30d:5m;safety_lag=0", kFebruary + 60);
  db.WriteDay("a", kJanuary);
  db.Flush();
  const std::string path = db.path() + db.Files().at(0).name;
  db.Close();
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(10);
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(10);
    file.put(byte);
  }
  db.Open();
  const std::string name = db.Files().at(0).name;
  EXPECT_TRUE(AgeNow(db.db()).IsCorruption());
  // It is not read again, and AgeNow does not say that all is done.
  const uint64_t verified_bytes = db.Counters().verified_bytes;
  const rocksdb::Status again = AgeNow(db.db());
  EXPECT_TRUE(again.IsCorruption()) << again.ToString();
  EXPECT_NE(again.ToString().find("; " + name + " is not aged"),
            std::string::npos)
      << again.ToString();
  EXPECT_EQ(db.Counters().verified_bytes, verified_bytes);
  EXPECT_EQ(db.Counters().set_aside, 1u);
  EXPECT_EQ(db.Counters().rewrites, 0u);
  db.WriteDay("a", kFebruary + 59);
  db.Flush();
}

// Bytes that no version decodes, in a block whose header is sound.
TEST(Ageing, WhatCannotBeThinnedIsNotTriedForEver) {
  AgeingDb db("downsampling_period=30d:5m;safety_lag=0", kFebruary + 60);
  std::vector<Sample> samples;
  for (int64_t t = 0; t < 1000; ++t) {
    samples.push_back(
        {kJanuary * kAgeingDay + t * 60000, static_cast<double>(t * t) / 7});
  }
  RowShape shape;
  std::string key, block;
  ASSERT_TRUE(EncodeRowKey(shape, "a", kJanuary * kAgeingDay, &key).ok());
  ASSERT_TRUE(
      EncodeSamples(shape, samples.data(), samples.size(), &block).ok());
  std::vector<Sample> decoded;
  for (size_t i = 24; DecodeSamples(block, &decoded).ok(); ++i) {
    ASSERT_LT(i, block.size());
    block[i] = static_cast<char>(block[i] ^ 0xff);
  }
  ASSERT_TRUE(db.db()->Merge({}, key, block).ok());
  db.Flush();
  EXPECT_LE(db.Age().rewrites, 1u);
  EXPECT_LE(db.Age().rewrites, 1u);
  EXPECT_TRUE(db.Plan().jobs.empty());
}

TEST(Ageing, APlanShowsWhatANewPolicyWouldDo) {
  AgeingDb db("downsampling_period=30d:5m;safety_lag=0", kFebruary + 60);
  for (int64_t day = kJanuary; day < kFebruary; ++day) db.WriteDay("a", day);
  db.Flush();
  db.CompactAll();
  EXPECT_TRUE(db.Plan().jobs.empty());
  EXPECT_EQ(db.Plan("retention_period=40d").jobs.at(0).action,
            AgeingAction::kDrop);
  EXPECT_EQ(db.Plan("downsampling_period=30d:1h").jobs.at(0).action,
            AgeingAction::kRewrite);
  const AgeingPlan finer = db.Plan("downsampling_period=30d:1m");
  EXPECT_TRUE(finer.jobs.empty());
  std::string warnings;
  for (const std::string& warning : finer.warnings) warnings += warning + "\n";
  EXPECT_NE(warnings.find("what is gone stays gone"), std::string::npos)
      << warnings;
  // It takes effect by itself.
  ASSERT_TRUE(SetPolicy(db.db(), db.cf(), "downsampling_period=30d:1h").ok());
  const auto seen = db.Read("a");
  EXPECT_EQ(db.Age().rewrites, 1u);
  EXPECT_EQ(db.Read("a"), seen);
}

constexpr char kThinned[] = "what the tier 30d:5m has thinned stays thinned";
constexpr char kGone[] = "what was older than retention_period 90d is gone";

TEST(Ageing, WhatAChangedPolicyCannotBringBackIsInTheLog) {
  const std::string kBefore =
      "downsampling_period=30d:5m;retention_period=90d;safety_lag=0";
  // While it runs, once; what can be done exactly is not worth a line.
  AgeingDb db(kBefore, kFebruary + 60);
  db.Age();
  ASSERT_TRUE(SetPolicy(db.db(), db.cf(), "retention_period=80d").ok());
  db.Age();
  ASSERT_TRUE(SetPolicy(db.db(), db.cf(), "retention_period=90d").ok());
  db.Age();
  ASSERT_TRUE(SetPolicy(db.db(), db.cf(), "downsampling_period=60d:5m").ok());
  db.Age();
  db.Age();
  db.Close();
  EXPECT_EQ(CountIn(db.Log(), kThinned), 1u) << db.Log();
  EXPECT_EQ(CountIn(db.Log(), "retention_period 80d is gone"), 1u);
  EXPECT_EQ(CountIn(db.Log(), kGone), 0u);
  // By another start: this one has the first policy again.
  db.Open();
  db.Age();
  db.Close();
  EXPECT_EQ(CountIn(db.Log(), "stays thinned"), 1u);
  db.SetPolicyText("safety_lag=0");
  db.Open();
  db.Age();
  db.Age();
  db.Close();
  EXPECT_EQ(CountIn(db.Log(), kThinned), 2u) << db.Log();
  EXPECT_EQ(CountIn(db.Log(), kGone), 1u);
  db.Open();
  db.Age();
  db.Close();
  EXPECT_EQ(CountIn(db.Log(), "stays thinned"), 2u);
}

TEST(Ageing, AShorterRetentionDropsWhatThePlanShowed) {
  AgeingDb db("retention_period=1y;safety_lag=0", kFebruary + 60);
  for (int64_t day = kJanuary; day < kFebruary + 10; ++day) {
    db.WriteDay("a", day);
  }
  db.Flush();
  db.CompactAll();
  const std::string changes = "retention_period=55d";
  const AgeingPlan plan = db.Plan(changes);
  ASSERT_EQ(plan.jobs.size(), 1u);
  EXPECT_TRUE(plan.warnings.size() == 1) << plan.warnings.at(0);  // safety_lag
  EXPECT_EQ(db.Age().drops, 0u);
  ASSERT_TRUE(SetPolicy(db.db(), db.cf(), changes).ok());
  const auto seen = db.Read("a");
  const AgeingCounters counters = db.Age();
  EXPECT_EQ(counters.drops, 1u);
  EXPECT_EQ(counters.dropped_bytes, plan.jobs[0].bytes);
  EXPECT_EQ(counters.dropped_samples, plan.files.at(0).samples);
  EXPECT_EQ(db.Read("a"), seen);
}

// The threads run by themselves here: what counts is that nothing crashes,
// hangs or leaks, whatever moment they are ended at.
TEST(Ageing, DatabasesOpenAndCloseWhileTheirThreadsWork) {
  const char* const asked = std::getenv("VARVE_AGEING_CYCLES");
  const int cycles = asked == nullptr ? 60 : std::atoi(asked);
  AgeingDb db("downsampling_period=30d:5m;retention_period=90d;safety_lag=0",
              kFebruary, "ageing_interval=1ms");
  for (int i = 0; i < cycles; ++i) {
    db.SetDay(kFebruary + i % 200);
    if (i % 3 != 0) db.WriteDay("a", kFebruary + i % 200 - i % 50);
    if (i % 3 == 1) db.Flush();
    db.Close();
    if (i % 5 == 0) {  // two databases, one set of options
      const rocksdb::Options options = db.MakeOptions();
      const TempDir other;
      rocksdb::DB* first = nullptr;
      rocksdb::DB* second = nullptr;
      rocksdb::DB* third = nullptr;
      ASSERT_TRUE(rocksdb::DB::Open(options, db.path(), &first).ok());
      ASSERT_TRUE(rocksdb::DB::Open(options, other / "db", &second).ok());
      EXPECT_FALSE(rocksdb::DB::Open(options, db.path(), &third).ok());
      Attach(first);
      Attach(second);
      ASSERT_TRUE(second->Put({}, "k", "v").ok());
      ASSERT_TRUE(second->Flush({}).ok());
      delete first;
      delete second;
    }
    if (i % 5 == 1) {
      rocksdb::DB* read_only = nullptr;
      ASSERT_TRUE(
          rocksdb::DB::OpenForReadOnly(db.MakeOptions(), db.path(), &read_only)
              .ok());
      Attach(read_only);
      EXPECT_TRUE(AgeNow(read_only).IsNotSupported());
      AgeingPlan plan;
      EXPECT_TRUE(varve::PlanAgeing(read_only, read_only->DefaultColumnFamily(),
                                    {}, &plan)
                      .ok());
      delete read_only;
    }
    db.Open();
    if (i % 25 == 24) db.CompactAll();  // else each open meets more files
  }
}

TEST(Ageing, ColumnFamiliesAgeByTheirOwnPolicies) {
  AgeingDb db("downsampling_period=30d:5m;safety_lag=0", kFebruary);
  Options ours;
  ASSERT_TRUE(Policy::Parse("downsampling_period=30d:1h;safety_lag=0;"
                            "partition=day",
                            &ours.policy)
                  .ok());
  ours.clock = db.clock();
  rocksdb::ColumnFamilyOptions options(db.MakeOptions());
  ASSERT_TRUE(ConfigureColumnFamily(ours, &options).ok());
  rocksdb::ColumnFamilyHandle* hourly = nullptr;
  ASSERT_TRUE(db.db()->CreateColumnFamily(options, "hourly", &hourly).ok());
  {
    std::unique_ptr<SampleWriter> writer;
    ASSERT_TRUE(SampleWriter::Open(db.db(), hourly, &writer).ok());
    for (int64_t day = kJanuary; day < kJanuary + 2; ++day) {
      db.WriteDay("a", day);
      rocksdb::WriteBatch batch;
      for (int64_t t = 0; t < kAgeingDay; t += 60000) {
        ASSERT_TRUE(writer->Add("a", day * kAgeingDay + t, 1, &batch).ok());
      }
      ASSERT_TRUE(db.db()->Write({}, &batch).ok());
    }
  }
  ASSERT_TRUE(db.db()->Flush({}, {db.cf(), hourly}).ok());
  db.SetDay(kJanuary + 32);
  EXPECT_EQ(db.Age().rewrites, 2u);  // one file each
  const auto samples = [&db](rocksdb::ColumnFamilyHandle* cf) {
    AgeingPlan plan;
    EXPECT_TRUE(varve::PlanAgeing(db.db(), cf, {}, &plan).ok());
    EXPECT_TRUE(plan.jobs.empty());
    return plan.tiers.at(0).done_samples;
  };
  EXPECT_EQ(samples(db.cf()), 2u * 288);
  EXPECT_EQ(samples(hourly), 2u * 24);
  ASSERT_TRUE(db.db()->DestroyColumnFamilyHandle(hourly).ok());
}

TEST(Ageing, OptionsComeFromTextAndGoIntoTheOptionsFile) {
  std::shared_ptr<rocksdb::EventListener> listener;
  rocksdb::ConfigOptions config;
  const std::string text =
      "id=VarveTierScheduler;ageing_min_due_ratio=0.5;ageing_max_delay=7d;"
      "ageing_max_compaction_bytes=1000;ageing_interval=5m;ageing_rate=0";
  ASSERT_TRUE(
      rocksdb::EventListener::CreateFromString(config, text, &listener).ok());
  const std::string printed = listener->ToString(config);
  for (const char* const option :
       {"ageing_min_due_ratio=0.5", "ageing_max_delay=7d",
        "ageing_max_compaction_bytes=1000", "ageing_interval=5m",
        "ageing_rate=0"}) {
    EXPECT_NE(printed.find(option), std::string::npos) << printed;
  }
  for (const char* const bad :
       {"ageing_min_due_ratio=0", "ageing_min_due_ratio=2", "ageing_rate=-1",
        "ageing_interval=x", "ageing_max_compaction_bytes="}) {
    EXPECT_FALSE(
        rocksdb::EventListener::CreateFromString(
            config, std::string("id=VarveTierScheduler;") + bad, &listener)
            .ok())
        << bad;
  }
}

}  // namespace
}  // namespace varve
