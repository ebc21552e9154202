// Policies, clocks and counters of open databases: SetOptions, SetPolicy, and
// what the listener logs.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/mock_clock.h"
#include "tests/plugin/options_database.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

// ------------------------------------------------------------- SetOptions

TEST(SetOptions, ChangesALiveObjectAndPersists) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured(kPolicyText)).ok());
  const Status status = database.db()->SetOptions(
      database.cf(), {{"merge_operator.retention_period", "2y"},
                      {"compaction_filter_factory.retention_period", "2y"}});
  ASSERT_TRUE(status.ok()) << status.ToString();
  Policy policy;
  ASSERT_TRUE(GetPolicy(database.db(), database.cf(), &policy).ok());
  Policy expected = PolicyOf(kPolicyText);
  expected.retention_ms *= 2;
  EXPECT_EQ(policy, expected);
  const std::string described = database.Describe();
  ASSERT_TRUE(database.OpenFromItsOptions().ok());
  EXPECT_EQ(database.Describe(), described);
}

TEST(SetOptions, SeveralFieldsAreOneChange) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured("dedup_interval=10s")).ok());
  const std::string fields =
      "dedup_interval=7m;downsampling_period=30d:21m,60d:6h18m";
  ExpectInvalid(database.db()->SetOptions(
                    database.cf(), {{"merge_operator", "{" + fields + "}"}}),
                {"6h18m"});
  const std::string good =
      "{downsampling_period=30d:6m,60d:1h;dedup_interval=2m;}";
  ASSERT_TRUE(
      database.db()
          ->SetOptions(database.cf(), {{"merge_operator", good},
                                       {"compaction_filter_factory", good}})
          .ok());
  Policy policy;
  ASSERT_TRUE(GetPolicy(database.db(), database.cf(), &policy).ok());
  EXPECT_EQ(policy.Get("downsampling_period"), "30d:6m,60d:1h");
  EXPECT_EQ(policy.dedup_interval_ms, 120000);
}

TEST(SetOptions, ARefusedChangeLeavesNothingAndIsNotPersisted) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured(kPolicyText)).ok());
  const std::string before = database.Describe();
  const struct {
    std::unordered_map<std::string, std::string> map;
    const char* word;
  } cases[] = {
      {{{"merge_operator.retention_period", "tomorrow"}}, "tomorrow"},
      {{{"merge_operator.retention_period", ""}}, "empty"},
      {{{"merge_operator.dedup_interval", "7s"}}, "dedup_interval 7s"},
      {{{"merge_operator.bucket", "2h"}}, "bucket is 1h"},
      {{{"merge_operator.partition", "none"}}, "partition is week"},
      {{{"merge_operator.window", "floor"}}, "window is ceil"},
      {{{"compaction_filter_factory.bucket", "2h"}}, "bucket is 1h"},
      {{{"sst_partitioner_factory.bucket", "2h"}}, "bucket is 1h"},
      {{{"merge_operator", "{bucket=2h;retention_period=2y}"}}, "bucket is"},
      {{{"merge_operator.retention", "2y"}}, "merge_operator.retention"},
      {{{"merge_operator", "{id=VarveTierFilter;retention_period=2y}"}},
       "not changeable"},
      // One of the two is good: it must not stay.
      {{{"merge_operator.retention_period", "2y"},
        {"compaction_filter_factory.retention_period", "2q"}},
       "2q"},
      {{{"merge_operator.retention_period", "2y"}, {"no_such_option", "1"}},
       "no_such_option"},
  };
  for (const auto& c : cases) {
    ExpectInvalid(database.db()->SetOptions(database.cf(), c.map), {c.word});
    EXPECT_EQ(database.Describe(), before) << c.word;
  }
  ASSERT_TRUE(database.OpenFromItsOptions().ok());
  EXPECT_EQ(database.Describe(), before);
}

TEST(SetPolicy, ChangesAllObjectsInOneCallAndPersists) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured(kPolicyText)).ok());
  const Status status = SetPolicy(
      database.db(), database.cf(),
      "retention_period=3y; downsampling_period=7d:1m,30d:10m ;ageing=off");
  ASSERT_TRUE(status.ok()) << status.ToString();
  for (int i = 0; i < 2; ++i) {
    Policy policy;
    ASSERT_TRUE(GetPolicy(database.db(), database.cf(), &policy).ok());
    EXPECT_EQ(policy.Get("downsampling_period"), "7d:1m,30d:10m");
    EXPECT_EQ(policy.Get("retention_period"), "3y");
    EXPECT_EQ(policy.Get("dedup_interval"), "15s");
    EXPECT_FALSE(policy.ageing);
    EXPECT_TRUE(CheckColumnFamily(database.db(), database.cf()).ok())
        << "filter and merge operator changed together";
    ASSERT_TRUE(database.OpenFromItsOptions().ok());
  }
}

TEST(SetPolicy, RefusesWhatBreaksARule) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured(kPolicyText)).ok());
  const std::string before = database.Describe();
  for (const auto& c : std::vector<std::pair<const char*, const char*>>{
           {"bucket=1d", "bucket is 1h"},
           {"window=floor", "window is ceil"},
           {"retention_period", "name=value"},
           {"retention_period=2y;retention_period=3y", "twice"},
           {"retention_period=2y;dedup_interval=7s", "7s"},
           {"retention_period=2y};write_buffer_size={1", "2y}"},
           {"no_such=1", "no_such"}}) {
    ExpectInvalid(SetPolicy(database.db(), database.cf(), c.first), {c.second});
    EXPECT_EQ(database.Describe(), before) << c.first;
  }
  EXPECT_TRUE(SetPolicy(database.db(), database.cf(), "").ok());
}

TEST(SetPolicy, AnOldPartitionerAndCollectorStillAgree) {
  // The collector cannot be changed while a database runs; it keeps no tiers
  // that could go stale.
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(MustFromString(CfText(kPolicyText))).ok());
  ASSERT_TRUE(
      SetPolicy(database.db(), database.cf(), "retention_period=9y").ok());
  ASSERT_TRUE(database.OpenFromItsOptions().ok());
  EXPECT_TRUE(CheckColumnFamily(database.db(), database.cf()).ok());
}

// -------------------------------------------------------- clock, counters

TEST(Clock, IsTheSameInAllObjectsOfAColumnFamily) {
  Options options;
  options.clock = std::make_shared<MockClock>(5000);
  ColumnFamilyOptions cf_options;
  ASSERT_TRUE(ConfigureColumnFamily(options, &cf_options).ok());
  const auto now = [](const rocksdb::Customizable& object) {
    return FindLivePolicy(&object)->NowMs();
  };
  for (int64_t expected : {5000, 6000}) {
    EXPECT_EQ(now(*cf_options.merge_operator), expected);
    EXPECT_EQ(now(*cf_options.compaction_filter_factory), expected);
    EXPECT_EQ(now(*cf_options.sst_partitioner_factory), expected);
    EXPECT_EQ(now(*cf_options.table_properties_collector_factories[0]),
              expected);
    SetClock(cf_options, std::make_shared<MockClock>(6000));
  }
  SetClock(ColumnFamilyOptions(), nullptr);  // nothing of Varve's there
}

TEST(Clock, OneThatIsFurtherBehindThanTheLagIsWarnedOf) {
  constexpr int64_t kNow = 1700000000000;
  TempDir dir;
  Options options;
  const auto clock = std::make_shared<MockClock>(kNow);
  options.clock = clock;
  ColumnFamilyOptions cf_options;
  DBOptions db_options;
  ASSERT_TRUE(ConfigureColumnFamily(options, &cf_options).ok());
  ASSERT_TRUE(ConfigureDB(options, &db_options).ok());
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(cf_options, db_options).ok());
  WriteSample(&database, kNow, 1);
  ASSERT_TRUE(database.db()->Flush(rocksdb::FlushOptions()).ok());
  clock->SetMs(kNow - kMillisPerHour);
  ASSERT_TRUE(CheckColumnFamily(database.db(), database.cf()).ok());
  EXPECT_EQ(ReadLog(dir / "db").find("the clock is"), std::string::npos);
  clock->SetMs(kNow - kMillisPerHour - 60000);
  ASSERT_TRUE(CheckColumnFamily(database.db(), database.cf()).ok());
  EXPECT_NE(ReadLog(dir / "db")
                .find("Varve: the clock is at 1699996340000 "
                      "ms, 1h1m behind the one that 0"),
            std::string::npos);
  rocksdb::CompactRangeOptions compact;
  compact.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForce;
  ASSERT_TRUE(database.db()->CompactRange(compact, nullptr, nullptr).ok());
  EXPECT_NE(ReadLog(dir / "db")
                .find("the clock is 1h1m behind the one that "
                      "wrote the files read"),
            std::string::npos);
}

TEST(TierScheduler, LogsWhatWasDoneToSamples) {
  constexpr int64_t kNow = 1700000000000;
  TempDir dir;
  Options options;
  options.policy = PolicyOf("downsampling_period=30d:5m");
  options.clock = std::make_shared<MockClock>(kNow);
  ColumnFamilyOptions cf_options;
  DBOptions db_options;
  ASSERT_TRUE(ConfigureColumnFamily(options, &cf_options).ok());
  ASSERT_TRUE(ConfigureDB(options, &db_options).ok());
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(cf_options, db_options).ok());
  const int64_t old =
      AlignDown(kNow - 60 * kMillisPerDay, kMillisPerDay) + 1000;
  for (int i = 0; i < 20; ++i) WriteSample(&database, old + i * 1000, i);
  ASSERT_TRUE(database.db()->Flush(rocksdb::FlushOptions()).ok());
  WriteSample(&database, old + 20 * 1000, 20);
  ASSERT_TRUE(database.db()->Flush(rocksdb::FlushOptions()).ok());
  rocksdb::CompactRangeOptions compact;
  compact.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForce;
  ASSERT_TRUE(database.db()->CompactRange(compact, nullptr, nullptr).ok());
  Counters counters;
  ASSERT_TRUE(GetCounters(database.db(), database.cf(), &counters).ok());
  EXPECT_GE(counters.samples_downsampled, 20u);
  database.Close();
  const std::string log = ReadLog(dir / "db");
  EXPECT_NE(log.find("Varve: [default] flush job"), std::string::npos);
  EXPECT_NE(log.find("1 samples in 1 rows; samples_merged=20 "
                     "samples_downsampled=19 blocks_merged=20"),
            std::string::npos)
      << "what the flush of 20 operands merged";
  const size_t line = log.find("Varve: [default] compaction job");
  ASSERT_NE(line, std::string::npos);
  const std::string text = log.substr(line, log.find('\n', line) - line);
  EXPECT_NE(text.find("2 samples in 2 files into 1 samples in 1 file at level"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("samples_downsampled=1"), std::string::npos) << text;
}

TEST(TierScheduler, SaysNothingOfOtherColumnFamilies) {
  TempDir dir;
  DBOptions db_options;
  ASSERT_TRUE(ConfigureDB(Options(), &db_options).ok());
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(ColumnFamilyOptions(), db_options).ok());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(
        database.db()->Put(rocksdb::WriteOptions(), "key", "value").ok());
    ASSERT_TRUE(database.db()->Flush(rocksdb::FlushOptions()).ok());
  }
  ASSERT_TRUE(database.db()->CompactRange({}, nullptr, nullptr).ok());
  database.Close();
  EXPECT_EQ(ReadLog(dir / "db").find("Varve:"), std::string::npos);
}

}  // namespace
}  // namespace varve
