// Row keys: order, escaping, and what is foreign.
#include "format/row/row_key.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tuple>
#include <vector>

namespace varve {
namespace {

constexpr int64_t kNoon = 1709208000000;  // 2024-02-29T12:00Z
constexpr int64_t kMidnight = kNoon - kMillisPerDay / 2;

RowShape ShapeOf(Partition partition, WindowRule window = WindowRule::kFloor) {
  RowShape shape;
  shape.partition = partition;
  shape.window = window;
  return shape;
}

std::string Key(const RowShape& shape, const std::string& series,
                int64_t bucket_start_ms) {
  std::string key;
  AppendRowKey(shape, series, bucket_start_ms, &key);
  return key;
}

std::string Bytes(std::initializer_list<int> bytes) {
  std::string s;
  for (const int b : bytes) s.push_back(static_cast<char>(b));
  return s;
}

bool IsForeign(const RowShape& shape, const std::string& key) {
  ParsedRowKey parsed;
  return !ParseRowKey(shape, key, &parsed);
}

TEST(RowKey, BytesAreAsTheDocumentSays) {
  // 1709164800000 = 0x18df2292800; 2024-02-01 is day 19754 = 0x4d2a.
  EXPECT_EQ(Key(ShapeOf(Partition::kNone), "ab", kMidnight),
            Bytes({'a', 'b', 0, 1, 0x80, 0, 1, 0x8d, 0xf2, 0x29, 0x28, 0}));
  EXPECT_EQ(Key(ShapeOf(Partition::kMonth), Bytes({0, 'x'}), kMidnight),
            Bytes({0x80, 0, 0x4d, 0x2a, 0, 0xff, 'x', 0, 1, 0x80, 0, 1, 0x8d,
                   0xf2, 0x29, 0x28, 0}));
}

TEST(RowKey, ParsesWhatItWrote) {
  const std::vector<std::string> all_series = {
      "a",
      Bytes({0}),
      Bytes({0, 0}),
      Bytes({0, 1}),
      Bytes({1}),
      Bytes({0, 0xff}),
      Bytes({0xff}),
      Bytes({0xff, 0, 1, 0}),
      "cpu{a=1}",
      std::string(kSeriesBytesMax, 'x'),
      std::string(kSeriesBytesMax, '\0')};
  for (const auto partition : {Partition::kNone, Partition::kDay,
                               Partition::kWeek, Partition::kMonth}) {
    const RowShape shape = ShapeOf(partition);
    for (const std::string& series : all_series) {
      ASSERT_TRUE(CheckSeries(series).ok());
      const std::string key = Key(shape, series, kMidnight);
      ParsedRowKey parsed;
      ASSERT_TRUE(ParseRowKey(shape, key, &parsed));
      EXPECT_EQ(parsed.series(), series);
      EXPECT_EQ(parsed.bucket_start_ms, kMidnight);
      EXPECT_EQ(parsed.partition_day, PartitionDay(partition, kMidnight));
      std::string prefix;
      AppendSeriesPrefix(shape, parsed.partition_day, series, &prefix);
      EXPECT_EQ(key.substr(0, parsed.prefix_bytes), prefix);
    }
  }
}

TEST(RowKey, EmptyAndOversizedSeriesAreInvalid) {
  EXPECT_TRUE(CheckSeries("").IsInvalidArgument());
  EXPECT_TRUE(
      CheckSeries(std::string(kSeriesBytesMax + 1, 'x')).IsInvalidArgument());
}

// What CheckSeries refuses to write, ParseRowKey once read: a reader that
// looked such a series up by name would have tripped over the refusal.
TEST(RowKey, KeyWithAnOversizedSeriesIsForeign) {
  const std::string end = Key(ShapeOf(Partition::kNone), "a", 0).substr(1);
  const RowShape shape = ShapeOf(Partition::kNone);
  EXPECT_FALSE(IsForeign(shape, std::string(kSeriesBytesMax, 'x') + end));
  EXPECT_TRUE(IsForeign(shape, std::string(kSeriesBytesMax + 1, 'x') + end));
  std::string zeros;
  for (size_t i = 0; i < kSeriesBytesMax; ++i) zeros += Bytes({0, 0xff});
  EXPECT_FALSE(IsForeign(shape, zeros + end));
  EXPECT_TRUE(IsForeign(shape, 'x' + zeros + end));
}

TEST(RowKey, SeriesNeverSharesThePrefixOfAnother) {
  const RowShape shape = ShapeOf(Partition::kNone);
  const std::vector<std::string> all_series = {"a",
                                               "aa",
                                               "ab",
                                               Bytes({'a', 0}),
                                               Bytes({'a', 0, 1}),
                                               Bytes({'a', 0, 0xff}),
                                               Bytes({'a', 1}),
                                               Bytes({'a', 0xff})};
  for (const std::string& a : all_series) {
    std::string prefix;
    AppendSeriesPrefix(shape, 0, a, &prefix);
    for (const std::string& b : all_series) {
      const bool starts = Slice(Key(shape, b, 0)).starts_with(prefix);
      EXPECT_EQ(starts, a == b);
    }
  }
}

TEST(RowKey, SetBucketReplacesOrAppends) {
  const RowShape shape = ShapeOf(Partition::kDay);
  std::string key;
  AppendSeriesPrefix(shape, PartitionDay(Partition::kDay, kMidnight), "a",
                     &key);
  const size_t prefix_bytes = key.size();
  SetRowKeyBucket(prefix_bytes, kMidnight, &key);
  EXPECT_EQ(key, Key(shape, "a", kMidnight));
  const RowShape none = ShapeOf(Partition::kNone);
  key = Key(none, "a", 0);
  SetRowKeyBucket(key.size() - kBucketBytes, kMidnight, &key);
  EXPECT_EQ(key, Key(none, "a", kMidnight));
}

TEST(RowKey, FirstCeilBucketSortsBeforeTheEpochAndParses) {
  for (const auto partition : {Partition::kNone, Partition::kDay,
                               Partition::kWeek, Partition::kMonth}) {
    const RowShape shape = ShapeOf(partition, WindowRule::kCeil);
    const std::string first = Key(shape, "a", -kMillisPerDay);
    EXPECT_LT(first, Key(shape, "a", 0));
    ParsedRowKey parsed;
    ASSERT_TRUE(ParseRowKey(shape, first, &parsed));
    EXPECT_EQ(parsed.bucket_start_ms, -kMillisPerDay);
    EXPECT_TRUE(IsForeign(ShapeOf(partition, WindowRule::kFloor), first));
  }
}

TEST(RowKey, EveryTruncationAndExtensionIsForeign) {
  for (const auto partition : {Partition::kNone, Partition::kMonth}) {
    const RowShape shape = ShapeOf(partition);
    const std::string key = Key(shape, Bytes({'a', 0, 'b'}), kMidnight);
    for (size_t bytes = 0; bytes < key.size(); ++bytes) {
      EXPECT_TRUE(IsForeign(shape, key.substr(0, bytes))) << bytes;
    }
    EXPECT_TRUE(IsForeign(shape, key + '\0'));
    EXPECT_TRUE(IsForeign(shape, '\0' + key));
  }
}

TEST(RowKey, UnalignedBucketIsForeign) {
  for (const auto partition : {Partition::kNone, Partition::kMonth}) {
    const RowShape shape = ShapeOf(partition);
    std::string key = Key(shape, "a", kMidnight);
    const size_t prefix_bytes = key.size() - kBucketBytes;
    for (const int64_t bucket :
         {kMidnight + 1, kMidnight - 1, kNoon, INT64_MIN, INT64_MAX,
          -kMillisPerDay, kTimestampMax + 1}) {
      SetRowKeyBucket(prefix_bytes, bucket, &key);
      EXPECT_TRUE(IsForeign(shape, key)) << bucket;
    }
  }
}

TEST(RowKey, WrongPartitionIsForeign) {
  const RowShape shape = ShapeOf(Partition::kMonth);
  const int32_t day = PartitionDay(Partition::kMonth, kMidnight);
  for (const int32_t wrong :
       {day - 1, day + 1, day + 28, 0, -day, INT32_MIN, INT32_MAX}) {
    std::string key;
    AppendSeriesPrefix(shape, wrong, "a", &key);
    SetRowKeyBucket(key.size(), kMidnight, &key);
    EXPECT_TRUE(IsForeign(shape, key)) << wrong;
  }
  EXPECT_TRUE(IsForeign(ShapeOf(Partition::kDay), Key(shape, "a", kMidnight)));
  EXPECT_TRUE(IsForeign(shape, Key(ShapeOf(Partition::kNone), "a", kMidnight)));
}

TEST(RowKey, StrayEscapesAndEmptySeriesAreForeign) {
  const RowShape shape = ShapeOf(Partition::kNone);
  const std::string bucket = Key(shape, "a", kMidnight).substr(1 + 2);
  EXPECT_FALSE(IsForeign(shape, Bytes({'a', 0, 1}) + bucket));
  EXPECT_TRUE(IsForeign(shape, Bytes({0, 1}) + bucket)) << "empty";
  EXPECT_TRUE(IsForeign(shape, Bytes({'a', 0, 0}) + bucket));
  EXPECT_TRUE(IsForeign(shape, Bytes({'a', 0, 2}) + bucket));
  EXPECT_TRUE(IsForeign(shape, Bytes({'a', 0, 0, 1}) + bucket));
  EXPECT_TRUE(IsForeign(shape, Bytes({'a', 0xff, 1}) + bucket));
  EXPECT_TRUE(IsForeign(shape, Bytes({'a', 0, 0xff}) + bucket));
  EXPECT_TRUE(IsForeign(shape, Bytes({'a', 0, 1, 'b', 0, 1}) + bucket))
      << "a terminator inside";
}

// Series of few letters, those that escaping is about among them.
rc::Gen<std::string> SeriesGen() {
  return rc::gen::nonEmpty(rc::gen::container<std::string>(
      rc::gen::element('\x00', '\x01', '\x02', 'a', '\xfe', '\xff')));
}

rc::Gen<int64_t> BucketGen(const RowShape& shape) {
  return rc::gen::map(rc::gen::inRange<int64_t>(0, 4000),
                      [shape](int64_t days) {
                        return shape.BucketStart(days * kMillisPerDay);
                      });
}

RC_GTEST_PROP(RowKey, BytesSortByPartitionThenSeriesThenTime, ()) {
  const RowShape shape =
      ShapeOf(*rc::gen::element(Partition::kNone, Partition::kDay,
                                Partition::kWeek, Partition::kMonth),
              *rc::gen::element(WindowRule::kFloor, WindowRule::kCeil));
  const std::string series_a = *SeriesGen();
  const std::string series_b = *rc::gen::oneOf(
      SeriesGen(), rc::gen::just(series_a),
      rc::gen::map(SeriesGen(),
                   [&](std::string tail) { return series_a + tail; }));
  const int64_t a = *BucketGen(shape);
  const int64_t b = *rc::gen::oneOf(BucketGen(shape), rc::gen::just(a));
  const auto meaning = [&](const std::string& series, int64_t bucket) {
    return std::make_tuple(PartitionDay(shape.partition, bucket), series,
                           bucket);
  };
  const std::string key_a = Key(shape, series_a, a);
  const std::string key_b = Key(shape, series_b, b);
  RC_ASSERT((Slice(key_a).compare(key_b) < 0) ==
            (meaning(series_a, a) < meaning(series_b, b)));
  RC_ASSERT((key_a == key_b) == (meaning(series_a, a) == meaning(series_b, b)));
  ParsedRowKey parsed;
  RC_ASSERT(ParseRowKey(shape, key_a, &parsed));
  RC_ASSERT(parsed.series() == series_a);
}

RC_GTEST_PROP(RowKey, WhatParsesIsWhatWouldBeWritten, ()) {
  const RowShape shape =
      ShapeOf(*rc::gen::element(Partition::kNone, Partition::kMonth));
  std::string key = Key(shape, *SeriesGen(), *BucketGen(shape));
  const auto changes = *rc::gen::inRange(0, 3);
  for (int i = 0; i < changes; ++i) {
    key[*rc::gen::inRange<size_t>(0, key.size())] = *rc::gen::arbitrary<char>();
  }
  ParsedRowKey parsed;
  if (!ParseRowKey(shape, key, &parsed)) return;
  RC_ASSERT(Key(shape, parsed.series(), parsed.bucket_start_ms) == key);
}

}  // namespace
}  // namespace varve
