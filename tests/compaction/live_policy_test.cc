#include "compaction/live_policy.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "compaction/sample_merge_operator.h"
#include "compaction/sample_properties_collector.h"
#include "compaction/set_options_call.h"
#include "compaction/tier_filter_factory.h"
#include "compaction/time_partitioner.h"
#include "rocksdb/convenience.h"
#include "rocksdb/utilities/object_registry.h"
#include "tests/mock_clock.h"

namespace varve {
namespace {

using rocksdb::ConfigOptions;
using Scope = LivePolicy::Scope;

std::string TextOf(const rocksdb::Customizable& object) {
  return object.GetOptions<LivePolicy>(kLivePolicyName)->Get().ToString();
}

std::string TextOf(const LivePolicy& live) { return live.Get().ToString(); }

// What SetOptions of a live database does to an object.
ConfigOptions LiveChange() {
  ConfigOptions options;
  options.mutable_options_only = true;
  return options;
}

TEST(LivePolicy, AChangeOfSeveralFieldsIsOneChange) {
  LivePolicy live(PolicyUse::kAll, PolicyText::kOptional);
  // One by one, either order would break a rule on the way.
  ASSERT_TRUE(live.Change({{"bucket", "1h"}, {"downsampling_period", "1d:20m"}},
                          Scope::kAll)
                  .ok());
  ASSERT_TRUE(live.Change({{"dedup_interval", "10s"},
                           {"downsampling_period", "1d:30s"}},
                          Scope::kAll)
                  .ok());
  const std::string before = TextOf(live);
  ASSERT_TRUE(
      live.Change({{"dedup_interval", "20s"}, {"retention_period", "1y"}},
                  Scope::kAll)
          .IsInvalidArgument())
      << "20s does not divide 30s";
  EXPECT_EQ(TextOf(live), before) << "a refused change left something behind";
}

TEST(LivePolicy, TheShapeIsFixedInAnOpenDatabase) {
  LivePolicy live(PolicyUse::kAll, PolicyText::kOptional);
  const struct {
    const char* name;
    const char* value;
    const char* words;
  } cases[] = {{"bucket", "1h", "bucket is 1d in this column family and 1h"},
               {"partition", "day", "partition is month"},
               {"window", "ceil", "window is floor"}};
  for (const auto& c : cases) {
    const Status status = live.Change({{c.name, c.value}}, Scope::kAllButShape);
    EXPECT_TRUE(status.IsInvalidArgument());
    EXPECT_NE(status.ToString().find(c.words), std::string::npos)
        << status.ToString();
    EXPECT_EQ(live.Get(), Policy());
  }
  EXPECT_TRUE(live.Change({{"bucket", "24h"}, {"retention_period", "1y"}},
                          Scope::kAllButShape)
                  .ok())
      << "the same value is no change";
  EXPECT_EQ(live.Get().retention_ms, 365 * kMillisPerDay);
}

TEST(LivePolicy, AReferenceOutlivesLaterChanges) {
  LivePolicy live(PolicyUse::kAll, PolicyText::kOptional);
  ASSERT_TRUE(live.Change({{"retention_period", "1y"}}, Scope::kAll).ok());
  const Policy& held = live.Get();
  for (int days = 1; days <= 100; ++days) {
    ASSERT_TRUE(live.Change({{"retention_period", std::to_string(days) + "d"}},
                            Scope::kAll)
                    .ok());
  }
  EXPECT_EQ(held.Get("retention_period"), "1y");
  EXPECT_EQ(live.Get().Get("retention_period"), "100d");
}

TEST(LivePolicy, ReadersSeeWholePolicies) {
  LivePolicy live(PolicyUse::kAll, PolicyText::kOptional);
  ASSERT_TRUE(live.Change({{"retention_period", "1d"}, {"safety_lag", "1d"}},
                          Scope::kAll)
                  .ok());
  std::atomic<bool> stop{false};
  std::atomic<int> torn{0};
  std::thread reader([&] {
    while (!stop) {
      const Policy& policy = live.Get();
      if (policy.retention_ms != policy.safety_lag_ms) ++torn;
    }
  });
  std::vector<std::thread> writers;
  for (int w = 0; w < 2; ++w) {
    writers.emplace_back([&live, w] {
      for (int i = 1; i < 2000; ++i) {
        const std::string value = std::to_string(i * 2 + w) + "s";
        EXPECT_TRUE(
            live.Change({{"retention_period", value}, {"safety_lag", value}},
                        Scope::kAllButShape)
                .ok());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  stop = true;
  reader.join();
  EXPECT_EQ(torn, 0);
}

TEST(LivePolicy, AShapeOnlyObjectChecksAllAndKeepsTheShape) {
  LivePolicy live(PolicyUse::kShape, PolicyText::kOptional);
  EXPECT_TRUE(live.Change({{"downsampling_period", "30d:7h"}}, Scope::kAll)
                  .IsInvalidArgument());
  ASSERT_TRUE(live.Change({{"bucket", "1h"},
                           {"downsampling_period", "30d:5m"},
                           {"retention_period", "1y"}},
                          Scope::kAll)
                  .ok());
  Policy expected;
  expected.shape.bucket_width_ms = kMillisPerHour;
  EXPECT_EQ(live.Get(), expected);
}

TEST(LivePolicy, TheClockIsTheGivenOne) {
  LivePolicy live(PolicyUse::kAll, PolicyText::kOptional);
  const int64_t system_ms = live.NowMs();
  EXPECT_GT(system_ms, int64_t{1500000000000});
  const auto clock = std::make_shared<MockClock>(5000);
  live.SetClock(clock);
  EXPECT_EQ(live.NowMs(), 5000);
  clock->SetMs(7000);
  EXPECT_EQ(live.NowMs(), 7000);
  live.SetClock(nullptr);
  EXPECT_GE(live.NowMs(), system_ms);
}

// An Env with a clock of its own.
class ClockEnv : public rocksdb::EnvWrapper {
 public:
  explicit ClockEnv(std::shared_ptr<rocksdb::SystemClock> clock)
      : EnvWrapper(rocksdb::Env::Default()) {
    system_clock_ = std::move(clock);
  }
};

TEST(LivePolicy, AnEnvsClockServesUnlessOneWasGiven) {
  ClockEnv env(std::make_shared<MockClock>(5000));
  LivePolicy live(PolicyUse::kAll, PolicyText::kOptional);
  live.AdoptClock(rocksdb::Env::Default());
  EXPECT_GT(live.NowMs(), int64_t{1500000000000});
  live.AdoptClock(&env);
  EXPECT_EQ(live.NowMs(), 5000);
  live.AdoptClock(rocksdb::Env::Default());
  EXPECT_EQ(live.NowMs(), 5000) << "later option strings know no clock";
  live.SetClock(std::make_shared<MockClock>(6000));
  live.AdoptClock(&env);
  EXPECT_EQ(live.NowMs(), 6000);
}

// ------------------------------------------------- inside RocksDB's objects

TEST(PolicyObject, TakesAllFieldsOfAMapAtOnce) {
  // RocksDB's maps are in hash order: try many sets that are invalid on the
  // way in one order or the other.
  for (int seconds : {1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30}) {
    SampleMergeOperator merge;
    const std::string dedup = std::to_string(seconds) + "s";
    const std::string tier = std::to_string(2 * seconds) + "s";
    ASSERT_TRUE(merge
                    .ConfigureFromMap(ConfigOptions(),
                                      {{"bucket", "12m"},
                                       {"partition", "none"},
                                       {"dedup_interval", dedup},
                                       {"downsampling_period", "1d:" + tier}})
                    .ok())
        << seconds;
    ASSERT_TRUE(merge
                    .ConfigureFromString(ConfigOptions(),
                                         "bucket=7m;dedup_interval=7s;"
                                         "downsampling_period=1d\\:7m")
                    .ok());
    EXPECT_EQ(TextOf(merge).substr(0, 51),
              "downsampling_period=1d:7m;dedup_interval=7s;retenti");
  }
}

TEST(PolicyObject, ARefusedMapChangesNothing) {
  SampleMergeOperator merge;
  ASSERT_TRUE(
      merge
          .ConfigureFromString(ConfigOptions(), "retention_period=1y;bucket=1h")
          .ok());
  const std::string before = TextOf(merge);
  for (const char* text :
       {"retention_period=2y;bucket=7h", "retention_period=2y;dedup_interval=x",
        "retention_period=2y;no_such_field=1", "retention_period=",
        "retention_period=2y;downsampling_period=30d:5m,60d:5m"}) {
    const Status status = merge.ConfigureFromString(ConfigOptions(), text);
    EXPECT_FALSE(status.ok()) << text;
    EXPECT_EQ(TextOf(merge), before) << text;
  }
}

// Unknown fields too: RocksDB reads the OPTIONS of a newer version so, and a
// policy less one of its fields drops samples that it was to keep.
TEST(PolicyObject, BadFieldsAreRefusedEvenWhereUnknownOptionsAreIgnored) {
  SampleMergeOperator merge;
  ConfigOptions options;
  options.ignore_unknown_options = true;
  EXPECT_TRUE(merge.ConfigureFromString(options, "bucket=1h").ok());
  EXPECT_TRUE(merge.ConfigureFromString(options, "no_such=1;bucket=2h")
                  .IsInvalidArgument());
  EXPECT_TRUE(
      merge.ConfigureFromString(options, "bucket=7h").IsInvalidArgument());
  EXPECT_NE(TextOf(merge).find("bucket=1h"), std::string::npos);
}

TEST(PolicyObject, ChangesOfALiveObjectLeaveTheShape) {
  SampleMergeOperator merge;
  EXPECT_TRUE(
      merge.ConfigureOption(LiveChange(), "retention_period", "2y").ok());
  EXPECT_TRUE(
      merge.ConfigureOption(LiveChange(), "bucket", "1h").IsInvalidArgument());
  EXPECT_TRUE(merge
                  .ConfigureFromMap(LiveChange(), {{"retention_period", "3y"},
                                                   {"window", "ceil"}})
                  .IsInvalidArgument());
  EXPECT_NE(TextOf(merge).find("retention_period=2y;bucket=1d"),
            std::string::npos)
      << TextOf(merge);
}

TEST(PolicyObject, PrintsWhatItReads) {
  const std::string text =
      "downsampling_period=30d:5m,180d:1h;dedup_interval=15s;"
      "retention_period=1y;bucket=1h;partition=day;window=ceil;"
      "safety_lag=10m;future_limit=0;ageing=off";
  SampleMergeOperator merge;
  ASSERT_TRUE(merge.ConfigureFromString(ConfigOptions(), text).ok());
  EXPECT_EQ(TextOf(merge), text);
  std::string printed;
  ASSERT_TRUE(merge.GetOptionString(ConfigOptions(), &printed).ok());
  SampleMergeOperator other;
  ASSERT_TRUE(other.ConfigureFromString(ConfigOptions(), printed).ok());
  EXPECT_EQ(TextOf(other), text);
  std::string mismatch;
  EXPECT_TRUE(merge.AreEquivalent(ConfigOptions(), &other, &mismatch));
  ASSERT_TRUE(
      other.ConfigureOption(ConfigOptions(), "retention_period", "2y").ok());
  EXPECT_FALSE(merge.AreEquivalent(ConfigOptions(), &other, &mismatch));
  EXPECT_EQ(mismatch, "retention_period");
  std::string value;
  ASSERT_TRUE(
      merge.GetOption(ConfigOptions(), "downsampling_period", &value).ok());
  EXPECT_EQ(value, "30d:5m,180d:1h");
}

TEST(PolicyObject, PartitionerAndCollectorPrintTheShapeAlone) {
  TimePartitionerFactory partitioner;
  SamplePropertiesFactory collector;
  for (rocksdb::Customizable* object :
       std::vector<rocksdb::Customizable*>{&partitioner, &collector}) {
    ASSERT_TRUE(object
                    ->ConfigureFromString(ConfigOptions(),
                                          "retention_period=1y;bucket=1h")
                    .ok());
    std::unordered_map<std::string, std::string> printed;
    std::string text;
    ASSERT_TRUE(object->GetOptionString(ConfigOptions(), &text).ok());
    ASSERT_TRUE(rocksdb::StringToMap(text, &printed).ok());
    EXPECT_EQ(printed, (LivePolicy::Fields{{"bucket", "1h"},
                                           {"partition", "month"},
                                           {"window", "floor"}}));
  }
}

TEST(PolicyObject, AFilterFactoryWithoutAPolicyIsAnError) {
  TierFilterFactory factory;
  const Status status = factory.PrepareOptions(ConfigOptions());
  EXPECT_TRUE(status.IsInvalidArgument());
  EXPECT_NE(status.ToString().find("has no policy"), std::string::npos);
  std::string text;
  ASSERT_TRUE(factory.GetOptionString(ConfigOptions(), &text).ok());
  EXPECT_EQ(text, "") << "a default must not be persisted as if it were given";
  EXPECT_EQ(factory.CreateCompactionFilter({}), nullptr);

  ASSERT_TRUE(
      factory.ConfigureFromString(ConfigOptions(), "retention_period=0").ok());
  EXPECT_TRUE(factory.PrepareOptions(ConfigOptions()).ok());
  EXPECT_NE(factory.CreateCompactionFilter({}), nullptr);
  ASSERT_TRUE(factory.ConfigureFromString(ConfigOptions(), "ageing=off").ok());
  EXPECT_EQ(factory.CreateCompactionFilter({}), nullptr)
      << "ageing=off thins and drops nothing";
}

TEST(PolicyObject, OthersDoWithTheDefaults) {
  EXPECT_TRUE(SampleMergeOperator().PrepareOptions(ConfigOptions()).ok());
  EXPECT_TRUE(TimePartitionerFactory().PrepareOptions(ConfigOptions()).ok());
  EXPECT_TRUE(SamplePropertiesFactory().PrepareOptions(ConfigOptions()).ok());
}

// A SetOptions of one field in both objects of a column family, as RocksDB
// goes through it.
struct ChangeOfBoth {
  LivePolicy* merge;
  LivePolicy* filter;
  ConfigOptions config;

  ChangeOfBoth(LivePolicy* first, LivePolicy* second)
      : merge(first), filter(second) {
    config = LiveChange();
    config.invoke_prepare_options = false;
    config.registry = rocksdb::ObjectRegistry::NewInstance();
  }
  void Propose(const char* field, const char* value) {
    for (const auto& object : {std::make_pair(merge, kMergeOption),
                               std::make_pair(filter, kFilterOption)}) {
      ASSERT_TRUE(SetOptionsCall::Propose(config, object.first, object.second,
                                          {{field, value}})
                      .ok());
    }
  }
  // RocksDB accepts it, and writes and reads its OPTIONS file.
  void Persist(const Policy& policy) {
    config = ConfigOptions();
    ConfigOptions file;
    file.registry = rocksdb::ObjectRegistry::NewInstance();
    for (LivePolicy* live : {merge, filter}) SetOptionsCall::Print(file, *live);
    for (LivePolicy* live : {merge, filter}) {
      ASSERT_TRUE(SetOptionsCall::Compare(file, *live, policy));
    }
  }
};

TEST(LivePolicy, AnotherThreadsChangeComesBetweenTwoObjects) {
  LivePolicy merge(PolicyUse::kAll, PolicyText::kOptional);
  LivePolicy filter(PolicyUse::kAll, PolicyText::kRequired);
  for (LivePolicy* live : {&merge, &filter}) {
    ASSERT_TRUE(live->Change({{"retention_period", "1y"}}, Scope::kAll).ok());
  }
  ChangeOfBoth mine(&merge, &filter);
  mine.Propose("retention_period", "11d");
  ASSERT_TRUE(SetOptionsCall::Prepare(mine.config, &merge, kMergeOption).ok());
  std::thread([&] {
    ChangeOfBoth other(&merge, &filter);
    other.Propose("safety_lag", "12m");
    ASSERT_TRUE(
        SetOptionsCall::Prepare(other.config, &merge, kMergeOption).ok());
    ASSERT_TRUE(
        SetOptionsCall::Prepare(other.config, &filter, kFilterOption).ok());
    Policy policy = merge.Get();
    ASSERT_TRUE(policy.Set("safety_lag", "12m").ok());
    other.Persist(policy);
  }).join();
  ASSERT_EQ(merge.Get().Get("safety_lag"), "12m") << "it is in force";

  const Status status =
      SetOptionsCall::Prepare(mine.config, &filter, kFilterOption);
  ASSERT_TRUE(status.ok()) << status.ToString();
  Policy policy = merge.Get();
  ASSERT_TRUE(policy.Set("retention_period", "11d").ok());
  mine.Persist(policy);
  EXPECT_TRUE(SetOptionsCall::Ended()) << "this thread's came into force";
  EXPECT_FALSE(SetOptionsCall::Ended()) << "and was told of once";
  for (const LivePolicy* live : {&merge, &filter}) {
    EXPECT_EQ(live->Get().Get("safety_lag"), "12m");
    EXPECT_EQ(live->Get().Get("retention_period"), "11d");
  }
}

}  // namespace
}  // namespace varve
