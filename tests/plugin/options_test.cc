// Varve's objects in RocksDB's options: from a string, an OPTIONS file and
// C++, in SetOptions, and what an open refuses.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "compaction/live_policy.h"
#include "compaction/policy_agreement.h"
#include "compaction/sample_merge_operator.h"
#include "compaction/sample_properties_collector.h"
#include "compaction/tier_filter_factory.h"
#include "compaction/time_partitioner.h"
#include "plugin/registration.h"
#include "plugin/tier_scheduler.h"
#include "plugin/varve.h"
#include "rocksdb/convenience.h"
#include "rocksdb/utilities/options_util.h"
#include "tests/mock_clock.h"
#include "tests/temp_dir.h"

namespace varve {
namespace {

using rocksdb::ColumnFamilyDescriptor;
using rocksdb::ColumnFamilyHandle;
using rocksdb::ColumnFamilyOptions;
using rocksdb::ConfigOptions;
using rocksdb::DB;
using rocksdb::DBOptions;

constexpr const char* kPolicyText =
    "downsampling_period=30d:5m,180d:1h;dedup_interval=15s;"
    "retention_period=1y;bucket=1h;partition=week;window=ceil;"
    "safety_lag=10m;future_limit=1d;ageing=on";

// The options string of a column family with all four objects. RocksDB splits
// lists at ':': an element that holds one needs braces of its own within
// those of the list.
std::string CfText(const std::string& merge, const std::string& filter,
                   const std::string& partitioner,
                   const std::string& collector) {
  return "merge_operator={id=VarveSampleMerge;" + merge +
         "};compaction_filter_factory={id=VarveTierFilter;" + filter +
         "};sst_partitioner_factory={id=VarveTimePartitioner;" + partitioner +
         "};table_properties_collectors={{id=VarveSampleProperties;" +
         collector + "}}";
}

std::string CfText(const std::string& policy) {
  return CfText(policy, policy, policy, policy);
}

Status FromString(const std::string& text, ColumnFamilyOptions* options) {
  return rocksdb::GetColumnFamilyOptionsFromString(
      ConfigOptions(), ColumnFamilyOptions(), text, options);
}

ColumnFamilyOptions MustFromString(const std::string& text) {
  ColumnFamilyOptions options;
  const Status status = FromString(text, &options);
  EXPECT_TRUE(status.ok()) << text << ": " << status.ToString();
  return options;
}

// What an object goes by, with its id.
std::string Describe(const rocksdb::Customizable* object) {
  const LivePolicy* const live = FindLivePolicy(object);
  if (live == nullptr) return "none";
  return object->GetId() + ": " + live->Get().ToString();
}

std::string Describe(const ColumnFamilyOptions& options) {
  std::string text = Describe(options.merge_operator.get()) + "\n" +
                     Describe(options.compaction_filter_factory.get()) + "\n" +
                     Describe(options.sst_partitioner_factory.get()) + "\n";
  for (const auto& f : options.table_properties_collector_factories) {
    text += Describe(f.get()) + "\n";
  }
  return text;
}

// One database with one column family, in a directory of its own.
class Database {
 public:
  explicit Database(const std::string& path) : path_(path) {}
  ~Database() { Close(); }

  Status Open(const ColumnFamilyOptions& cf_options,
              DBOptions db_options = DBOptions()) {
    Close();
    db_options.create_if_missing = true;
    return Remember(DB::Open(db_options, path_, {{"default", cf_options}},
                             &handles_, &db_));
  }

  Status OpenReadOnly(const ColumnFamilyOptions& cf_options) {
    Close();
    return Remember(DB::OpenForReadOnly(
        DBOptions(), path_, {{"default", cf_options}}, &handles_, &db_));
  }

  Status OpenFromItsOptions() {
    Close();
    DBOptions db_options;
    std::vector<ColumnFamilyDescriptor> families;
    const Status status = rocksdb::LoadLatestOptions(ConfigOptions(), path_,
                                                     &db_options, &families);
    if (!status.ok()) return status;
    return Remember(DB::Open(db_options, path_, families, &handles_, &db_));
  }

  void Close() {
    for (ColumnFamilyHandle* const handle : handles_) {
      db_->DestroyColumnFamilyHandle(handle);
    }
    handles_.clear();
    delete db_;
    db_ = nullptr;
  }

  DB* db() { return db_; }
  ColumnFamilyHandle* cf() { return handles_[0]; }
  ColumnFamilyOptions cf_options() { return db_->GetOptions(cf()); }
  std::string Describe() { return varve::Describe(cf_options()); }

 private:
  Status Remember(const Status& status) {
    if (!status.ok()) handles_.clear();
    return status;
  }

  const std::string path_;
  DB* db_ = nullptr;
  std::vector<ColumnFamilyHandle*> handles_;
};

Policy PolicyOf(const std::string& text) {
  Policy policy;
  EXPECT_TRUE(Policy::Parse(text, &policy).ok()) << text;
  return policy;
}

ColumnFamilyOptions Configured(const std::string& policy) {
  Options options;
  options.policy = PolicyOf(policy);
  ColumnFamilyOptions cf_options;
  EXPECT_TRUE(ConfigureColumnFamily(options, &cf_options).ok());
  return cf_options;
}

void WriteSample(Database* database, int64_t timestamp_ms, double value) {
  Policy policy;
  ASSERT_TRUE(GetPolicy(database->db(), database->cf(), &policy).ok());
  std::string key, operand;
  ASSERT_TRUE(EncodeRowKey(policy.shape, "cpu", timestamp_ms, &key).ok());
  const Sample sample{timestamp_ms, value};
  ASSERT_TRUE(EncodeSamples(policy.shape, &sample, 1, &operand).ok());
  ASSERT_TRUE(database->db()
                  ->Merge(rocksdb::WriteOptions(), database->cf(), key, operand)
                  .ok());
}

// The LOG of a database.
std::string ReadLog(const std::string& path) {
  std::ifstream file(path + "/LOG");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void ExpectInvalid(const Status& status,
                   const std::vector<std::string>& words) {
  EXPECT_TRUE(status.IsInvalidArgument()) << status.ToString();
  for (const std::string& word : words) {
    EXPECT_NE(status.ToString().find(word), std::string::npos)
        << "no '" << word << "' in: " << status.ToString();
  }
}

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
  EXPECT_EQ(count, 5);
  EXPECT_EQ(varve_register(library, ""), 5);
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
