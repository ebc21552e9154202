// SampleWriter: what it refuses, how it cuts samples into rows, what it
// counts.
#include <gtest/gtest.h>

#include <thread>

#include "format/row/sample_block.h"
#include "tests/plugin/samples/sample_db.h"

namespace varve {
namespace {

constexpr int64_t kDay = kMillisPerDay;
constexpr int64_t kNow = kTestNowMs;

// The keys and operands of a batch.
class Operands : public rocksdb::WriteBatch::Handler {
 public:
  explicit Operands(const rocksdb::WriteBatch& batch) {
    EXPECT_TRUE(batch.Iterate(this).ok());
  }
  rocksdb::Status MergeCF(uint32_t /*cf*/, const Slice& key,
                          const Slice& value) override {
    list.emplace_back(key.ToString(), value.ToString());
    return rocksdb::Status::OK();
  }
  std::vector<std::pair<std::string, std::string>> list;
};

TEST(SampleWriter, OneOperandForEachRowTouched) {
  SampleDb db("");
  const std::vector<Sample> samples = {{kNow, 1},
                                       {kNow - kDay, 2},
                                       {kNow + 1, 3},
                                       {kNow - kDay, 4},
                                       {kNow - 40 * kDay, 5}};
  rocksdb::WriteBatch batch;
  ASSERT_TRUE(db.writer()->Add("a", samples.data(), 5, &batch).ok());
  const Operands operands(batch);
  ASSERT_EQ(operands.list.size(), 3u);
  EXPECT_EQ(operands.list[0].first, db.Key("a", kNow - 40 * kDay));
  EXPECT_EQ(operands.list[1].first, db.Key("a", kNow - kDay));
  EXPECT_EQ(operands.list[2].first, db.Key("a", kNow));
  db.Commit(&batch);
  EXPECT_EQ(db.Read("a"), (SampleMap{{kNow - 40 * kDay, BitsOf(5)},
                                     {kNow - kDay, BitsOf(4)},
                                     {kNow, BitsOf(1)},
                                     {kNow + 1, BitsOf(3)}}));
}

// Buckets that come back once lost the order of writes between their runs.
TEST(SampleWriter, ALaterPositionCountsAsLaterWrittenAcrossBucketRuns) {
  SampleDb db("");
  std::vector<Sample> samples;
  for (int round = 0; round < 5; ++round) {
    samples.push_back({kNow, static_cast<double>(round)});
    samples.push_back({kNow - kDay, static_cast<double>(round + 10)});
  }
  db.Write("a", samples);
  EXPECT_EQ(db.Read("a"),
            (SampleMap{{kNow - kDay, BitsOf(14)}, {kNow, BitsOf(4)}}));
  EXPECT_EQ(db.counters().samples_overwritten, 8u);
}

TEST(SampleWriter, CeilBucketsEndWithTheirLastMillisecond) {
  SampleDb db("window=ceil");
  rocksdb::WriteBatch batch;
  const std::vector<Sample> samples = {{kNow, 1}, {kNow + 1, 2}};
  ASSERT_TRUE(db.writer()->Add("a", samples.data(), 2, &batch).ok());
  EXPECT_EQ(Operands(batch).list.size(), 2u);
}

TEST(SampleWriter, AllOrNoneIsAddedAndTheFirstAtFaultIsNamed) {
  SampleDb db("");
  rocksdb::WriteBatch batch;
  ASSERT_TRUE(db.writer()->Add("a", kNow, 1, &batch).ok());
  const std::string before = batch.Data();
  const std::vector<std::vector<Sample>> bad = {
      {{kNow, 1}, {-1, 2}},
      {{kNow, 1}, {kTimestampMax + 1, 2}},
      {{kNow, 1}, {INT64_MAX, 2}, {-5, 1}},
      {{kNow, 1}, {INT64_MIN, 2}},
      {{kNow, 1}, {kNow + 2 * kDay + 1, 2}}};
  for (const std::vector<Sample>& samples : bad) {
    const Status status =
        db.writer()->Add("a", samples.data(), samples.size(), &batch);
    EXPECT_TRUE(status.IsInvalidArgument());
    EXPECT_NE(status.ToString().find("of sample 1 "), std::string::npos)
        << status.ToString();
    EXPECT_NE(status.ToString().find(std::to_string(samples[1].timestamp_ms)),
              std::string::npos);
    EXPECT_TRUE(db.writer()
                    ->Add("a", samples[1].timestamp_ms, 1, &batch)
                    .IsInvalidArgument());
  }
  EXPECT_TRUE(db.writer()->Add("", kNow, 1, &batch).IsInvalidArgument());
  EXPECT_TRUE(db.writer()
                  ->Add(std::string(kSeriesBytesMax + 1, 'x'), kNow, 1, &batch)
                  .IsInvalidArgument());
  EXPECT_EQ(batch.Data(), before);
  EXPECT_EQ(db.counters().written_refused, 11u + 5u + 2u);
  EXPECT_EQ(db.counters().written_samples, 1u);
}

TEST(SampleWriter, ABatchThatIsFullKeepsNoneOfTheRows) {
  SampleDb db("");
  rocksdb::WriteBatch batch(/*reserved_bytes=*/0, /*max_bytes=*/100);
  const std::vector<Sample> samples = {
      {kNow, 1}, {kNow - kDay, 2}, {kNow - 2 * kDay, 3}, {kNow - 3 * kDay, 4}};
  EXPECT_FALSE(db.writer()->Add("series", samples.data(), 4, &batch).ok());
  EXPECT_EQ(batch.Count(), 0u);
  EXPECT_EQ(db.counters().written_samples, 0u);
  EXPECT_TRUE(db.writer()->Add("series", samples.data(), 2, &batch).ok());
  EXPECT_EQ(batch.Count(), 2u);
}

TEST(SampleWriter, FutureLimitGoesByTheClockAndCanBeOff) {
  SampleDb db("future_limit=1h");
  rocksdb::WriteBatch batch;
  const int64_t limit = kNow + kMillisPerHour;
  EXPECT_TRUE(db.writer()->Add("a", limit, 1, &batch).ok());
  EXPECT_TRUE(db.writer()->Add("a", limit + 1, 1, &batch).IsInvalidArgument());
  db.clock()->SetMs(kNow + 1);
  EXPECT_TRUE(db.writer()->Add("a", limit + 1, 1, &batch).ok());
  ASSERT_TRUE(SetPolicy(db.db(), db.cf(), "future_limit=0").ok());
  EXPECT_TRUE(db.writer()->Add("a", kTimestampMax, 1, &batch).ok());
}

TEST(SampleWriter, SamplesPastRetentionAreWrittenAndCounted) {
  SampleDb db("retention_period=30d");
  const int64_t edge = kNow - 30 * kDay;
  db.Write("a", {{edge - 1, 1}, {edge, 2}, {kNow, 3}});
  db.Write("a", kNow / 1000, 4);  // seconds taken for milliseconds
  EXPECT_EQ(db.counters().written_samples, 4u);
  EXPECT_EQ(db.counters().written_expired, 2u);
  EXPECT_EQ(db.Read("a"), (SampleMap{{edge, BitsOf(2)}, {kNow, BitsOf(3)}}));
}

TEST(SampleWriter, NoSamplesAddNothing) {
  SampleDb db("");
  rocksdb::WriteBatch batch;
  EXPECT_TRUE(db.writer()->Add("a", nullptr, 0, &batch).ok());
  EXPECT_EQ(batch.Count(), 0u);
}

TEST(SampleWriter, ThreadsMayShareIt) {
  SampleDb db("");
  constexpr int kThreads = 4;
  constexpr int kSamples = 500;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&db, i] {
      for (int n = 0; n < kSamples; ++n) {
        rocksdb::WriteBatch batch;
        const std::vector<Sample> samples = {{kNow + n, 1.0 * i},
                                             {kNow - kDay - n, 2.0 * i}};
        EXPECT_TRUE(
            db.writer()
                ->Add("s" + std::to_string(i), samples.data(), 2, &batch)
                .ok());
        db.Commit(&batch);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < kThreads; ++i) {
    const SampleMap map = db.Read("s" + std::to_string(i));
    EXPECT_EQ(map.size(), 2u * kSamples);
    EXPECT_EQ(map.at(kNow + 7), BitsOf(1.0 * i));
  }
  EXPECT_EQ(db.counters().written_samples, 2u * kThreads * kSamples);
}

// Varve cuts as a service that encodes by itself does.
TEST(SampleWriter, GivesTheBytesOfEncodeSamples) {
  SampleDb db("bucket=6h;partition=day;window=ceil");
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  std::map<std::string, std::vector<Sample>> rows;
  std::vector<Sample> samples;
  for (const SampleWrite& write : random.Writes(500, kNow, 3 * kDay)) {
    samples.push_back({write.timestamp_ms, ValueOf(write.value_bits)});
    rows[db.Key("a", write.timestamp_ms)].push_back(samples.back());
  }
  rocksdb::WriteBatch batch;
  ASSERT_TRUE(
      db.writer()->Add("a", samples.data(), samples.size(), &batch).ok());
  const Operands operands(batch);
  ASSERT_EQ(operands.list.size(), rows.size());
  size_t i = 0;
  for (const auto& [key, row] : rows) {
    std::string operand;
    ASSERT_TRUE(
        EncodeSamples(db.policy().shape, row.data(), row.size(), &operand)
            .ok());
    EXPECT_EQ(operands.list[i].first, key);
    EXPECT_EQ(operands.list[i].second, operand);
    ++i;
  }
}

}  // namespace
}  // namespace varve
