// Blocks and plain blocks: what goes in comes out, bit for bit, by ranges
// too, and the header says what is in them.
#include "format/row/sample_block.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "format/row/block_header.h"
#include "tests/format/row/block_cases.h"

namespace varve {
namespace {

using block_cases::EncodeBlock;
using block_cases::EncodePlain;
using block_cases::FromRun;
using block_cases::Samples;

constexpr int64_t kBucket = 19782 * kMillisPerDay;  // 2024-02-29

BlockSpec SpecOf(int64_t width_ms, Partition partition, WindowRule window,
                 int64_t near_ms = kBucket) {
  BlockSpec spec;
  spec.shape.bucket_width_ms = width_ms;
  spec.shape.partition = partition;
  spec.shape.window = window;
  spec.bucket_start_ms = spec.shape.BucketStart(near_ms);
  return spec;
}

// Every shape's corners: widths, partitions, windows, first and last buckets.
std::vector<BlockSpec> AllSpecs() {
  std::vector<BlockSpec> specs;
  for (const int64_t width :
       {kMillisPerHour, kMillisPerDay, 7 * kMillisPerDay, kBucketWidthMaxMs}) {
    for (const auto partition : {Partition::kNone, Partition::kDay,
                                 Partition::kWeek, Partition::kMonth}) {
      for (const auto window : {WindowRule::kFloor, WindowRule::kCeil}) {
        for (const int64_t near : {kTimestampMin, kBucket, kTimestampMax}) {
          specs.push_back(SpecOf(width, partition, window, near));
        }
      }
    }
  }
  return specs;
}

enum class Pace { kRegular, kJittered };

// `count` samples over the whole valid part of the bucket, its first and last
// millisecond among them when there are two or more.
Samples SpreadOver(const BlockSpec& spec, size_t count, Pace pace,
                   RandomSource* random) {
  const int64_t first =
      std::max(kTimestampMin, spec.shape.BucketFirst(spec.bucket_start_ms));
  const int64_t last =
      std::min(kTimestampMax, spec.shape.BucketLast(spec.bucket_start_ms));
  Samples samples;
  const int64_t step =
      count < 2 ? 1 : (last - first) / static_cast<int64_t>(count - 1);
  if (step == 0) return samples;  // more samples than milliseconds
  for (size_t i = 0; i < count; ++i) {
    int64_t t = first + static_cast<int64_t>(i) * step;
    if (pace == Pace::kJittered && i > 0) {
      t -= static_cast<int64_t>(random->Below(static_cast<uint64_t>(step)));
    }
    if (count > 1 && i + 1 == count) t = last;
    const auto& odd = OddValueBits();
    samples.Add(t, i % 3 == 0 ? odd[i / 3 % odd.size()] : random->Bits());
  }
  return samples;
}

void ExpectPeek(const std::string& block, const BlockSpec& spec,
                const Samples& samples) {
  BlockHeader header;
  const Status status = PeekBlock(block, &header);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(header.form, BlockForm::kBlock);
  EXPECT_EQ(header.sample_count, samples.size());
  EXPECT_TRUE(header.shape == spec.shape);
  EXPECT_EQ(header.bucket_start_ms, spec.bucket_start_ms);
  if (samples.size() > 0) {
    EXPECT_EQ(header.first_timestamp_ms, samples.timestamps.front());
    EXPECT_EQ(header.last_timestamp_ms, samples.timestamps.back());
  }
  ASSERT_EQ(header.thinned_count, spec.thinned_count);
  for (size_t i = 0; i < spec.thinned_count; ++i) {
    EXPECT_TRUE(header.thinned[i] == spec.thinned[i]);
  }
  EXPECT_EQ(header.header_bytes + header.timestamp_bytes + header.value_bytes,
            block.size());
  EXPECT_LE(header.header_bytes, kBlockHeaderBytesMax);
}

void ExpectRoundTrip(const BlockSpec& spec, const Samples& samples) {
  const std::string block = EncodeBlock(spec, samples);
  ASSERT_NO_FATAL_FAILURE(ExpectPeek(block, spec, samples));
  SampleRun run;
  const Status status = BlockDecoder().Decode(block, &run);
  ASSERT_TRUE(status.ok()) << status.ToString();
  ASSERT_TRUE(FromRun(run) == samples);
}

TEST(SampleBlock, RoundTripsAtEveryCountInEveryShape) {
  RandomSource random(1);
  for (const BlockSpec& spec : AllSpecs()) {
    for (const size_t count : {0, 1, 2, 16, 8191, 8192, 8193}) {
      for (const Pace pace : {Pace::kRegular, Pace::kJittered}) {
        SCOPED_TRACE(std::to_string(count) + " samples from " +
                     std::to_string(spec.bucket_start_ms));
        ASSERT_NO_FATAL_FAILURE(
            ExpectRoundTrip(spec, SpreadOver(spec, count, pace, &random)));
      }
    }
  }
}

TEST(SampleBlock, RoundTripsEveryOddValueAlone) {
  const BlockSpec spec =
      SpecOf(kMillisPerDay, Partition::kMonth, WindowRule::kFloor);
  for (const uint64_t bits : OddValueBits()) {
    for (const size_t count : {1, 2, 100}) {
      Samples samples;
      for (size_t i = 0; i < count; ++i) {
        samples.Add(kBucket + static_cast<int64_t>(i) * 15000, bits);
      }
      ASSERT_NO_FATAL_FAILURE(ExpectRoundTrip(spec, samples));
    }
  }
}

TEST(SampleBlock, RoundTripsManyPiecesInEveryProfile) {
  RandomSource random(2);
  BlockSpec spec = SpecOf(kMillisPerDay, Partition::kMonth, WindowRule::kCeil);
  const Samples samples = SpreadOver(spec, 100000, Pace::kJittered, &random);
  for (const auto profile :
       {Profile::kFast, Profile::kCompact, Profile::kSmallest}) {
    spec.profile = profile;
    ASSERT_NO_FATAL_FAILURE(ExpectRoundTrip(spec, samples));
  }
}

TEST(SampleBlock, EncodingIsAppendedAndDeterministic) {
  RandomSource random(3);
  const BlockSpec spec =
      SpecOf(kMillisPerDay, Partition::kNone, WindowRule::kFloor);
  BlockEncoder encoder;  // kept: scratch of one block must not show in another
  for (const size_t count : {3, 9000, 1, 0, 200, 3}) {
    const Samples samples = SpreadOver(spec, count, Pace::kJittered, &random);
    std::string out = "before";
    encoder.Encode(spec, samples.timestamps.data(), samples.value_bits.data(),
                   samples.size(), &out);
    EXPECT_EQ(out, "before" + EncodeBlock(spec, samples));
  }
}

TEST(SampleBlock, HeaderKeepsThinnedIntervals) {
  RandomSource random(4);
  for (BlockSpec spec : AllSpecs()) {
    const int64_t width = spec.shape.bucket_width_ms;
    for (size_t n = 0; n <= kThinnedIntervalsMax; ++n) {
      spec.thinned_count = n;
      for (size_t i = 0; i < n; ++i) {
        // Each divides the next, and the last an hour.
        constexpr int64_t kIntervals[kThinnedIntervalsMax] = {
            125, 250, 500, 1000, 2000, 10000, 30000, 120000, 720000};
        const int64_t interval = kIntervals[i];
        const int64_t windows = width / interval;
        spec.thinned[i].interval_ms = interval;
        spec.thinned[i].up_to_ms =
            spec.bucket_start_ms + (windows - (i == 0 ? 0 : 1)) * interval;
      }
      ASSERT_NO_FATAL_FAILURE(
          ExpectRoundTrip(spec, SpreadOver(spec, 5, Pace::kRegular, &random)));
      ASSERT_NO_FATAL_FAILURE(
          ExpectRoundTrip(spec, SpreadOver(spec, 1, Pace::kRegular, &random)));
    }
  }
}

// Whatever thinned intervals an encoder is told, the header can be read, and
// says what of them makes sense.
TEST(SampleBlock, NoThinnedIntervalsMakeAHeaderUnreadable) {
  RandomSource random(5);
  size_t kept = 0;
  size_t left_out = 0;
  const std::vector<BlockSpec> specs = AllSpecs();
  for (int round = 0; round < 20000; ++round) {
    BlockSpec spec = specs[random.Below(specs.size())];
    const int64_t width = spec.shape.bucket_width_ms;
    const std::vector<int64_t> intervals = {
        INT64_MIN, -1,        0,         1,     7,         1000,
        60000,     width / 7, width / 2, width, 2 * width, INT64_MAX};
    spec.thinned_count = 1 + random.Below(kThinnedIntervalsMax);
    for (size_t i = 0; i < spec.thinned_count; ++i) {
      ThinnedInterval& fact = spec.thinned[i];
      fact.interval_ms = intervals[random.Below(intervals.size())];
      const auto windows = static_cast<int64_t>(random.Below(5)) - 1;
      fact.up_to_ms = spec.bucket_start_ms + width;
      if (windows >= 0 && fact.interval_ms > 0 && fact.interval_ms <= width) {
        fact.up_to_ms = spec.bucket_start_ms + windows * fact.interval_ms;
      }
      if (random.Below(8) == 0) fact.up_to_ms += 1;
    }
    BlockHeader header;
    const Status status = PeekBlock(
        EncodeBlock(spec, SpreadOver(spec, 2, Pace::kRegular, &random)),
        &header);
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_FALSE(header.repeats_interval);
    for (size_t i = 0, j = 0; i < header.thinned_count; ++i, ++j) {
      while (j < spec.thinned_count &&
             !(spec.thinned[j] == header.thinned[i])) {
        ++j;
      }
      ASSERT_LT(j, spec.thinned_count);
    }
    kept += header.thinned_count;
    left_out += spec.thinned_count - header.thinned_count;
  }
  EXPECT_GT(kept, 1000u);
  EXPECT_GT(left_out, 1000u);
}

TEST(SampleBlock, EdgesOfTimeRoundTripAlone) {
  for (const int64_t t : {kTimestampMin, kTimestampMax}) {
    for (const auto window : {WindowRule::kFloor, WindowRule::kCeil}) {
      Samples samples;
      samples.Add(t, 42);
      ASSERT_NO_FATAL_FAILURE(ExpectRoundTrip(
          SpecOf(kMillisPerHour, Partition::kDay, window, t), samples));
    }
  }
}

TEST(SampleBlock, LargestBlockIsQuickToWriteAndRead) {
  const BlockSpec spec =
      SpecOf(kBucketWidthMaxMs, Partition::kNone, WindowRule::kFloor);
  Samples samples;
  for (size_t i = 0; i < kBlockSamplesMax; ++i) {
    samples.Add(spec.bucket_start_ms + static_cast<int64_t>(i) * 1000,
                i / 1000);
  }
  const std::string block = EncodeBlock(spec, samples);
  BlockDecoder decoder;
  SampleRun run;
  ASSERT_TRUE(decoder.Decode(block, &run).ok());
  ASSERT_EQ(run.size(), kBlockSamplesMax);
  EXPECT_TRUE(std::equal(samples.timestamps.begin(), samples.timestamps.end(),
                         run.timestamps()));
  EXPECT_TRUE(std::equal(samples.value_bits.begin(), samples.value_bits.end(),
                         run.value_bits()));
  // One sample near the end: one piece of 2,048 is decoded.
  const int64_t t = samples.timestamps[kBlockSamplesMax - 10];
  run.clear();
  ASSERT_TRUE(decoder.DecodeRange(block, t, t, &run).ok());
  ASSERT_EQ(run.size(), 1u);
  EXPECT_EQ(run.timestamps()[0], t);
}

TEST(PlainBlock, KeepsAnyOrderAndRepeatedTimestamps) {
  Samples samples;
  for (const int64_t t : {kBucket + 5, kBucket, kBucket + 5, kTimestampMin,
                          kTimestampMax, kBucket + 5}) {
    samples.Add(t, OddValueBits()[samples.size()]);
  }
  const std::string block = EncodePlain(samples);
  EXPECT_EQ(block.size(), kBlockTagBytes + 6 * kPlainSampleBytes);
  BlockHeader header;
  ASSERT_TRUE(PeekBlock(block, &header).ok());
  EXPECT_EQ(header.form, BlockForm::kPlain);
  EXPECT_EQ(header.sample_count, 6u);
  EXPECT_EQ(header.first_timestamp_ms, kTimestampMin);
  EXPECT_EQ(header.last_timestamp_ms, kTimestampMax);
  BlockDecoder decoder;
  SampleRun run;
  ASSERT_TRUE(decoder.Decode(block, &run).ok());
  EXPECT_TRUE(FromRun(run) == samples);
  run.clear();
  ASSERT_TRUE(decoder.DecodeRange(block, kBucket + 1, kBucket + 5, &run).ok());
  EXPECT_EQ(FromRun(run).value_bits,
            (std::vector<uint64_t>{OddValueBits()[0], OddValueBits()[2],
                                   OddValueBits()[5]}));
}

TEST(PlainBlock, BadSizesAndTimesAreCorruption) {
  Samples good;
  good.Add(kBucket, 1);
  good.Add(kBucket + 1, 2);
  const std::string block = EncodePlain(good);
  BlockHeader header;
  for (size_t bytes = 0; bytes < block.size(); ++bytes) {
    const Status status = PeekBlock(Slice(block.data(), bytes), &header);
    EXPECT_EQ(status.ok(), bytes == kBlockTagBytes + kPlainSampleBytes);
    EXPECT_TRUE(status.ok() || status.IsCorruption());
  }
  for (const int64_t t :
       {int64_t{-1}, kTimestampMax + 1, INT64_MIN, INT64_MAX}) {
    Samples bad = good;
    bad.Add(t, 3);
    EXPECT_TRUE(PeekBlock(EncodePlain(bad), &header).IsCorruption()) << t;
  }
}

TEST(SampleBlock, NewerFormsAreNotSupportedAndForeignBytesAreCorruption) {
  BlockHeader header;
  for (int form = 0; form < 256; ++form) {
    const std::string block = {'\xa7', static_cast<char>(form)};
    if (form >= 1 && form <= 3) continue;
    EXPECT_TRUE(PeekBlock(block, &header).IsNotSupported()) << form;
  }
  for (const std::string& block :
       {std::string(), std::string("\xa7"), std::string("hello"),
        std::string(100, '\0')}) {
    EXPECT_TRUE(PeekBlock(block, &header).IsCorruption());
  }
  std::string newer = EncodeBlock(
      SpecOf(kMillisPerDay, Partition::kNone, WindowRule::kFloor), Samples());
  for (const int bit : {6, 7}) {
    std::string block = newer;
    block[2] = static_cast<char>(1 << bit);
    EXPECT_TRUE(PeekBlock(block, &header).IsNotSupported()) << bit;
  }
}

TEST(SampleBlock, FailedDecodeLeavesTheRunAsItWas) {
  RandomSource random(5);
  const BlockSpec spec =
      SpecOf(kMillisPerDay, Partition::kNone, WindowRule::kFloor);
  std::string block =
      EncodeBlock(spec, SpreadOver(spec, 20000, Pace::kJittered, &random));
  block.pop_back();  // the last piece is cut off: the first ones decode
  SampleRun run;
  run.Append(1, 2);
  EXPECT_TRUE(BlockDecoder().Decode(block, &run).IsCorruption());
  ASSERT_EQ(run.size(), 1u);
  EXPECT_EQ(run.timestamps()[0], 1);
  EXPECT_EQ(run.value_bits()[0], 2u);
}

RC_GTEST_PROP(SampleBlock, RangeIsTheFilterOfTheWhole, ()) {
  RandomSource random(*rc::gen::arbitrary<uint64_t>());
  const BlockSpec spec = SpecOf(
      *rc::gen::element(kMillisPerHour, kMillisPerDay), Partition::kMonth,
      *rc::gen::element(WindowRule::kFloor, WindowRule::kCeil),
      *rc::gen::element(kTimestampMin, kBucket, kTimestampMax));
  const size_t count =
      *rc::gen::element<size_t>(0, 1, 2, 3, 16, 500, 8192, 8193, 16384, 30000);
  const Samples samples = SpreadOver(spec, count, Pace::kJittered, &random);
  const std::string form = *rc::gen::element<std::string>("block", "plain");
  const bool plain = form == "plain" && samples.size() > 0;
  const std::string block =
      plain ? EncodePlain(samples) : EncodeBlock(spec, samples);
  BlockDecoder decoder;
  for (int i = 0; i < 20; ++i) {
    // Near samples, in gaps and beyond the ends; at times the wrong way round.
    int64_t bounds[2];
    for (int64_t& bound : bounds) {
      bound = samples.size() == 0
                  ? kBucket
                  : samples.timestamps[random.Below(samples.size())];
      bound += static_cast<int64_t>(random.Below(3)) - 1;
      if (random.Below(10) == 0) bound = INT64_MIN;
      if (random.Below(10) == 0) bound = INT64_MAX;
    }
    if (random.Below(8) != 0 && bounds[0] > bounds[1]) {
      std::swap(bounds[0], bounds[1]);
    }
    Samples expected;
    for (size_t s = 0; s < samples.size(); ++s) {
      const int64_t t = samples.timestamps[s];
      if (t < bounds[0] || t > bounds[1]) continue;
      expected.Add(t, samples.value_bits[s]);
    }
    SampleRun run;
    RC_ASSERT(decoder.DecodeRange(block, bounds[0], bounds[1], &run).ok());
    RC_ASSERT(FromRun(run) == expected);
  }
}

}  // namespace
}  // namespace varve
