// EncodeRowKey, EncodeSamples and DecodeSamples: what a service uses that
// builds rows by itself.
#include <gtest/gtest.h>

#include "format/coding/value_bits.h"
#include "format/row/row_key.h"
#include "format/row/sample_block.h"
#include "tests/format/row/block_cases.h"
#include "tests/random_source.h"
#include "varve/varve.h"

namespace varve {
namespace {

constexpr int64_t kDay = kMillisPerDay;

std::string MustEncode(const std::vector<Sample>& samples) {
  std::string operand;
  EXPECT_EQ(EncodeSamples(RowShape(), samples.data(), samples.size(), &operand)
                .ToString(),
            "OK");
  return operand;
}

std::string Container(const std::vector<std::string>& entries) {
  return block_cases::EncodeContainer(entries);
}

std::vector<std::pair<int64_t, double>> Pairs(
    const std::vector<Sample>& samples) {
  std::vector<std::pair<int64_t, double>> pairs;
  for (const Sample& s : samples) pairs.emplace_back(s.timestamp_ms, s.value);
  return pairs;
}

using P = std::vector<std::pair<int64_t, double>>;

// A bucket of 1.5 s was written as one of 1 s, so that nobody could read the
// operand back, and one of no width ended the program.
TEST(EncodeSamples, ShapesThatNoPolicyCanHaveAreRefused) {
  const Sample sample{5 * kDay, 1};
  const auto refused = [&](int64_t width_ms, Partition partition) {
    RowShape shape;
    shape.bucket_width_ms = width_ms;
    shape.partition = partition;
    std::string operand, key;
    const Status status = EncodeSamples(shape, &sample, 1, &operand);
    EXPECT_EQ(EncodeRowKey(shape, "cpu", sample.timestamp_ms, &key).code(),
              status.code());
    EXPECT_EQ(operand.empty(), key.empty());
    return status.IsInvalidArgument();
  };
  for (const int64_t width :
       {int64_t{0}, int64_t{-1}, int64_t{-1000}, int64_t{999}, int64_t{1500},
        int64_t{INT64_MIN}, kBucketWidthMaxMs + 1000}) {
    EXPECT_TRUE(refused(width, Partition::kNone)) << width;
  }
  EXPECT_TRUE(refused(7 * kDay, Partition::kMonth));
  EXPECT_TRUE(refused(5 * kMillisPerHour, Partition::kDay));
  EXPECT_FALSE(refused(kBucketWidthMaxMs, Partition::kNone));
  EXPECT_FALSE(refused(7 * kDay, Partition::kWeek));
  EXPECT_FALSE(refused(1000, Partition::kDay));
}

TEST(EncodeRowKey, NamesTheRowOfTheTimestampsBucket) {
  std::string at_start, at_end, next;
  ASSERT_TRUE(EncodeRowKey(RowShape(), "cpu", 5 * kDay, &at_start).ok());
  ASSERT_TRUE(EncodeRowKey(RowShape(), "cpu", 6 * kDay - 1, &at_end).ok());
  ASSERT_TRUE(EncodeRowKey(RowShape(), "cpu", 6 * kDay, &next).ok());
  EXPECT_EQ(at_start, at_end);
  EXPECT_LT(at_end, next);
  ParsedRowKey parsed;
  ASSERT_TRUE(ParseRowKey(RowShape(), next, &parsed));
  EXPECT_EQ(parsed.series(), "cpu");
  EXPECT_EQ(parsed.bucket_start_ms, 6 * kDay);
}

TEST(EncodeRowKey, RefusesBadSeriesAndTimestamps) {
  std::string key = "before";
  EXPECT_TRUE(EncodeRowKey(RowShape(), "", 0, &key).IsInvalidArgument());
  EXPECT_TRUE(
      EncodeRowKey(RowShape(), std::string(kSeriesBytesMax + 1, 'x'), 0, &key)
          .IsInvalidArgument());
  EXPECT_TRUE(EncodeRowKey(RowShape(), "a", -1, &key).IsInvalidArgument());
  EXPECT_TRUE(EncodeRowKey(RowShape(), "a", kTimestampMax + 1, &key)
                  .IsInvalidArgument());
  EXPECT_EQ(key, "before");
}

TEST(EncodeSamples, LastWriteOfATimestampStaysInOrderOfTime) {
  const std::string operand =
      MustEncode({{30, 1}, {10, 2}, {30, 3}, {20, 4}, {10, 5}});
  std::vector<Sample> samples;
  ASSERT_TRUE(DecodeSamples(operand, &samples).ok());
  EXPECT_EQ(Pairs(samples), (P{{10, 5}, {20, 4}, {30, 3}}));
}

TEST(EncodeSamples, ABlockSaysWhichRowItBelongsTo) {
  BlockHeader header;
  ASSERT_TRUE(PeekBlock(MustEncode({{3 * kDay + 5, 1}}), &header).ok());
  EXPECT_EQ(header.form, BlockForm::kBlock);
  EXPECT_EQ(header.shape, RowShape());
  EXPECT_EQ(header.bucket_start_ms, 3 * kDay);
}

TEST(EncodeSamples, RefusesNoSamplesTooManyAndSeveralBuckets) {
  std::string operand = "before";
  const std::vector<Sample> two = {{kDay - 1, 1}, {kDay, 2}};
  EXPECT_TRUE(
      EncodeSamples(RowShape(), two.data(), 0, &operand).IsInvalidArgument());
  EXPECT_TRUE(
      EncodeSamples(RowShape(), two.data(), kBlockSamplesMax + 1, &operand)
          .IsInvalidArgument());
  const Status status =
      EncodeSamples(RowShape(), two.data(), two.size(), &operand);
  EXPECT_TRUE(status.IsInvalidArgument());
  EXPECT_NE(status.ToString().find("sample 1"), std::string::npos)
      << status.ToString();
  EXPECT_EQ(operand, "before");

  RowShape ceil;
  ceil.window = WindowRule::kCeil;  // (0, 1d]
  const std::vector<Sample> edge = {{1, 1}, {kDay, 2}};
  EXPECT_TRUE(EncodeSamples(ceil, edge.data(), edge.size(), &operand).ok());
}

TEST(EncodeSamples, EveryFloatComesBackBitForBit) {
  const std::vector<uint64_t>& odd = OddValueBits();
  std::vector<Sample> samples;
  for (size_t i = 0; i < odd.size(); ++i) {
    samples.push_back({static_cast<int64_t>(i), ValueOf(odd[i])});
  }
  std::vector<Sample> back;
  ASSERT_TRUE(DecodeSamples(MustEncode(samples), &back).ok());
  ASSERT_EQ(back.size(), odd.size());
  for (size_t i = 0; i < odd.size(); ++i) {
    EXPECT_EQ(BitsOf(back[i].value), odd[i]);
  }
}

TEST(DecodeSamples, ReadsThePlainForm) {
  block_cases::Samples pairs;
  pairs.Add(20, BitsOf(1));
  pairs.Add(10, BitsOf(2));
  pairs.Add(20, BitsOf(3));
  std::vector<Sample> samples;
  ASSERT_TRUE(DecodeSamples(block_cases::EncodePlain(pairs), &samples).ok());
  EXPECT_EQ(Pairs(samples), (P{{10, 2}, {20, 3}}));
}

TEST(DecodeSamples, AContainersLaterEntriesWinAtAnyDepth) {
  const std::string inner =
      Container({MustEncode({{10, 1}, {20, 1}}), MustEncode({{10, 2}})});
  const std::string outer = Container({MustEncode({{10, 0}, {30, 0}}), inner,
                                       Container({}), MustEncode({{20, 3}})});
  std::vector<Sample> samples;
  ASSERT_TRUE(DecodeSamples(outer, &samples).ok());
  EXPECT_EQ(Pairs(samples), (P{{10, 2}, {20, 3}, {30, 0}}));
}

TEST(DecodeSamples, AppendsOrLeavesAsItWas) {
  std::vector<Sample> samples = {{7, 7}};
  EXPECT_TRUE(
      DecodeSamples(Container({MustEncode({{1, 1}}), "rubbish"}), &samples)
          .IsCorruption());
  EXPECT_TRUE(
      DecodeSamples(Slice("\xa7\x63newer", 7), &samples).IsNotSupported());
  EXPECT_TRUE(DecodeSamples("", &samples).IsCorruption());
  EXPECT_EQ(Pairs(samples), (P{{7, 7}}));
  ASSERT_TRUE(DecodeSamples(MustEncode({{1, 1}}), &samples).ok());
  EXPECT_EQ(Pairs(samples), (P{{7, 7}, {1, 1}}));
}

// Recursion into containers once could have ended a host's stack.
TEST(DecodeSamples, ContainersNestedVeryDeepAreOpened) {
  constexpr size_t kDepth = 20000;
  std::string bytes = MustEncode({{1, 2}});
  for (size_t i = 0; i < kDepth; ++i) bytes = Container({bytes});
  std::vector<Sample> samples;
  ASSERT_TRUE(DecodeSamples(bytes, &samples).ok());
  EXPECT_EQ(Pairs(samples), (P{{1, 2}}));
}

TEST(DecodeSamples, AnyBytesAreSafe) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  std::vector<Sample> written;
  for (int64_t i = 0; i < 300; ++i) {
    written.push_back({i * 15000, ValueOf(random.ValueBits())});
  }
  const std::string valid =
      Container({MustEncode(written), MustEncode({{5, 5}})});
  std::vector<Sample> samples;
  for (size_t cut = 0; cut < valid.size(); ++cut) {
    samples.clear();
    DecodeSamples(Slice(valid.data(), cut), &samples).PermitUncheckedError();
  }
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = valid;
    for (uint64_t flips = random.Below(4) + 1; flips > 0; --flips) {
      bytes[random.Below(bytes.size())] ^= static_cast<char>(random.Bits());
    }
    samples.clear();
    const Status status = DecodeSamples(bytes, &samples);
    EXPECT_TRUE(status.ok() || samples.empty());
  }
}

}  // namespace
}  // namespace varve
