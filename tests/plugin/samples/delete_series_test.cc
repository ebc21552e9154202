// DeleteSeries: every row of one series and nothing else.
#include <gtest/gtest.h>

#include "tests/plugin/samples/sample_db.h"

namespace varve {
namespace {

constexpr int64_t kDay = kMillisPerDay;
constexpr int64_t kNow = kTestNowMs;

Status Delete(SampleDb* db, const std::string& series) {
  return DeleteSeries({}, db->db(), db->cf(), series);
}

TEST(DeleteSeries, DeletesAllItsRowsInAllPartitionsAndNoOthers) {
  for (const char* partition : {"none", "day", "week", "month"}) {
    SCOPED_TRACE(partition);
    SampleDb db(std::string("future_limit=0;partition=") + partition);
    const std::vector<std::string> names = {"a", "ab", std::string("a\0", 2),
                                            std::string("a\0b", 3), "b"};
    for (const std::string& name : names) {
      db.Write(name, {{0, 1}, {kTimestampMax, 1}});
      for (int64_t day = 0; day < 90; day += 9) {
        db.Write(name, kNow - day * kDay, 2);
      }
      if (name == "ab") db.Compact();
    }
    const SampleMap before = db.Read("b");
    ASSERT_TRUE(Delete(&db, "a").ok());
    EXPECT_TRUE(db.Read("a").empty());
    for (size_t i = 1; i < names.size(); ++i) {
      EXPECT_EQ(db.Read(names[i]), before);
    }
    EXPECT_EQ(db.List().size(), names.size() - 1);
    db.Compact();
    db.Reopen();
    EXPECT_TRUE(db.Read("a").empty());
    EXPECT_EQ(db.Read("ab"), before);
    db.Write("a", kNow, 5);
    EXPECT_EQ(db.Read("a"), (SampleMap{{kNow, BitsOf(5)}}));
  }
}

TEST(DeleteSeries, LeavesForeignKeysAndDeletesRowsThatHoldForeignBytes) {
  SampleDb db("");
  db.Write("a", kNow, 1);
  const std::string key = db.Key("a", kNow);
  ASSERT_TRUE(db.db()->Put({}, key + "x", "mine").ok());
  ASSERT_TRUE(db.db()->Put({}, db.Key("a", kNow - kDay), "rubbish").ok());
  ASSERT_TRUE(Delete(&db, "a").ok());
  const auto rows = db.Dump();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows.begin()->first, key + "x");
}

TEST(DeleteSeries, TakesSeriesOfAnyLengthInBoundedBatches) {
  SampleDb db("bucket=1h");
  std::vector<Sample> samples;
  for (int64_t hour = 0; hour < 5000; ++hour) {
    samples.push_back({kNow - hour * kMillisPerHour, 1});
  }
  db.Write("a series with a name of some length", samples);
  db.statistics()->Reset();
  ASSERT_TRUE(Delete(&db, "a series with a name of some length").ok());
  EXPECT_TRUE(db.Dump().empty());
  EXPECT_GT(db.statistics()->getTickerCount(rocksdb::WRITE_DONE_BY_SELF), 2u);
}

TEST(DeleteSeries, RefusesABadSeries) {
  SampleDb db("");
  EXPECT_TRUE(Delete(&db, "").IsInvalidArgument());
}

}  // namespace
}  // namespace varve
