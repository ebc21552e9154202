#include "compaction/sample_merge_operator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "compaction/job_counters.h"
#include "compaction/read_hint.h"
#include "format/coding/value_bits.h"
#include "format/row/row_key.h"
#include "format/row/sample_block.h"
#include "tests/compaction/no_memory.h"
#include "tests/mock_clock.h"

namespace varve {
namespace {

using rocksdb::Slice;

constexpr int64_t kDay = 1699920000000;  // 2023-11-14T00:00:00Z

std::string Plain(const std::vector<int64_t>& timestamps, uint64_t bits = 7) {
  const std::vector<uint64_t> values(timestamps.size(), bits);
  std::string block;
  AppendPlainBlock(timestamps.data(), values.data(), timestamps.size(), &block);
  return block;
}

// A merge operator at kDay + 2 days, and what its merges answer.
class Merger {
 public:
  explicit Merger(const std::string& fields = "") {
    EXPECT_TRUE(
        operator_.ConfigureFromString(rocksdb::ConfigOptions(), fields).ok());
    live()->SetClock(clock_);
    AppendRowKey(live()->Get().shape, "cpu", kDay, &key_);
  }

  LivePolicy* live() {
    return operator_.GetOptions<LivePolicy>(kLivePolicyName);
  }
  Counters counters() {
    return operator_.GetOptions<AtomicCounters>(kCountersName)->Read();
  }
  const SampleMergeOperator& merge_operator() const { return operator_; }
  void set_key(const std::string& key) { key_ = key; }
  const std::string& key() const { return key_; }

  // The result of a full merge, which must not fail; *existing is set when it
  // is one of the inputs.
  std::string Full(const std::vector<std::string>& operands,
                   const std::string* base = nullptr,
                   bool* existing = nullptr) {
    std::vector<Slice> slices(operands.begin(), operands.end());
    Slice base_slice;
    if (base != nullptr) base_slice = *base;
    const Slice key(key_);
    const rocksdb::MergeOperator::MergeOperationInput in(
        key, base == nullptr ? nullptr : &base_slice, slices, nullptr);
    std::string value;
    Slice operand(nullptr, 0);
    rocksdb::MergeOperator::MergeOperationOutput out(value, operand);
    EXPECT_TRUE(operator_.FullMergeV2(in, &out));
    if (existing != nullptr) *existing = operand.data() != nullptr;
    return operand.data() != nullptr ? operand.ToString() : value;
  }

  std::string Partial(const std::vector<std::string>& operands) {
    const std::deque<Slice> slices(operands.begin(), operands.end());
    std::string value;
    EXPECT_TRUE(operator_.PartialMergeMulti(key_, slices, &value, nullptr));
    return value;
  }

 private:
  std::shared_ptr<MockClock> clock_ =
      std::make_shared<MockClock>(kDay + 2 * kMillisPerDay);
  SampleMergeOperator operator_;
  std::string key_;
};

std::vector<int64_t> TimestampsOf(const std::string& block) {
  SampleRun run;
  const Status status = BlockDecoder().Decode(block, &run);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return {run.timestamps(), run.timestamps() + run.size()};
}

std::vector<std::string> EntriesOf(const std::string& bytes) {
  BlockHeader header;
  EXPECT_TRUE(PeekBlock(bytes, &header).ok());
  EXPECT_EQ(header.form, BlockForm::kContainer);
  std::vector<std::string> entries;
  ContainerReader reader(bytes);
  Slice entry;
  while (reader.Next(&entry)) entries.push_back(entry.ToString());
  return entries;
}

// ------------------------------------------------------------------ merges

TEST(SampleMergeOperator, FullAndPartialMergesApplyThePolicyOfTheClock) {
  Merger merger("dedup_interval=10s");
  const std::vector<std::string> operands = {Plain({kDay, kDay + 1000}),
                                             Plain({kDay + 11000})};
  const std::vector<int64_t> expected = {kDay + 1000, kDay + 11000};
  EXPECT_EQ(TimestampsOf(merger.Full(operands)), expected);
  EXPECT_EQ(TimestampsOf(merger.Partial(operands)), expected);
  const std::string base = merger.Full(operands);
  EXPECT_EQ(TimestampsOf(merger.Full({Plain({kDay + 12000})}, &base)),
            (std::vector<int64_t>{kDay + 1000, kDay + 12000}));
  EXPECT_EQ(merger.counters().samples_deduplicated, 4u);
}

TEST(SampleMergeOperator, APolicyChangeHoldsFromTheNextMerge) {
  Merger merger;
  const std::vector<std::string> operands = {Plain({kDay, kDay + 1000}),
                                             Plain({kDay + 2000})};
  EXPECT_EQ(TimestampsOf(merger.Full(operands)).size(), 3u);
  ASSERT_TRUE(
      merger.live()
          ->Change({{"dedup_interval", "10s"}}, LivePolicy::Scope::kAllButShape)
          .ok());
  EXPECT_EQ(TimestampsOf(merger.Full(operands)).size(), 1u);
}

TEST(SampleMergeOperator, WhatNeedsNoChangePassesWithoutACopy) {
  Merger merger;
  const std::string block = merger.Full({Plain({kDay}), Plain({kDay + 1})});
  bool existing = false;
  EXPECT_EQ(merger.Full({block}, nullptr, &existing), block);
  EXPECT_TRUE(existing);
}

// A row that one flush wrote whole reached the bottom level as its only
// operand and stayed in the fast profile for ever.
TEST(SampleMergeOperator, ALoneOperandBecomesACompactValueOnce) {
  Merger merger;
  std::vector<std::string> halves;
  for (int64_t half = 0; half < 2; ++half) {
    std::vector<int64_t> timestamps;
    std::vector<uint64_t> values;
    for (int64_t i = half * 1000; i < (half + 1) * 1000; ++i) {
      timestamps.push_back(kDay + i * 1000 + i * i % 7);
      const double value = static_cast<double>(i * i % 911) / 10;
      values.push_back(BitsOf(value));
    }
    halves.emplace_back();
    AppendPlainBlock(timestamps.data(), values.data(), timestamps.size(),
                     &halves.back());
  }
  const std::string flushed = merger.Partial(halves);
  bool existing = true;
  const std::string value = merger.Full({flushed}, nullptr, &existing);
  EXPECT_FALSE(existing);
  EXPECT_LT(value.size(), flushed.size());
  EXPECT_EQ(TimestampsOf(value), TimestampsOf(flushed));
  EXPECT_EQ(merger.Full({value}), value);
}

TEST(SampleMergeOperator, NoBytesMakeAFullMergeFail) {
  Merger merger;
  const std::string garbage[] = {"",
                                 "x",
                                 "\xA7",
                                 std::string("\xA7\0", 2),
                                 "\xA7\x01",
                                 "\xA7\x02\xff\xff\xff\xff\xff",
                                 "\xA7\x03\xff",
                                 "\xA7\x7F of tomorrow",
                                 std::string(100000, '\xA7')};
  for (const std::string& base : garbage) {
    EXPECT_EQ(merger.Full({base}), base);
    for (const std::string& operand : garbage) {
      EXPECT_EQ(EntriesOf(merger.Full({operand, Plain({kDay})}, &base)).size(),
                3u);
      merger.Partial({operand, base});
    }
  }
  // A key that is no row's.
  merger.set_key("foreign");
  EXPECT_EQ(EntriesOf(merger.Full({Plain({kDay}), Plain({kDay})})).size(), 2u);
}

template <typename Output>
auto FailsReadsAlone(const Output& out, int)
    -> decltype(out.op_failure_scope, bool()) {
  return out.op_failure_scope == decltype(out.op_failure_scope)::kMustMerge;
}
// RocksDB before 7.10 does not ask.
template <typename Output>
bool FailsReadsAlone(const Output& /*out*/, long) {
  return true;
}

// A merge without memory ended in a database that took no more writes, for one
// key that could have been left as it was: RocksDB takes a failure for one of
// flushes and compactions too, unless it is told otherwise.
TEST(SampleMergeOperator, WithoutMemoryTheKeysReadsFailAndNothingElse) {
  Merger merger;
  const std::string first = Plain({kDay + 1000}), second = Plain({kDay + 2000});
  const std::vector<Slice> operands = {first, second};
  const Slice key = merger.key();
  const rocksdb::MergeOperator::MergeOperationInput in(key, nullptr, operands,
                                                       nullptr);
  std::string value;
  Slice operand(nullptr, 0);
  rocksdb::MergeOperator::MergeOperationOutput out(value, operand);
  bool merged = true;
  {
    const NoMemory no_memory;
    merged = merger.merge_operator().FullMergeV2(in, &out);
  }
  EXPECT_FALSE(merged);
  EXPECT_TRUE(FailsReadsAlone(out, 0));
  EXPECT_EQ(merger.Full({first, second}).empty(), false);
}

TEST(SampleMergeOperator, AThreadsScratchHoldsNothingOfOtherRows) {
  Merger merger;
  merger.Full({"garbage", "more garbage"});
  EXPECT_EQ(TimestampsOf(merger.Full({Plain({kDay}), Plain({kDay + 5})})),
            (std::vector<int64_t>{kDay, kDay + 5}));
  {
    ReadHint hint(kDay, kDay);
    merger.Full({"garbage", "more garbage"});
  }
  EXPECT_EQ(TimestampsOf(merger.Full({Plain({kDay}), Plain({kDay + 5})})),
            (std::vector<int64_t>{kDay, kDay + 5}));
}

TEST(SampleMergeOperator, ThreadsMergeSideBySide) {
  Merger merger;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&merger, t] {
      for (int i = 0; i < 500; ++i) {
        const std::vector<int64_t> expected = {kDay + t, kDay + 100 + i};
        EXPECT_EQ(TimestampsOf(merger.Full(
                      {Plain({kDay + 100 + i}), Plain({kDay + t})})),
                  expected);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(merger.counters().samples_merged, 4u * 500 * 2);
}

TEST(SampleMergeOperator, MergesCountForTheirThreadsJob) {
  Merger merger;
  const auto job = std::make_shared<AtomicCounters>();
  const std::vector<std::string> operands = {Plain({kDay}), Plain({kDay})};
  merger.Full(operands);
  JobCounters::Enter(job);
  merger.Full(operands);
  merger.Partial(operands);
  std::thread([&] { merger.Full(operands); }).join();
  JobCounters::Enter(nullptr);
  merger.Full(operands);
  EXPECT_EQ(job->Read().samples_overwritten, 2u);
  EXPECT_EQ(merger.counters().samples_overwritten, 5u);
}

// ------------------------------------------------------- under a read hint

TEST(ReadHint, IsOfItsThreadAndNests) {
  EXPECT_EQ(ReadHint::Current(), nullptr);
  {
    const ReadHint outer(1, 2);
    {
      const ReadHint inner(3, 4);
      EXPECT_EQ(ReadHint::Current()->from_ms(), 3);
      std::thread([] { EXPECT_EQ(ReadHint::Current(), nullptr); }).join();
    }
    EXPECT_EQ(ReadHint::Current()->to_ms(), 2);
  }
  EXPECT_EQ(ReadHint::Current(), nullptr);
}

TEST(ReadHint, PicksWhatOverlapsInWriteOrder) {
  Merger merger("dedup_interval=1h;retention_period=1d");
  const std::string base = Plain({kDay + 1, kDay + 50});
  const std::vector<std::string> operands = {
      Plain({kDay + 10}), Plain({kDay + 20}), Plain({kDay + 60, kDay + 15}),
      Plain({kDay + 20}, 8), Plain({kDay + 21})};
  const ReadHint hint(kDay + 20, kDay + 20);
  EXPECT_EQ(
      EntriesOf(merger.Full(operands, &base)),
      (std::vector<std::string>{base, operands[1], operands[2], operands[3]}));
  EXPECT_TRUE(merger.counters().empty()) << "no policy, no merge";
}

TEST(ReadHint, OneEntryComesAsItIs) {
  Merger merger;
  const ReadHint hint(kDay + 20, kDay + 30);
  bool existing = false;
  EXPECT_EQ(
      merger.Full({Plain({kDay}), Plain({kDay + 25})}, nullptr, &existing),
      Plain({kDay + 25}));
  EXPECT_TRUE(existing);
}

TEST(ReadHint, NoEntryIsAnEmptyContainer) {
  Merger merger;
  const ReadHint hint(kDay + 20, kDay + 30);
  const std::string base = Plain({kDay + 31});
  EXPECT_TRUE(EntriesOf(merger.Full({Plain({kDay + 19})}, &base)).empty());
}

TEST(ReadHint, WhatCannotBeVouchedForIsKept) {
  Merger merger;
  RowShape other = merger.live()->Get().shape;
  other.bucket_width_ms = kMillisPerHour;
  BlockSpec spec;
  spec.shape = other;
  spec.bucket_start_ms = kDay;
  const int64_t t = kDay + 1;
  const uint64_t bits = 7;
  std::string other_shape;
  BlockEncoder().Encode(spec, &t, &bits, 1, &other_shape);
  const std::vector<std::string> kept = {"", "garbage", "\xA7\x7F of tomorrow",
                                         other_shape,
                                         Plain({kDay + kMillisPerDay})};
  std::vector<std::string> operands = kept;
  operands.push_back(Plain({kDay + 5}));
  const ReadHint hint(kDay + 20, kDay + 30);
  EXPECT_EQ(EntriesOf(merger.Full(operands)), kept);
}

TEST(ReadHint, ContainersAreOpened) {
  Merger merger;
  ContainerWriter writer;
  writer.Add("garbage of an inner container");
  std::string inner;
  writer.Finish(&inner);
  writer.Add("garbage");
  writer.Add(Plain({kDay + 25}));
  writer.Add(Plain({kDay + 35}));
  writer.Add(inner);
  std::string container;
  writer.Finish(&container);
  const ReadHint hint(kDay + 20, kDay + 30);
  EXPECT_EQ(EntriesOf(merger.Full({Plain({kDay + 30})}, &container)),
            (std::vector<std::string>{"garbage", Plain({kDay + 25}),
                                      "garbage of an inner container",
                                      Plain({kDay + 30})}));
}

TEST(ReadHint, ForeignKeysKeepEverything) {
  Merger merger;
  merger.set_key("foreign");
  const std::vector<std::string> operands = {Plain({kDay}), "x", Plain({5})};
  const ReadHint hint(kDay + 20, kDay + 30);
  EXPECT_EQ(EntriesOf(merger.Full(operands)), operands);
}

// What a dashboard pays for a hot row; the bound is for builds with
// optimisation on an idle machine, the test only guards against a blow-up.
TEST(ReadHint, CostsNanosecondsAnOperand) {
  Merger merger;
  constexpr size_t kOperands = 5760;
  std::vector<std::string> operands;
  for (size_t i = 0; i < kOperands; ++i) {
    operands.push_back(Plain({kDay + static_cast<int64_t>(i) * 15000}));
  }
  const int64_t newest = kDay + static_cast<int64_t>(kOperands) * 15000;
  const struct {
    const char* name;
    int64_t from_ms;
    size_t entries;
  } cases[] = {{"the newest 5 minutes", newest - 300000, 20},
               {"all", kDay, kOperands}};
  const std::vector<Slice> slices(operands.begin(), operands.end());
  for (const auto& c : cases) {
    const ReadHint hint(c.from_ms, newest);
    EXPECT_EQ(EntriesOf(merger.Full(operands)).size(), c.entries);
    double best_ns = 1e9;
    for (int round = 0; round < 50; ++round) {
      const auto start = std::chrono::steady_clock::now();
      const Slice key(merger.key());
      const rocksdb::MergeOperator::MergeOperationInput in(key, nullptr, slices,
                                                           nullptr);
      std::string value;
      Slice operand(nullptr, 0);
      rocksdb::MergeOperator::MergeOperationOutput out(value, operand);
      merger.merge_operator().FullMergeV2(in, &out);
      const std::chrono::duration<double, std::nano> spent =
          std::chrono::steady_clock::now() - start;
      best_ns = std::min(best_ns, spent.count() / kOperands);
    }
    std::printf("%s: %.1f ns an operand\n", c.name, best_ns);
    EXPECT_LT(best_ns, 1000);
  }
}

}  // namespace
}  // namespace varve
