// Rows whose values lie in blob files. Once, a range read by an iterator took
// a blob base as the result of its merge, which RocksDB had let go of by then.
#include <gtest/gtest.h>

#include "tests/plugin/samples/sample_db.h"

namespace varve {
namespace {

TEST(BlobRows, RangeReadOverBlobBasesWithLaterMerges) {
  SampleDb db("partition=none");
  RowShape shape;
  shape.partition = Partition::kNone;
  ASSERT_TRUE(
      db.db()
          ->SetOptions({{"enable_blob_files", "true"}, {"min_blob_size", "0"}})
          .ok());
  SampleMap expected;
  constexpr int64_t kDays = 5;
  for (int64_t day = 1; day <= kDays; ++day) {
    const int64_t t = kTestNowMs - day * kMillisPerDay;
    const Sample sample{t, 1.5 * static_cast<double>(day)};
    std::string block;
    ASSERT_TRUE(EncodeSamples(shape, &sample, 1, &block).ok());
    const std::string key = db.Key("cpu", t);
    ASSERT_TRUE(db.db()->Put({}, key, block).ok());
    expected[t] = BitsOf(sample.value);
  }
  db.Flush();
  for (int64_t day = 1; day <= kDays; ++day) {
    db.Write("cpu", kTestNowMs - day * kMillisPerDay + kMillisPerHour, 7);
  }
  // The base alone has samples in range in the first row, and only there.
  SampleMap seen;
  const int64_t first = expected.begin()->first;
  const Status status =
      db.Read("cpu", first, first + kMillisPerDay + 1000, &seen);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[first], expected[first]);
  for (int64_t day = 1; day <= kDays; ++day) {
    expected[kTestNowMs - day * kMillisPerDay + kMillisPerHour] = BitsOf(7);
  }
  EXPECT_EQ(db.Read("cpu"), expected);
}

}  // namespace
}  // namespace varve
