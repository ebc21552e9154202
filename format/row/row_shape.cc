// See row_shape.h. Civil dates after Howard Hinnant, "chrono-Compatible
// Low-Level Date Algorithms" (howardhinnant.github.io/date_algorithms.html).
#include "varve/row_shape.h"

#include <cassert>

namespace varve {
namespace {

constexpr int32_t kDaysPerWeek = 7;
constexpr int32_t kDaysPerEra = 146097;           // 400 years
constexpr int32_t kEpochDaysFromMarch0 = 719468;  // 0000-03-01 to 1970-01-01

// Day of its month (1..31) of the day `day` days after 1970-01-01.
int32_t DayOfMonth(int32_t day) {
  const int64_t shifted = static_cast<int64_t>(day) + kEpochDaysFromMarch0;
  const auto of_era =
      static_cast<uint32_t>(shifted - AlignDown(shifted, kDaysPerEra));
  const uint32_t year_of_era =
      (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const uint32_t of_year =
      of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint32_t march_month = (5 * of_year + 2) / 153;
  return static_cast<int32_t>(of_year - (153 * march_month + 2) / 5 + 1);
}

}  // namespace

int32_t PartitionDay(Partition partition, int64_t timestamp_ms) {
  if (partition == Partition::kNone) return 0;
  const auto day = static_cast<int32_t>(AlignDown(timestamp_ms, kMillisPerDay) /
                                        kMillisPerDay);
  switch (partition) {
    case Partition::kWeek:
      return static_cast<int32_t>(AlignDown(day, kDaysPerWeek));
    case Partition::kMonth:
      return day - (DayOfMonth(day) - 1);
    default:
      return day;
  }
}

int32_t NextPartitionDay(Partition partition, int32_t partition_day) {
  assert(partition != Partition::kNone);
  switch (partition) {
    case Partition::kWeek:
      return partition_day + kDaysPerWeek;
    case Partition::kMonth:
      // Any day 31 days on lies in the next month.
      return PartitionDay(
          partition, static_cast<int64_t>(partition_day + 31) * kMillisPerDay);
    default:
      return partition_day + 1;
  }
}

const char* PartitionName(Partition partition) {
  switch (partition) {
    case Partition::kNone:
      return "none";
    case Partition::kDay:
      return "day";
    case Partition::kWeek:
      return "week";
    case Partition::kMonth:
      return "month";
  }
  return "?";
}

const char* WindowRuleName(WindowRule window) {
  return window == WindowRule::kCeil ? "ceil" : "floor";
}

}  // namespace varve
