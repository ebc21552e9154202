// Law: what Varve writes, Varve reads. Rows under every policy that validates,
// in buckets at both ends of time and between, at times when each tier reaches
// into them: merges, headers, keys, the parts' records and a file's properties.
//
// A policy whose dedup_interval was a tier's interval made headers that name
// one interval twice, which no reader took: its samples were lost to every
// reader for good, and no test's policies had such an interval.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compaction/row_merge.h"
#include "compaction/sample_properties_collector.h"
#include "compaction/view.h"
#include "format/part/part_stripe.h"
#include "format/row/row_key.h"
#include "tests/mock_clock.h"
#include "tests/policy_generator.h"

namespace varve {
namespace {

using Samples = std::map<int64_t, uint64_t>;

// One row under one policy.
class WrittenRow {
 public:
  WrittenRow(const Policy& policy, RandomSource* random)
      : policy_(policy), random_(*random) {
    const RowShape& shape = policy.shape;
    static const std::vector<int64_t> kTimes = {kTimestampMin, kTestNowMs,
                                                kTestNowMs, kTimestampMax};
    const int64_t spread = std::min(kTestNowMs, 3 * shape.bucket_width_ms);
    int64_t near_ms = random->Pick(kTimes);
    if (random->OneIn(2)) near_ms += random->Between(-spread, spread);
    near_ms = std::min(std::max(near_ms, kTimestampMin), kTimestampMax);
    bucket_ms_ = shape.BucketStart(near_ms);
    AppendRowKey(shape, "series", bucket_ms_, &key_);
  }

  // A time that some rule cuts the bucket at, or any.
  int64_t DrawNow() {
    int64_t at_ms =
        bucket_ms_ + random_.Between(0, policy_.shape.bucket_width_ms);
    if (random_.OneIn(2)) at_ms = kTestNowMs;
    if (!policy_.tiers.empty()) at_ms += random_.Pick(policy_.tiers).offset_ms;
    return std::max<int64_t>(0, at_ms + policy_.safety_lag_ms);
  }

  // Writes of the row, and operands that hold them.
  void Write() {
    const RowShape& shape = policy_.shape;
    const int64_t low = std::max(shape.BucketFirst(bucket_ms_), kTimestampMin);
    const int64_t high = std::min(shape.BucketLast(bucket_ms_), kTimestampMax);
    for (uint64_t n = 1 + random_.Below(4); n > 0; --n) {
      std::vector<int64_t> timestamps;
      std::vector<uint64_t> bits;
      for (uint64_t i = 1 + random_.Below(30); i > 0; --i) {
        int64_t t = random_.Between(low, high);
        if (random_.OneIn(8)) t = random_.OneIn(2) ? low : high;
        timestamps.push_back(t);
        bits.push_back(random_.ValueBits());
        writes_.push_back({t, bits.back()});
      }
      operands_.emplace_back();
      AppendPlainBlock(timestamps.data(), bits.data(), bits.size(),
                       &operands_.back());
    }
  }

  // Merges the row with what was written since.
  void Merge(int64_t now_ms) {
    operands_.insert(operands_.begin(), row_);
    if (row_.empty()) operands_.erase(operands_.begin());
    const std::vector<Slice> entries(operands_.begin(), operands_.end());
    std::string out;
    RowMergeResult result{&out};
    Counters counters;
    merger_.Merge({policy_, now_ms, key_, entries.data(), entries.size(),
                   random_.OneIn(2) ? Profile::kCompact : Profile::kFast},
                  &result, &counters);
    row_ = result.row().ToString();
    operands_.clear();
  }

  void ExpectRowReads(int64_t now_ms) const {
    BlockHeader header;
    Status status = PeekBlock(row_, &header);
    ASSERT_TRUE(status.ok()) << status.ToString();
    status = CheckBlockOfRow(policy_.shape, bucket_ms_, header);
    ASSERT_TRUE(status.ok()) << status.ToString();
    SampleRun run;
    status = BlockDecoder().Decode(row_, &run);
    ASSERT_TRUE(status.ok()) << status.ToString();
    const int64_t at_ms = PhysicalTime(policy_, now_ms);
    Samples samples;
    for (size_t i = 0; i < run.size(); ++i) {
      samples[run.timestamps()[i]] = run.value_bits()[i];
    }
    ASSERT_EQ(samples,
              View(writes_, policy_.ageing ? policy_ : Unruled(), at_ms));
    if (policy_.ageing) {
      ASSERT_TRUE(IsThinned(header, ThinningAt(policy_, at_ms, bucket_ms_)));
    }
  }

  void ExpectHeaderReads(int64_t now_ms) const {
    BlockSpec spec;
    spec.shape = policy_.shape;
    spec.bucket_start_ms = bucket_ms_;
    DescribeThinning(
        ThinningAt(policy_, PhysicalTime(policy_, now_ms), bucket_ms_), &spec);
    std::string block;
    BlockEncoder().Encode(spec, nullptr, nullptr, 0, &block);
    BlockHeader header;
    const Status status = PeekBlock(block, &header);
    ASSERT_TRUE(status.ok()) << status.ToString();
    ASSERT_EQ(header.thinned_count, spec.thinned_count);
    for (size_t i = 0; i < spec.thinned_count; ++i) {
      ASSERT_TRUE(header.thinned[i] == spec.thinned[i]);
    }
  }

  void ExpectKeyAndRecordRead() const {
    ParsedRowKey parsed;
    ASSERT_TRUE(ParseRowKey(policy_.shape, key_, &parsed));
    ASSERT_EQ(parsed.bucket_start_ms, bucket_ms_);
    ASSERT_EQ(parsed.series(), "series");
    Slice header, timestamps, values;
    ASSERT_TRUE(SplitBlock(row_, &header, &timestamps, &values));
    ASSERT_EQ(header.ToString() + timestamps.ToString() + values.ToString(),
              row_);
  }

  // Those of a file that holds the row and its operands, and rows at the ends
  // of time.
  void ExpectPropertiesRead(int64_t now_ms) const {
    SamplePropertiesFactory factory;
    LivePolicy* const live = factory.GetOptions<LivePolicy>(kLivePolicyName);
    ASSERT_TRUE(live->Replace(policy_).ok());
    live->SetClock(std::make_shared<MockClock>(now_ms));
    const std::unique_ptr<rocksdb::TablePropertiesCollector> collector(
        factory.CreateTablePropertiesCollector({}));
    uint64_t samples = 0;
    const auto add = [&](const Slice& key, const std::string& value) {
      BlockHeader header;
      ASSERT_TRUE(PeekBlock(value, &header).ok());
      samples += header.sample_count;
      ASSERT_TRUE(
          collector->AddUserKey(key, value, rocksdb::kEntryMerge, 1, 0).ok());
    };
    add(key_, row_);
    for (const int64_t t : {kTimestampMin, kTimestampMin + 1, kTimestampMax}) {
      std::string key;
      AppendRowKey(policy_.shape, "series", policy_.shape.BucketStart(t), &key);
      std::string value;
      const uint64_t bits = 7;
      AppendPlainBlock(&t, &bits, 1, &value);
      add(key, value);
    }
    rocksdb::UserCollectedProperties written;
    ASSERT_TRUE(collector->Finish(&written).ok());
    SampleProperties read;
    const Status status = ParseSampleProperties(written, &read);
    ASSERT_TRUE(status.ok()) << status.ToString();
    ASSERT_EQ(read.samples, samples);
    ASSERT_EQ(read.foreign_rows, 0u);
    ASSERT_TRUE(read.shape == policy_.shape);
  }

 private:
  Policy Unruled() const {
    Policy policy;
    policy.shape = policy_.shape;
    return policy;
  }

  const Policy policy_;
  RandomSource& random_;
  int64_t bucket_ms_ = 0;
  std::string key_;
  std::vector<SampleWrite> writes_;
  std::vector<std::string> operands_;
  std::string row_;
  RowMerger merger_;
};

TEST(WrittenRows, UnderEveryPolicyAreRead) {
  PolicyCoverage coverage;
  const uint64_t rounds = 60 * PolicyClasses().size();
  for (uint64_t round = 0; round < rounds; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    const Policy policy =
        DrawPolicyOfClass(round % PolicyClasses().size(), &random);
    SCOPED_TRACE(random.Trace() + "\n" + policy.ToString());
    coverage.Count(policy);
    WrittenRow row(policy, &random);
    for (int i = 0; i < 8; ++i) {
      ASSERT_NO_FATAL_FAILURE(row.ExpectHeaderReads(row.DrawNow()));
    }
    int64_t now_ms = row.DrawNow();
    for (int i = 0; i < 3; ++i) {
      row.Write();
      row.Merge(now_ms);
      ASSERT_NO_FATAL_FAILURE(row.ExpectRowReads(now_ms));
      now_ms += random.Between(0, policy.shape.bucket_width_ms);
    }
    ASSERT_NO_FATAL_FAILURE(row.ExpectKeyAndRecordRead());
    ASSERT_NO_FATAL_FAILURE(row.ExpectPropertiesRead(now_ms));
  }
  std::printf("%s", coverage.ToString().c_str());
  EXPECT_EQ(coverage.Missing(), std::vector<std::string>());
}

}  // namespace
}  // namespace varve
