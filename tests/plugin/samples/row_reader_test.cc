// RowReader: the same View of a row's bytes whoever merged them, a reader's
// own merge operator under a hint, another copy of the library, or nobody.
#include "plugin/samples/row_reader.h"

#include <gtest/gtest.h>

#include "compaction/row_merge.h"
#include "tests/format/row/block_cases.h"
#include "tests/random_source.h"

namespace varve {
namespace {

constexpr int64_t kDay = kMillisPerDay;

std::map<int64_t, uint64_t> ToMap(const SampleRun& run) {
  std::map<int64_t, uint64_t> map;
  for (size_t i = 0; i < run.size(); ++i) {
    map[run.timestamps()[i]] = run.value_bits()[i];
  }
  return map;
}

struct Row {
  std::string key;
  ParsedRowKey parsed;
};

Row MakeRow(const RowShape& shape, int64_t bucket_start_ms) {
  Row row;
  AppendRowKey(shape, "series", bucket_start_ms, &row.key);
  EXPECT_TRUE(ParseRowKey(shape, row.key, &row.parsed));
  return row;
}

TEST(RowReader, AnyRangeOfAnyFormOfARowIsItsView) {
  const uint64_t base = RandomSource::BaseSeed();
  for (uint64_t seed = base; seed < base + 300; ++seed) {
    RandomSource random(seed);
    SCOPED_TRACE(random.Trace());
    const Policy policy = random.ValidPolicy();
    const RowShape& shape = policy.shape;
    const int64_t bucket = shape.BucketStart(kTestNowMs - 1);
    Row row = MakeRow(shape, bucket);
    ASSERT_TRUE(ParseRowKey(shape, row.key, &row.parsed));

    std::vector<SampleWrite> writes;
    std::vector<std::string> entries;
    for (uint64_t n = random.Between(1, 6); n > 0; --n) {
      block_cases::Samples samples;
      for (const SampleWrite& write :
           random.Writes(random.Between(1, 150), shape.BucketLast(bucket),
                         shape.bucket_width_ms)) {
        if (shape.BucketStart(write.timestamp_ms) != bucket) continue;
        samples.Add(write.timestamp_ms, write.value_bits);
        writes.push_back(write);
      }
      if (samples.size() > 0) {
        entries.push_back(block_cases::EncodePlain(samples));
      }
    }
    if (entries.empty()) continue;
    const int64_t now = kTestNowMs + random.Between(0, 60 * kDay);
    std::vector<std::string> forms = {block_cases::EncodeContainer(entries)};
    const std::vector<Slice> slices(entries.begin(), entries.end());
    std::string merged;
    RowMergeResult result{&merged};
    Counters counters;
    RowMerger().Merge(
        {policy, now, row.key, slices.data(), slices.size(), Profile::kFast},
        &result, &counters);
    forms.push_back(result.row().ToString());

    const std::map<int64_t, uint64_t> view = View(writes, policy, now);
    RowReader reader;
    for (int i = 0; i < 20; ++i) {
      TimeRange asked{bucket + random.Between(-10, shape.bucket_width_ms), 0};
      asked.to_ms = asked.from_ms + random.Between(0, shape.bucket_width_ms);
      const TimeRange range = VisibleRange(policy, now, asked);
      if (range.empty()) continue;
      const std::map<int64_t, uint64_t> expected(
          view.lower_bound(asked.from_ms), view.upper_bound(asked.to_ms));
      for (const std::string& form : forms) {
        SampleRun run;
        ASSERT_EQ(
            reader.Read(policy, now, row.parsed, form, range, &run).ToString(),
            "OK");
        ASSERT_EQ(ToMap(run), expected);
      }
    }
  }
}

TEST(RowReader, ReadUpToEndsTheWindowThatApplies) {
  Policy policy;
  ASSERT_TRUE(
      Policy::Parse("downsampling_period=1d:1m,10d:1h;dedup_interval=10s",
                    &policy)
          .ok());
  const int64_t minute = 60 * 1000;
  const int64_t now = kTestNowMs + 30 * minute;
  const auto up_to = [&](int64_t t) { return ReadUpTo(policy, now, t) - t; };
  EXPECT_EQ(up_to(now), 10 * 1000 - 1);
  EXPECT_EQ(up_to(now - kDay - minute), minute - 1);
  EXPECT_EQ(up_to(now - kDay), 10 * 1000 - 1);    // its minute is not over
  EXPECT_EQ(up_to(now - 10 * kDay), minute - 1);  // nor its hour
  EXPECT_EQ(up_to(now - 10 * kDay - 30 * minute - 1), 0);
  EXPECT_EQ(up_to(now - 10 * kDay - 31 * minute), minute - 1);
  policy.shape.window = WindowRule::kCeil;
  EXPECT_EQ(up_to(now - 10 * kDay - 30 * minute), 0);
  EXPECT_EQ(up_to(now - 10 * kDay - 31 * minute), minute);
}

TEST(RowReader, AnErrorNamesSeriesBucketAndWrite) {
  const Policy policy;
  RowReader reader;
  SampleRun run;
  std::string key;
  AppendRowKey(policy.shape, Slice("a\n\"\\\xff", 5), 5 * kDay, &key);
  ParsedRowKey row;
  ASSERT_TRUE(ParseRowKey(policy.shape, key, &row));
  const std::string bytes = block_cases::EncodeContainer(
      {block_cases::EncodeContainer({}), "rubbish"});
  const Status status =
      reader.Read(policy, kTestNowMs, row, bytes, {0, kTestNowMs}, &run);
  EXPECT_TRUE(status.IsCorruption());
  EXPECT_EQ(status.ToString().find(
                "Corruption: series \"a\\x0a\\x22\\x5c\\xff\", bucket "
                "432000000, write 0: "),
            0u)
      << status.ToString();
  EXPECT_EQ(PrintableSeries(std::string(100, 'x')),
            std::string(64, 'x') + "...");
}

}  // namespace
}  // namespace varve
