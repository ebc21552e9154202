// Buckets, windows and partitions against a slow, independent calendar.
#include "varve/row_shape.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace varve {
namespace {

constexpr int kYearMin = 1970;
constexpr int kYearMax = 9999;

bool IsLeapYear(int year) {
  if (year % 400 == 0) return true;
  if (year % 100 == 0) return false;
  return year % 4 == 0;
}

int DaysInMonth(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month] + (month == 1 && IsLeapYear(year) ? 1 : 0);
}

RowShape Shape(int64_t bucket_width_ms, Partition partition,
               WindowRule window) {
  RowShape shape;
  shape.bucket_width_ms = bucket_width_ms;
  shape.partition = partition;
  shape.window = window;
  return shape;
}

TEST(RowShape, MonthPartitionsFollowTheCalendarOfEightThousandYears) {
  int32_t first_of_month = 0;
  for (int year = kYearMin; year <= kYearMax; ++year) {
    for (int month = 0; month < 12; ++month) {
      const int32_t next = first_of_month + DaysInMonth(year, month);
      for (int32_t day = first_of_month; day < next; ++day) {
        const int64_t midnight = day * kMillisPerDay;
        ASSERT_EQ(PartitionDay(Partition::kMonth, midnight), first_of_month)
            << year << " month " << month + 1;
        ASSERT_EQ(PartitionDay(Partition::kMonth, midnight + kMillisPerDay - 1),
                  first_of_month);
      }
      ASSERT_EQ(NextPartitionDay(Partition::kMonth, first_of_month), next);
      first_of_month = next;
    }
  }
  EXPECT_EQ(first_of_month * kMillisPerDay, kTimestampMax + 1);
}

TEST(RowShape, KnownMonthsHaveTheirKnownFirstDays) {
  // By `date -u -d 2024-02-01 +%s`, divided by 86400.
  EXPECT_EQ(PartitionDay(Partition::kMonth, int64_t{1709208000000}), 19754)
      << "2024-02-29";
  EXPECT_EQ(NextPartitionDay(Partition::kMonth, 19754), 19783) << "2024-03-01";
  EXPECT_EQ(PartitionDay(Partition::kMonth, int64_t{4107542400000}), 47541)
      << "2100-03-01: 2100 has no leap day";
}

TEST(RowShape, WeeksStartOnThursday) {
  EXPECT_EQ(PartitionDay(Partition::kWeek, 0), 0);
  EXPECT_EQ(PartitionDay(Partition::kWeek, 7 * kMillisPerDay - 1), 0);
  EXPECT_EQ(PartitionDay(Partition::kWeek, 7 * kMillisPerDay), 7);
  EXPECT_EQ(PartitionDay(Partition::kWeek, -1), -7);
  EXPECT_EQ(NextPartitionDay(Partition::kWeek, -7), 0);
}

TEST(RowShape, PartitionsBeforeTheEpochHoldTheFirstCeilBuckets) {
  EXPECT_EQ(PartitionDay(Partition::kNone, -kMillisPerDay), 0);
  EXPECT_EQ(PartitionDay(Partition::kDay, -kMillisPerDay), -1);
  EXPECT_EQ(PartitionDay(Partition::kDay, -1), -1);
  EXPECT_EQ(PartitionDay(Partition::kMonth, -kMillisPerDay), -31);
  EXPECT_EQ(NextPartitionDay(Partition::kMonth, -31), 0);
  EXPECT_EQ(NextPartitionDay(Partition::kDay, -1), 0);
}

TEST(RowShape, AlignDownFloorsNegativeTimesToo) {
  EXPECT_EQ(AlignDown(0, 10), 0);
  EXPECT_EQ(AlignDown(9, 10), 0);
  EXPECT_EQ(AlignDown(10, 10), 10);
  EXPECT_EQ(AlignDown(-1, 10), -10);
  EXPECT_EQ(AlignDown(-10, 10), -10);
  EXPECT_EQ(AlignDown(-11, 10), -20);
}

TEST(RowShape, FloorBucketsHoldTheirStartAndCeilBucketsTheirEnd) {
  const RowShape floor = Shape(1000, Partition::kNone, WindowRule::kFloor);
  EXPECT_EQ(floor.BucketStart(5000), 5000);
  EXPECT_EQ(floor.BucketStart(5999), 5000);
  EXPECT_EQ(floor.BucketFirst(5000), 5000);
  EXPECT_EQ(floor.BucketLast(5000), 5999);
  const RowShape ceil = Shape(1000, Partition::kNone, WindowRule::kCeil);
  EXPECT_EQ(ceil.BucketStart(5000), 4000);
  EXPECT_EQ(ceil.BucketStart(5001), 5000);
  EXPECT_EQ(ceil.BucketFirst(5000), 5001);
  EXPECT_EQ(ceil.BucketLast(5000), 6000);
}

TEST(RowShape, FirstCeilBucketStartsBeforeTheEpoch) {
  const RowShape ceil =
      Shape(kMillisPerDay, Partition::kMonth, WindowRule::kCeil);
  EXPECT_EQ(ceil.BucketStart(kTimestampMin), -kMillisPerDay);
  EXPECT_TRUE(ceil.IsBucketStart(-kMillisPerDay));
  EXPECT_FALSE(ceil.IsBucketStart(-2 * kMillisPerDay));
  RowShape floor = ceil;
  floor.window = WindowRule::kFloor;
  EXPECT_FALSE(floor.IsBucketStart(-kMillisPerDay));
  EXPECT_TRUE(floor.IsBucketStart(0));
}

TEST(RowShape, LastBucketIsTheLastDayOfTheYear9999) {
  const int64_t last_day = kTimestampMax + 1 - kMillisPerDay;
  for (const auto window : {WindowRule::kFloor, WindowRule::kCeil}) {
    const RowShape shape = Shape(kMillisPerDay, Partition::kMonth, window);
    EXPECT_EQ(shape.BucketStart(kTimestampMax), last_day);
    EXPECT_TRUE(shape.IsBucketStart(last_day));
    EXPECT_FALSE(shape.IsBucketStart(last_day + kMillisPerDay));
  }
}

TEST(RowShape, ExtremeBucketStartsAreRefusedWithoutOverflow) {
  for (const auto window : {WindowRule::kFloor, WindowRule::kCeil}) {
    const RowShape shape = Shape(kMillisPerSecond, Partition::kMonth, window);
    EXPECT_FALSE(shape.IsBucketStart(INT64_MIN));
    EXPECT_FALSE(shape.IsBucketStart(INT64_MAX));
    EXPECT_FALSE(shape.IsBucketStart(INT64_MIN / 1000 * 1000));
    EXPECT_FALSE(shape.IsBucketStart(INT64_MAX / 1000 * 1000));
  }
}

RC_GTEST_PROP(RowShape, EveryTimestampLiesInItsOneBucketAndWindow, ()) {
  const int64_t t = *rc::gen::inRange<int64_t>(kTimestampMin, kTimestampMax);
  const int64_t window_ms = 1000 * *rc::gen::inRange<int64_t>(1, 4000);
  const int64_t factor = *rc::gen::inRange<int64_t>(1, 100);
  const RowShape shape =
      Shape(window_ms * factor, Partition::kNone,
            *rc::gen::element(WindowRule::kFloor, WindowRule::kCeil));
  const int64_t start = shape.BucketStart(t);
  RC_ASSERT(shape.IsBucketStart(start));
  RC_ASSERT(shape.BucketFirst(start) <= t);
  RC_ASSERT(t <= shape.BucketLast(start));
  RC_ASSERT(shape.BucketLast(start) + 1 ==
            shape.BucketFirst(start + shape.bucket_width_ms));
  // No window crosses a row.
  const int64_t window_start = shape.WindowStart(t, window_ms);
  RC_ASSERT(window_start >= start);
  RC_ASSERT(window_start + window_ms <= start + shape.bucket_width_ms);
}

RC_GTEST_PROP(RowShape, PartitionsAreConsecutiveAndHoldTheirTimes, ()) {
  const int64_t t =
      *rc::gen::inRange<int64_t>(-kBucketWidthMaxMs, kTimestampMax);
  const Partition partition =
      *rc::gen::element(Partition::kDay, Partition::kWeek, Partition::kMonth);
  const int32_t day = PartitionDay(partition, t);
  const int32_t next = NextPartitionDay(partition, day);
  RC_ASSERT(day * kMillisPerDay <= t);
  RC_ASSERT(t < next * kMillisPerDay);
  RC_ASSERT(PartitionDay(partition, next * kMillisPerDay) == next);
  RC_ASSERT(PartitionDay(partition, next * kMillisPerDay - 1) == day);
}

}  // namespace
}  // namespace varve
