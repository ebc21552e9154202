// What timestamp_codec.h promises of timestamps that are encoded here; of
// stored and of damaged bytes see timestamp_golden_test.
#include "format/timestamps/timestamp_codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "format/timestamps/timestamp_format.h"
#include "tests/format/timestamps/timestamp_cases.h"

namespace varve {
namespace {

using namespace timestamp_cases;  // NOLINT: a test's own cases

constexpr Profile kProfiles[] = {Profile::kFast, Profile::kCompact,
                                 Profile::kSmallest};

void ExpectRoundTrip(const Timestamps& timestamps) {
  for (const Profile profile : kProfiles) {
    const std::string column = Encode(timestamps, profile);
    Timestamps decoded;
    const Status status =
        Decode(column, timestamps[0], timestamps.size(), &decoded);
    ASSERT_TRUE(status.ok()) << status.ToString();
    ASSERT_EQ(decoded, timestamps);
  }
}

double BitsEach(const Timestamps& timestamps, Profile profile) {
  return static_cast<double>(Encode(timestamps, profile).size()) * 8 /
         static_cast<double>(timestamps.size());
}

TEST(TimestampCodec, EveryKindOfTimestampsComesBack) {
  for (const TimestampCase& c : Cases()) {
    SCOPED_TRACE(c.name);
    ExpectRoundTrip(c.timestamps);
  }
}

TEST(TimestampCodec, EveryLevelWritesAndReadsTheSame) {
  for (const TimestampCase& c : Cases()) {
    SCOPED_TRACE(c.name);
    for (const Profile profile : kProfiles) {
      const std::string plain = Encode(c.timestamps, profile, CpuLevel::kPlain);
      ASSERT_EQ(Encode(c.timestamps, profile), plain);
      Timestamps decoded;
      ASSERT_TRUE(Decode(plain, c.timestamps[0], c.timestamps.size(), &decoded,
                         CpuLevel::kPlain)
                      .ok());
      ASSERT_EQ(decoded, c.timestamps);
    }
  }
}

TEST(TimestampCodec, AnEncoderRemembersNothing) {
  TimestampEncoder encoder;
  for (const TimestampCase& c : Cases()) {
    for (const Profile profile : kProfiles) {
      std::string column = "before";
      encoder.Encode(c.timestamps.data(), c.timestamps.size(), profile,
                     &column);
      ASSERT_EQ(column, "before" + Encode(c.timestamps, profile)) << c.name;
    }
  }
}

// So that a part can store one column for many series and days.
TEST(TimestampCodec, ColumnDoesNotDependOnTheFirstTimestamp) {
  for (const TimestampCase& c : Cases()) {
    const auto shift = static_cast<int64_t>(0x123456789abc);
    if (c.timestamps.back() > kMost - shift) continue;
    Timestamps later = c.timestamps;
    for (int64_t& t : later) t += shift;
    for (const Profile profile : kProfiles) {
      EXPECT_EQ(Encode(c.timestamps, profile), Encode(later, profile))
          << c.name;
    }
  }
}

RC_GTEST_PROP(TimestampCodec, AnyAscendingSequenceComesBack, ()) {
  const auto set = *rc::gen::nonEmpty(rc::gen::arbitrary<std::set<int64_t>>());
  ExpectRoundTrip(Timestamps(set.begin(), set.end()));
}

// Steps of all sizes side by side, sums modulo 2^64 included: a random number
// of random bits each.
TEST(TimestampCodec, RandomStepsComeBack) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    CaseSource source(seed);
    const uint64_t bits_max = 1 + source.Below(63);
    const size_t count = 1 + source.Below(source.OneIn(4) ? 8192 : 600);
    const uint64_t common = source.Bits() >> (63 - source.Below(40));
    Timestamps timestamps = {source.OneIn(3) ? kLeast : kStart};
    while (timestamps.size() < count) {
      uint64_t step = common;
      if (source.OneIn(1 + seed % 9)) {
        step = source.Bits() >> (63 - source.Below(bits_max));
      }
      const uint64_t room = static_cast<uint64_t>(kMost) -
                            static_cast<uint64_t>(timestamps.back());
      if (step == 0 || step > room) break;
      timestamps.push_back(static_cast<int64_t>(
          static_cast<uint64_t>(timestamps.back()) + step));
    }
    ExpectRoundTrip(timestamps);
  }
}

TEST(TimestampCodec, SmallRegularColumnsTakeTwoOrThreeBytes) {
  EXPECT_EQ(Encode({kStart}, Profile::kFast).size(), 0u);
  for (const size_t count : {2, 3, 8, 16}) {
    for (const int64_t step : {1, 100, 1000, 10000, 15000, 60000, 300000}) {
      EXPECT_LE(Encode(Regular(count, step), Profile::kFast).size(), 3u)
          << step;
    }
  }
}

// Bits a timestamp, whatever the seed: the choice is by a sample, and once
// took steps for a line by chance.
TEST(TimestampCodec, TakesNoMoreThanItsTable) {
  EXPECT_LE(BitsEach(Regular(8192, 15000), Profile::kFast), .015);
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Timestamps missing = Scrapes(8192, 15000, 0, 100, seed);
    EXPECT_LE(BitsEach(missing, Profile::kFast), .22);
    EXPECT_LE(BitsEach(missing, Profile::kCompact), .22);
    const Timestamps jitter_1 = Scrapes(8192, 15000, 16, 0, seed);
    EXPECT_LE(BitsEach(jitter_1, Profile::kFast), 3.0);
    EXPECT_LE(BitsEach(jitter_1, Profile::kCompact), 2.74);
    const Timestamps jitter_5 = Scrapes(8192, 15000, 80, 0, seed);
    EXPECT_LE(BitsEach(jitter_5, Profile::kFast), 5.15);
    EXPECT_LE(BitsEach(jitter_5, Profile::kCompact), 4.47);
  }
}

// Operands: of steps alone, a bit a timestamp above the best. One missing
// scrape is an exception, no wider step for all.
TEST(TimestampCodec, ShortFastColumnsArePackedSteps) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    for (const size_t count : {size_t{8}, size_t{16}, kGroupValues + 1}) {
      const std::string column =
          Encode(Scrapes(count, 15000, 21, 0, seed), Profile::kFast);
      EXPECT_EQ(column[0], kDeltaPacked);
      EXPECT_LE(column.size(), 5 + ((count - 1) * 6 + 7) / 8) << count;
    }
    Timestamps gap = Scrapes(16, 15000, 21, 0, seed);
    for (size_t i = 9; i < 16; ++i) gap[i] += 15000;
    EXPECT_LE(Encode(gap, Profile::kFast).size(), 5u + 12 + 6);
  }
}

TEST(TimestampCodec, NeedsNoMemoryWhereTheStringHasRoom) {
  const Timestamps timestamps = Regular(16, 15000);
  std::string column;
  column.reserve(100);
  const char* const bytes = column.data();
  TimestampEncoder().Encode(timestamps.data(), 16, Profile::kFast, &column);
  EXPECT_EQ(column.data(), bytes);
}

TEST(TimestampCodec, FindsTheFirstTimestampFromATimeOn) {
  for (const TimestampCase& c : Cases()) {
    for (const Profile profile : {Profile::kFast, Profile::kCompact}) {
      const std::string column = Encode(c.timestamps, profile);
      const size_t count = c.timestamps.size();
      TimestampDecoder decoder;
      std::vector<int64_t> times = {kLeast, kMost, 0};
      std::vector<size_t> indices = {0, count / 2, count - 1};
      for (size_t i = 0; i < count; i += 1 + count / 40) indices.push_back(i);
      for (size_t i = 256; i < count; i += 256) indices.push_back(i);
      for (const size_t i : indices) {
        const int64_t t = c.timestamps[i];
        times.push_back(t);
        if (t > kLeast) times.push_back(t - 1);
        if (t < kMost) times.push_back(t + 1);
      }
      for (const int64_t t : times) {
        TimestampRange range;
        ASSERT_TRUE(decoder
                        .DecodeRange(column, c.timestamps[0], count, {t, t},
                                     nullptr, &range)
                        .ok());
        const auto expected =
            std::lower_bound(c.timestamps.begin(), c.timestamps.end(), t);
        EXPECT_EQ(range.begin,
                  static_cast<size_t>(expected - c.timestamps.begin()))
            << c.name << " from " << t;
      }
    }
  }
}

TEST(TimestampCodec, TellsAConstantStepWithoutDecoding) {
  for (const TimestampCase& c : Cases()) {
    const std::string column = Encode(c.timestamps, Profile::kFast);
    const size_t count = c.timestamps.size();
    bool constant = count >= 2;
    const uint64_t first_step =
        count < 2 ? 0
                  : static_cast<uint64_t>(c.timestamps[1]) -
                        static_cast<uint64_t>(c.timestamps[0]);
    for (size_t i = 2; i < count; ++i) {
      constant &= static_cast<uint64_t>(c.timestamps[i]) -
                      static_cast<uint64_t>(c.timestamps[i - 1]) ==
                  first_step;
    }
    uint64_t step = 0;
    EXPECT_EQ(ReadConstantStep(column, c.timestamps[0], count, &step), constant)
        << c.name;
    if (constant) {
      EXPECT_EQ(step, first_step);
    }
  }
  uint64_t step;
  EXPECT_FALSE(ReadConstantStep(Encode(Regular(9, 7), Profile::kFast),
                                kMost - 8 * 7 + 1, 9, &step));
  EXPECT_TRUE(ReadConstantStep(Encode(Regular(9, 7), Profile::kFast),
                               kMost - 8 * 7, 9, &step));
}

}  // namespace
}  // namespace varve
