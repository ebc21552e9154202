#include "varve/policy.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>
#include <string>
#include <vector>

namespace varve {
namespace {

constexpr int64_t kMinuteMs = 60 * kMillisPerSecond;

Policy MustParse(const std::string& text) {
  Policy policy;
  const Status status = Policy::Parse(text, &policy);
  EXPECT_TRUE(status.ok()) << text << ": " << status.ToString();
  return policy;
}

// The message that refuses `text`; empty when it is taken.
std::string Refusal(const std::string& text) {
  Policy policy;
  policy.retention_ms = 12345;
  const Policy before = policy;
  const Status status = Policy::Parse(text, &policy);
  EXPECT_EQ(status.ok(), policy != before || text.empty()) << text;
  if (!status.ok()) {
    EXPECT_TRUE(status.IsInvalidArgument()) << text;
    EXPECT_EQ(policy, before) << "a refused text changed the policy";
  }
  return status.ok() ? "" : status.ToString();
}

void ExpectRefused(const std::string& text,
                   const std::vector<std::string>& words) {
  const std::string message = Refusal(text);
  ASSERT_NE(message, "") << text << " was taken";
  for (const std::string& word : words) {
    EXPECT_NE(message.find(word), std::string::npos)
        << text << " gives '" << message << "', without '" << word << "'";
  }
}

TEST(Duration, ReadsWhatPrometheusWrites) {
  const struct {
    const char* text;
    int64_t millis;
  } cases[] = {
      {"0", 0},
      {"0s", 0},
      {"1ms", 1},
      {"15s", 15000},
      {"5m", 5 * kMinuteMs},
      {"1h30m", 90 * kMinuteMs},
      {"30d", 30 * kMillisPerDay},
      {"2w", 14 * kMillisPerDay},
      {"1y", 365 * kMillisPerDay},
      {"1000y", kDurationMaxMs},
      {"1y2w3d4h5m6s7ms", (365 + 14 + 3) * kMillisPerDay + 4 * kMillisPerHour +
                              5 * kMinuteMs + 6007},
  };
  for (const auto& c : cases) {
    int64_t millis = -1;
    EXPECT_TRUE(ParseDuration(c.text, &millis).ok()) << c.text;
    EXPECT_EQ(millis, c.millis) << c.text;
  }
}

TEST(Duration, RefusesAllElseAndNamesIt) {
  for (const char* text : {"",
                           " ",
                           "1",
                           "12",
                           "d",
                           "1d ",
                           " 1d",
                           "-1d",
                           "+1d",
                           "1.5d",
                           "1D",
                           "1M",
                           "1q",
                           "1dd",
                           "1d1d",
                           "5m1h",
                           "1ms1s",
                           "1h 30m",
                           "0x1d",
                           "1e3s",
                           "1000y1ms",
                           "1001y",
                           "99999999999999999999999y",
                           "365001d",
                           "9223372036854775807ms",
                           "9223372036854775808ms",
                           "18446744073709551617ms",
                           "1\xc2\xb5s",
                           "1s\n",
                           "NaN",
                           "none"}) {
    int64_t millis = 42;
    const Status status = ParseDuration(text, &millis);
    EXPECT_TRUE(status.IsInvalidArgument()) << "'" << text << "'";
    EXPECT_NE(status.ToString().find(text), std::string::npos);
    EXPECT_EQ(millis, 42);
  }
  int64_t millis = 42;
  EXPECT_FALSE(ParseDuration(std::string("1d\0", 3), &millis).ok());
}

TEST(Duration, PrintsTheShortestForm) {
  EXPECT_EQ(FormatDuration(0), "0");
  EXPECT_EQ(FormatDuration(365 * kMillisPerDay), "1y");
  EXPECT_EQ(FormatDuration(30 * kMillisPerDay), "30d");
  EXPECT_EQ(FormatDuration(90 * kMinuteMs), "1h30m");
  EXPECT_EQ(FormatDuration(1500), "1s500ms");
}

TEST(Duration, WhatIsPrintedReadsBack) {
  EXPECT_TRUE(rc::check([] {
    const auto millis = *rc::gen::inRange<int64_t>(0, kDurationMaxMs + 1);
    int64_t back = -1;
    RC_ASSERT(ParseDuration(FormatDuration(millis), &back).ok());
    RC_ASSERT(back == millis);
  }));
}

TEST(Duration, AnyBytesAreSafe) {
  EXPECT_TRUE(rc::check([] {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::oneOf(rc::gen::elementOf(std::string("0123456789ywdhms")),
                       rc::gen::arbitrary<char>()));
    int64_t millis = -1;
    if (ParseDuration(text, &millis).ok()) {
      RC_ASSERT(millis >= 0 && millis <= kDurationMaxMs);
    }
  }));
}

TEST(Policy, DefaultsAreThoseOfTheTable) {
  const Policy policy = MustParse("");
  EXPECT_EQ(policy, Policy());
  EXPECT_EQ(policy.ToString(),
            "downsampling_period=none;dedup_interval=0;retention_period=0;"
            "bucket=1d;partition=month;window=floor;safety_lag=1h;"
            "future_limit=2d;ageing=on");
  EXPECT_FALSE(policy.ThinsOrDrops());
  EXPECT_TRUE(policy.Warnings().empty());
}

TEST(Policy, ReadsEveryField) {
  const Policy policy = MustParse(
      " downsampling_period = 180d:1h , 30d:5m ; dedup_interval=15s;"
      "retention_period=1y;bucket=1h;partition=week;window=ceil;"
      "safety_lag=10m;future_limit=0;ageing=off;;");
  ASSERT_EQ(policy.tiers.size(), 2u);
  EXPECT_EQ(policy.tiers[0], (Tier{30 * kMillisPerDay, 5 * kMinuteMs}))
      << "tiers are sorted by interval, whatever their order in the text";
  EXPECT_EQ(policy.tiers[1], (Tier{180 * kMillisPerDay, kMillisPerHour}));
  EXPECT_EQ(policy.dedup_interval_ms, 15000);
  EXPECT_EQ(policy.retention_ms, 365 * kMillisPerDay);
  EXPECT_EQ(policy.shape.bucket_width_ms, kMillisPerHour);
  EXPECT_EQ(policy.shape.partition, Partition::kWeek);
  EXPECT_EQ(policy.shape.window, WindowRule::kCeil);
  EXPECT_EQ(policy.safety_lag_ms, 10 * kMinuteMs);
  EXPECT_EQ(policy.future_limit_ms, 0);
  EXPECT_FALSE(policy.ageing);
}

TEST(Policy, RefusesBadSyntax) {
  ExpectRefused("retention_period", {"retention_period", "name=value"});
  ExpectRefused("=1y", {"''", "known are"});
  ExpectRefused("retention=1y", {"'retention'", "retention_period"});
  ExpectRefused("Bucket=1d", {"'Bucket'"});
  ExpectRefused("bucket=1d;window=ceil;bucket=1d", {"bucket", "twice"});
  ExpectRefused("{bucket=1d}", {"'{bucket'"});
  ExpectRefused("retention_period=", {"retention_period", "empty"});
  ExpectRefused("retention_period=12", {"12", "without a unit"});
  ExpectRefused("retention_period=1y=2y", {"1y=2y"});
  ExpectRefused("retention_period=1001y", {"1001y", "above 1000y"});
  ExpectRefused("partition=year", {"partition=year", "month"});
  ExpectRefused("partition=", {"partition="});
  ExpectRefused("window=round", {"window=round", "ceil"});
  ExpectRefused("ageing=true", {"ageing=true", "on or off"});
}

TEST(Policy, RefusesBadTiers) {
  ExpectRefused("downsampling_period=", {"downsampling_period", "not a tier"});
  ExpectRefused("downsampling_period=5m", {"'5m'", "offset:interval"});
  ExpectRefused("downsampling_period=30d:5m:1h", {"30d:5m:1h"});
  ExpectRefused("downsampling_period=30d:5m,", {"''"});
  ExpectRefused("downsampling_period=,30d:5m", {"''"});
  ExpectRefused("downsampling_period=none,30d:5m", {"'none'"});
  ExpectRefused("downsampling_period=0:5m", {"0:5m", "zero"});
  ExpectRefused("downsampling_period=0s:5m", {"0s:5m", "zero"});
  ExpectRefused("downsampling_period=30d:0", {"30d:0", "zero"});
  ExpectRefused("downsampling_period=30d:5", {"'5'", "unit"});
  ExpectRefused("downsampling_period={__name__=~\"a.*\"}:30d:5m", {"tier"});
  ExpectRefused("downsampling_period=30d:5m,60d:5m",
                {"two tiers", "interval 5m"});
  ExpectRefused("downsampling_period=30d:5m,30d:5m", {"two tiers"});
  ExpectRefused("downsampling_period=30d:300s,60d:5m", {"two tiers"});
  ExpectRefused(
      "downsampling_period=1d:1s,2d:2s,3d:4s,4d:8s,5d:16s,6d:32s,7d:64s,"
      "8d:128s,9d:256s",
      {"more than 8 tiers"});
}

TEST(Policy, RefusesIntervalsThatDoNotDivide) {
  ExpectRefused("dedup_interval=7s;downsampling_period=30d:5m",
                {"dedup_interval 7s", "interval 5m", "divides"});
  ExpectRefused("downsampling_period=30d:5m,60d:7m",
                {"interval 5m", "interval 7m"});
  ExpectRefused("downsampling_period=30d:5m,60d:10m,90d:15m",
                {"interval 10m", "interval 15m"});
  ExpectRefused("downsampling_period=30d:7h", {"interval 7h", "the bucket 1d"});
  ExpectRefused("downsampling_period=30d:2d", {"interval 2d", "the bucket 1d"});
  ExpectRefused("bucket=1h;dedup_interval=7s",
                {"dedup_interval 7s", "the bucket 1h"});
  ExpectRefused("dedup_interval=1h;downsampling_period=30d:5m",
                {"dedup_interval 1h", "interval 5m"});
  MustParse("dedup_interval=5m;downsampling_period=30d:5m");
  MustParse("bucket=1h;downsampling_period=30d:1h");
}

TEST(Policy, RefusesBucketsOutsideTheRules) {
  ExpectRefused("bucket=0", {"bucket=0", "1s to 366d"});
  ExpectRefused("bucket=999ms", {"999ms"});
  ExpectRefused("partition=none;bucket=367d", {"1y2d", "366d"});
  ExpectRefused("bucket=1s500ms", {"1s500ms", "whole number of seconds"});
  ExpectRefused("bucket=7h", {"7h", "partition=month", "1d"});
  ExpectRefused("bucket=7d", {"7d", "partition=month"});
  ExpectRefused("partition=day;bucket=2d", {"2d", "partition=day"});
  ExpectRefused("partition=week;bucket=2d", {"2d", "partition=week", "7d"});
  MustParse("partition=week;bucket=7d");
  MustParse("partition=week;bucket=1d");
  MustParse("partition=none;bucket=7h;downsampling_period=none");
  MustParse("partition=none;bucket=366d");
}

TEST(Policy, ValidatesWhatWasFilledInByHand) {
  const auto refused = [](const std::function<void(Policy*)>& change) {
    Policy policy = MustParse("downsampling_period=30d:5m,180d:1h");
    change(&policy);
    return policy.Validate().IsInvalidArgument();
  };
  EXPECT_FALSE(refused([](Policy*) {}));
  EXPECT_TRUE(refused([](Policy* p) { p->tiers[0].interval_ms = 0; }));
  EXPECT_TRUE(refused([](Policy* p) { p->tiers[0].interval_ms = -1; }));
  EXPECT_TRUE(refused([](Policy* p) { p->tiers[1].offset_ms = INT64_MIN; }));
  EXPECT_TRUE(refused([](Policy* p) { std::swap(p->tiers[0], p->tiers[1]); }));
  EXPECT_TRUE(refused([](Policy* p) { p->tiers[1] = p->tiers[0]; }));
  EXPECT_TRUE(refused([](Policy* p) { p->tiers.resize(100); }));
  EXPECT_TRUE(refused([](Policy* p) { p->dedup_interval_ms = -1; }));
  EXPECT_TRUE(refused([](Policy* p) { p->retention_ms = INT64_MAX; }));
  EXPECT_TRUE(refused([](Policy* p) { p->safety_lag_ms = -1; }));
  EXPECT_TRUE(refused([](Policy* p) { p->future_limit_ms = INT64_MIN; }));
  EXPECT_TRUE(refused([](Policy* p) { p->shape.bucket_width_ms = 0; }));
  EXPECT_TRUE(refused([](Policy* p) { p->shape.bucket_width_ms = -1000; }));
}

TEST(Policy, WarnsOfWhatIsUnlikelyToBeMeant) {
  const struct {
    const char* text;
    const char* word;  // nullptr: no warning
  } cases[] = {
      {"downsampling_period=30d:5m,180d:1h;retention_period=1y", nullptr},
      {"downsampling_period=180d:5m,30d:1h", "180d:5m never applies"},
      {"downsampling_period=30d:5m,30d:1h", "30d:5m never applies"},
      {"downsampling_period=7m:5m", "not a multiple"},
      {"downsampling_period=1h:1m;dedup_interval=1m", "1h:1m changes nothing"},
      {"downsampling_period=1h:1m;dedup_interval=30s", nullptr},
      {"downsampling_period=30d:5m;retention_period=7d",
       "retention_period is 7d"},
      {"downsampling_period=30d:5m;partition=none", "partition=none"},
      {"retention_period=1y;partition=none", "partition=none"},
      {"dedup_interval=5s;partition=none", nullptr},
      {"retention_period=2h", "less than the bucket"},
      {"retention_period=1y;safety_lag=0", "safety_lag=0"},
      {"retention_period=1y;ageing=off", "ageing=off"},
      {"safety_lag=0;ageing=off", nullptr},
  };
  for (const auto& c : cases) {
    std::string all;
    for (const std::string& warning : MustParse(c.text).Warnings()) {
      all += warning + "\n";
    }
    if (c.word == nullptr) {
      EXPECT_EQ(all, "") << c.text;
    } else {
      EXPECT_NE(all.find(c.word), std::string::npos) << c.text << ": " << all;
    }
  }
}

TEST(Policy, DifferenceNamesTheFirstField) {
  const Policy a = MustParse("retention_period=1y;bucket=1h");
  const Policy b = MustParse("retention_period=2y;bucket=1d");
  EXPECT_EQ(a.Difference(b, "here", "there"),
            "retention_period is 1y here and 2y there");
  EXPECT_EQ(a.Difference(a, "here", "there"), "");
}

// ------------------------------------------------------------- properties

rc::Gen<Policy> AnyPolicy() {
  return rc::gen::exec([] {
    Policy policy;
    policy.shape.partition = *rc::gen::element(
        Partition::kNone, Partition::kDay, Partition::kWeek, Partition::kMonth);
    policy.shape.window =
        *rc::gen::element(WindowRule::kFloor, WindowRule::kCeil);
    policy.shape.bucket_width_ms =
        *rc::gen::element<int64_t>(1, 6, 24) * kMillisPerHour;
    int64_t interval =
        *rc::gen::element<int64_t>(1, 40, 1000, 5000, 15000, 60000);
    if (*rc::gen::arbitrary<bool>()) policy.dedup_interval_ms = interval;
    const int count = *rc::gen::inRange(0, 5);
    for (int i = 0; i < count; ++i) {
      interval *= *rc::gen::element<int64_t>(2, 3, 5);
      if (policy.shape.bucket_width_ms % interval != 0) break;
      policy.tiers.push_back(
          {*rc::gen::inRange<int64_t>(1, kDurationMaxMs), interval});
    }
    policy.retention_ms = *rc::gen::inRange<int64_t>(0, kDurationMaxMs + 1);
    policy.safety_lag_ms = *rc::gen::inRange<int64_t>(0, kDurationMaxMs + 1);
    policy.future_limit_ms = *rc::gen::inRange<int64_t>(0, kDurationMaxMs + 1);
    policy.ageing = *rc::gen::arbitrary<bool>();
    return policy;
  });
}

TEST(Policy, WhatIsPrintedReadsBackAndPrintsTheSame) {
  EXPECT_TRUE(rc::check([] {
    const Policy policy = *AnyPolicy();
    RC_ASSERT(policy.Validate().ok());
    const std::string text = policy.ToString();
    Policy back;
    RC_ASSERT(Policy::Parse(text, &back).ok());
    RC_ASSERT(back == policy);
    RC_ASSERT(back.ToString() == text);
  }));
}

TEST(Policy, FieldsMayComeInAnyOrder) {
  EXPECT_TRUE(rc::check([] {
    const Policy policy = *AnyPolicy();
    std::vector<std::string> names = PolicyFieldNames();
    std::string text;
    while (!names.empty()) {
      const auto at = *rc::gen::inRange<size_t>(0, names.size());
      text += names[at] + "=" + policy.Get(names[at]) + ";";
      names.erase(names.begin() + static_cast<std::ptrdiff_t>(at));
    }
    Policy back;
    RC_ASSERT(Policy::Parse(text, &back).ok());
    RC_ASSERT(back == policy);
  }));
}

TEST(Policy, AnyBytesAreSafe) {
  EXPECT_TRUE(rc::check([] {
    std::string text = *rc::gen::container<std::string>(
        rc::gen::oneOf(rc::gen::elementOf(std::string("0123456789ywdhms:,;=")),
                       rc::gen::arbitrary<char>()));
    if (*rc::gen::arbitrary<bool>()) {
      text = *rc::gen::elementOf(PolicyFieldNames()) + "=" + text;
    }
    Policy policy;
    if (Policy::Parse(text, &policy).ok()) {
      RC_ASSERT(policy.Validate().ok());
    }
  }));
}

}  // namespace
}  // namespace varve
