// Varve's objects in RocksDB's options: from a string, an OPTIONS file and
// C++, and what loading and opening refuse.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "compaction/object_ids.h"
#include "compaction/tier_filter_factory.h"
#include "plugin/registration.h"
#include "tests/plugin/options_database.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

// --------------------------------------------------------- ways of loading

TEST(Options, StringOptionsFileAndCppGiveTheSame) {
  const ColumnFamilyOptions from_string = MustFromString(CfText(kPolicyText));
  const ColumnFamilyOptions from_cpp = Configured(kPolicyText);
  const std::string expected = Describe(from_cpp);
  EXPECT_NE(expected.find(std::string("VarveSampleMerge: ") + kPolicyText),
            std::string::npos)
      << expected;
  EXPECT_NE(expected.find(std::string("VarveTierFilter: ") + kPolicyText),
            std::string::npos);
  EXPECT_NE(expected.find("VarveTimePartitioner: downsampling_period=none"),
            std::string::npos);
  EXPECT_NE(expected.find("VarveSampleProperties: "), std::string::npos);
  EXPECT_EQ(Describe(from_string), expected);

  for (const auto& options : {from_string, from_cpp}) {
    TempDir dir;
    Database database(dir / "db");
    ASSERT_TRUE(database.Open(options).ok());
    EXPECT_EQ(database.Describe(), expected);
    for (int i = 0; i < 3; ++i) {
      const Status status = database.OpenFromItsOptions();
      ASSERT_TRUE(status.ok()) << status.ToString();
      EXPECT_EQ(database.Describe(), expected) << "reopen " << i;
      EXPECT_TRUE(CheckColumnFamily(database.db(), database.cf()).ok());
    }
  }
}

TEST(Options, AWholeStringOfOptionsRoundTrips) {
  const ColumnFamilyOptions options = MustFromString(CfText(kPolicyText));
  std::string text;
  ASSERT_TRUE(
      rocksdb::GetStringFromColumnFamilyOptions(ConfigOptions(), options, &text)
          .ok());
  EXPECT_EQ(Describe(MustFromString(text)), Describe(options)) << text;
}

TEST(Options, DefaultsServeWithoutFields) {
  const ColumnFamilyOptions options = MustFromString(
      "merge_operator=VarveSampleMerge;"
      "sst_partitioner_factory=VarveTimePartitioner;"
      "table_properties_collectors=VarveSampleProperties");
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(options).ok());
  ASSERT_TRUE(database.OpenFromItsOptions().ok());
  Policy policy;
  ASSERT_TRUE(GetPolicy(database.db(), database.cf(), &policy).ok());
  EXPECT_EQ(policy, Policy());
}

TEST(Options, TheListenerLoadsFromAString) {
  DBOptions options;
  ASSERT_TRUE(rocksdb::GetDBOptionsFromString(
                  ConfigOptions(), DBOptions(),
                  "listeners={id=VarveTierScheduler}", &options)
                  .ok());
  ASSERT_EQ(options.listeners.size(), 1u);
  EXPECT_TRUE(options.listeners[0]->IsInstanceOf(kTierSchedulerId));

  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured(kPolicyText), options).ok());
  ASSERT_TRUE(database.OpenFromItsOptions().ok());
  ASSERT_EQ(database.db()->GetDBOptions().listeners.size(), 1u);
  EXPECT_STREQ(database.db()->GetDBOptions().listeners[0]->Name(),
               kTierSchedulerId);
}

TEST(Options, ConfiguringTwiceLeavesOneOfEach) {
  Options options;
  options.policy = PolicyOf(kPolicyText);
  ColumnFamilyOptions cf_options;
  ASSERT_TRUE(ConfigureColumnFamily(options, &cf_options).ok());
  ASSERT_TRUE(ConfigureColumnFamily(options, &cf_options).ok());
  EXPECT_EQ(cf_options.table_properties_collector_factories.size(), 1u);
  DBOptions db_options;
  ASSERT_TRUE(ConfigureDB(options, &db_options).ok());
  ASSERT_TRUE(ConfigureDB(options, &db_options).ok());
  EXPECT_EQ(db_options.listeners.size(), 1u);
}

TEST(Options, ColumnFamiliesShareNoObject) {
  const ColumnFamilyOptions a = Configured(kPolicyText);
  const ColumnFamilyOptions b = Configured(kPolicyText);
  EXPECT_NE(a.merge_operator, b.merge_operator);
  EXPECT_NE(a.compaction_filter_factory, b.compaction_filter_factory);
  EXPECT_NE(a.sst_partitioner_factory, b.sst_partitioner_factory);
  EXPECT_NE(a.table_properties_collector_factories[0],
            b.table_properties_collector_factories[0]);
}

TEST(Options, ABadPolicyConfiguresNothing) {
  Options options;
  options.policy.dedup_interval_ms = 7000;
  ColumnFamilyOptions cf_options;
  ExpectInvalid(ConfigureColumnFamily(options, &cf_options),
                {"dedup_interval 7s", "bucket 1d"});
  EXPECT_EQ(cf_options.merge_operator, nullptr);
  EXPECT_EQ(cf_options.compaction_filter_factory, nullptr);
}

TEST(Options, RegistrationIsIdempotentAndTheSameInTree) {
  rocksdb::ObjectLibrary library("test");
  const int count = varve_register(library, "");
  EXPECT_EQ(count, 9);
  EXPECT_EQ(varve_register(library, ""), 9);
  for (const char* id : {"VarveSampleMerge", "varvesamplemerge", "Varve"}) {
    EXPECT_EQ(library.FindFactory<rocksdb::MergeOperator>(id) != nullptr,
              std::string(id) == "VarveSampleMerge");
  }
}

// ------------------------------------------------------ refused when loaded

TEST(Options, BadPolicyTextsAreRefusedByTheLoad) {
  const struct {
    const char* policy;
    const char* word;
  } cases[] = {
      {"downsampling_period=30d:7m", "interval 7m does not divide the bucket"},
      {"downsampling_period=30d:5m,60d:5m", "two tiers"},
      {"downsampling_period=30d", "offset:interval"},
      {"dedup_interval=15", "unit"},
      {"retention_period=99999y", "above 1000y"},
      {"bucket=7h", "partition=month"},
      {"partition=year", "none, day, week or month"},
      {"window=round", "floor or ceil"},
      {"ageing=maybe", "on or off"},
      {"retention=1y", "has no field 'retention'; known are"},
  };
  for (const auto& c : cases) {
    ColumnFamilyOptions options;
    ExpectInvalid(FromString(CfText(c.policy), &options), {c.word});
  }
}

TEST(Options, AFilterWithoutAPolicyIsRefusedByLoadAndOpen) {
  ColumnFamilyOptions options;
  ExpectInvalid(FromString("merge_operator=VarveSampleMerge;"
                           "compaction_filter_factory=VarveTierFilter",
                           &options),
                {"VarveTierFilter", "no policy"});
  // Made in C++ no load sees it.
  options = Configured(kPolicyText);
  options.compaction_filter_factory = std::make_shared<TierFilterFactory>();
  TempDir dir;
  Database database(dir / "db");
  ExpectInvalid(database.Open(options),
                {"compaction_filter_factory", "no policy"});
}

TEST(Options, AnUnknownIdIsNamedByAStrictLoad) {
  // What a host without the library meets, here with an id of no library.
  ConfigOptions strict;
  strict.ignore_unsupported_options = false;
  ColumnFamilyOptions options;
  const Status status = rocksdb::GetColumnFamilyOptionsFromString(
      strict, ColumnFamilyOptions(),
      "merge_operator={id=VarveSampleMergeOfTomorrow;bucket=1h}", &options);
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.ToString().find("VarveSampleMergeOfTomorrow"),
            std::string::npos)
      << status.ToString();
}

// ----------------------------------------------------- refused when opened

TEST(Options, ObjectsThatDisagreeAreRefusedByOpen) {
  const struct {
    std::string text;
    std::vector<std::string> words;
  } cases[] = {
      {CfText("retention_period=1y", "retention_period=2y", "", ""),
       {"retention_period is 1y in merge_operator and 2y in "
        "compaction_filter_factory",
        "same policy"}},
      {CfText("downsampling_period=30d:5m", "dedup_interval=0", "", ""),
       {"downsampling_period is 30d:5m"}},
      {CfText("ageing=off", "ageing=on", "", ""), {"ageing is off"}},
      {CfText("safety_lag=1h", "safety_lag=2h", "", ""), {"safety_lag is 1h"}},
      {CfText("bucket=1h", "bucket=1h", "bucket=1d", "bucket=1h"),
       {"bucket is 1h in merge_operator and 1d in sst_partitioner_factory"}},
      {CfText("bucket=1h", "bucket=1h", "bucket=1h", "window=ceil"),
       {"bucket is 1h", "table_properties_collectors"}},
      {"compaction_filter_factory={id=VarveTierFilter;retention_period=1y}",
       {"compaction_filter_factory is Varve's", "merge_operator is not set"}},
      {"merge_operator=stringappend;sst_partitioner_factory="
       "VarveTimePartitioner",
       {"sst_partitioner_factory is Varve's", "StringAppend"}},
  };
  for (const auto& c : cases) {
    TempDir dir;
    Database database(dir / "db");
    ExpectInvalid(database.Open(MustFromString(c.text)), c.words);
  }
}

TEST(Options, AnotherComparatorIsRefusedByOpen) {
  ColumnFamilyOptions options = Configured(kPolicyText);
  options.comparator = rocksdb::ReverseBytewiseComparator();
  TempDir dir;
  Database database(dir / "db");
  ExpectInvalid(database.Open(options),
                {"rocksdb.ReverseBytewiseComparator", "order of time"});
}

// RocksDB validates the options of DB::Open only.
TEST(Options, CheckColumnFamilyCoversWhatRocksDbDoesNotValidate) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured("retention_period=1y")).ok());
  const ColumnFamilyOptions bad = MustFromString(
      CfText("retention_period=1y", "retention_period=2y", "", ""));

  ColumnFamilyHandle* other = nullptr;
  ASSERT_TRUE(database.db()->CreateColumnFamily(bad, "other", &other).ok());
  ExpectInvalid(CheckColumnFamily(database.db(), other),
                {"retention_period is 1y"});
  ASSERT_TRUE(database.db()->DropColumnFamily(other).ok());
  database.db()->DestroyColumnFamilyHandle(other);

  ASSERT_TRUE(database.OpenReadOnly(bad).ok());
  ExpectInvalid(CheckColumnFamily(database.db(), database.cf()),
                {"retention_period is 1y"});
}

TEST(Options, AColumnFamilyWithoutVarveIsNamed) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(ColumnFamilyOptions()).ok());
  const std::vector<std::string> words = {"column family 'default'", "not set",
                                          "VarveSampleMerge"};
  Policy policy;
  Counters counters;
  ExpectInvalid(CheckColumnFamily(database.db(), database.cf()), words);
  ExpectInvalid(GetPolicy(database.db(), database.cf(), &policy), words);
  ExpectInvalid(SetPolicy(database.db(), database.cf(), "ageing=off"), words);
  ExpectInvalid(GetCounters(database.db(), database.cf(), &counters), words);
}

TEST(Options, AnotherShapeThanTheFilesIsRefused) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured("bucket=1h")).ok());
  WriteSample(&database, 1700000000000, 1);
  ASSERT_TRUE(database.db()->Flush(rocksdb::FlushOptions()).ok());
  const struct {
    const char* policy;
    const char* words;
  } cases[] = {
      {"bucket=1d", "bucket is 1d in its options and 1h in its file "},
      {"bucket=1h;partition=day", "partition is day in its options and month"},
      {"bucket=1h;window=ceil", "window is ceil in its options and floor"},
  };
  for (const auto& c : cases) {
    ASSERT_TRUE(database.Open(Configured(c.policy)).ok());
    ExpectInvalid(CheckColumnFamily(database.db(), database.cf()),
                  {c.words, ".sst", "fixed"});
  }
  ASSERT_TRUE(database.Open(Configured("bucket=1h;retention_period=1y")).ok());
  EXPECT_TRUE(CheckColumnFamily(database.db(), database.cf()).ok());
}

TEST(Options, PoliciesThatMayNotDoTheirWorkAreWarnedOf) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database
                  .Open(MustFromString("merge_operator={id=VarveSampleMerge;"
                                       "retention_period=1y}"))
                  .ok());
  ASSERT_TRUE(CheckColumnFamily(database.db(), database.cf()).ok());
  const std::string log = ReadLog(dir / "db");
  EXPECT_NE(log.find("Varve: the policy thins or drops, but "
                     "compaction_filter_factory is not VarveTierFilter"),
            std::string::npos);
  EXPECT_NE(log.find("Varve: rows have partitions, but"), std::string::npos);
}

}  // namespace
}  // namespace varve
