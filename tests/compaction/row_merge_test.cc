// The merge of one row's entries: it never fails, loses nothing that a later
// View needs, and finishes a row at once.
#include "compaction/row_merge.h"

#include <gtest/gtest.h>

#include <map>

#include "compaction/view.h"
#include "format/values/value_constants.h"
#include "tests/random_source.h"

namespace varve {
namespace {

using Samples = std::map<int64_t, uint64_t>;

struct RowMergeTest : testing::Test {
  std::string Plain(const std::vector<SampleWrite>& writes) {
    std::string block;
    SampleRun run;
    for (const auto& w : writes) run.Append(w.timestamp_ms, w.value_bits);
    AppendPlainBlock(run.timestamps(), run.value_bits(), run.size(), &block);
    return block;
  }

  std::string Block(std::vector<SampleWrite> writes) {
    SampleRun run;
    for (const auto& w : writes) run.Append(w.timestamp_ms, w.value_bits);
    MergeScratch scratch;
    SortLastWriteWins(&run, &scratch);
    BlockSpec spec;
    spec.shape = policy.shape;
    spec.bucket_start_ms = bucket;
    std::string block;
    BlockEncoder().Encode(spec, run.timestamps(), run.value_bits(), run.size(),
                          &block);
    return block;
  }

  std::string Merge(const std::vector<std::string>& entries) {
    std::vector<Slice> slices(entries.begin(), entries.end());
    std::string out = "stale";
    RowMergeResult result{&out};
    merger.Merge(
        {policy, now_ms, Key(), slices.data(), slices.size(), Profile::kFast},
        &result, &counters);
    passed = !result.unchanged.empty();
    return result.row().ToString();
  }

  std::string Key() const {
    std::string key;
    AppendRowKey(policy.shape, "series", bucket, &key);
    return key;
  }

  // Writes that a row's bytes hold, oldest first; verbatim entries apart.
  std::vector<SampleWrite> WritesIn(const std::string& bytes,
                                    std::vector<std::string>* verbatim) {
    std::vector<SampleWrite> writes;
    BlockHeader header;
    const auto take = [&](const Slice& entry) {
      SampleRun run;
      if (!PeekBlock(entry, &header).ok() ||
          !CheckBlockOfRow(policy.shape, bucket, header).ok() ||
          !BlockDecoder().Decode(entry, &run).ok()) {
        if (verbatim != nullptr) verbatim->push_back(entry.ToString());
        return;
      }
      for (size_t i = 0; i < run.size(); ++i) {
        writes.push_back({run.timestamps()[i], run.value_bits()[i]});
      }
    };
    if (PeekBlock(bytes, &header).ok() &&
        header.form == BlockForm::kContainer) {
      ContainerReader reader(bytes);
      Slice entry;
      while (reader.Next(&entry)) take(entry);
    } else {
      take(bytes);
    }
    return writes;
  }

  Samples ViewOf(const std::string& bytes) {
    return View(WritesIn(bytes, nullptr), policy, now_ms);
  }

  Policy policy;
  int64_t bucket = kTestNowMs - kMillisPerDay;
  int64_t now_ms = kTestNowMs;
  RowMerger merger;
  Counters counters;
  bool passed = false;
};

TEST_F(RowMergeTest, LaterEntryWins) {
  const std::string merged =
      Merge({Plain({{bucket, 1}, {bucket + 5, 2}}), Block({{bucket, 3}})});
  EXPECT_EQ(ViewOf(merged), (Samples{{bucket, 3}, {bucket + 5, 2}}));
  EXPECT_EQ(counters.samples_overwritten, 1u);
  EXPECT_EQ(counters.samples_merged, 3u);
  EXPECT_EQ(counters.blocks_merged, 2u);
}

TEST_F(RowMergeTest, LoneBlockThatIsRightPasses) {
  const std::string block = Block({{bucket, 1}, {bucket + 5, 2}});
  EXPECT_EQ(Merge({block}), block);
  EXPECT_TRUE(passed);
  EXPECT_EQ(counters.blocks_passed, 1u);
}

TEST_F(RowMergeTest, LonePlainOperandBecomesABlock) {
  const std::string merged = Merge({Plain({{bucket + 5, 2}, {bucket, 1}})});
  BlockHeader header;
  ASSERT_TRUE(PeekBlock(merged, &header).ok());
  EXPECT_EQ(header.form, BlockForm::kBlock);
  EXPECT_EQ(ViewOf(merged), (Samples{{bucket, 1}, {bucket + 5, 2}}));
}

TEST_F(RowMergeTest, ResultIsFinishedAtOnce) {
  policy.tiers = {{kMillisPerHour, 60000}};
  policy.safety_lag_ms = 0;
  const std::string merged = Merge(
      {Block({{bucket, 1}, {bucket + 1, 2}}), Block({{bucket + 60000, 3}})});
  EXPECT_EQ(ViewOf(merged), (Samples{{bucket + 1, 2}, {bucket + 60000, 3}}));
  EXPECT_EQ(counters.samples_downsampled, 1u);
  EXPECT_EQ(Merge({merged}), merged);
  EXPECT_TRUE(passed);
}

TEST_F(RowMergeTest, AgeingOffThinsNothing) {
  policy.tiers = {{kMillisPerHour, 60000}};
  policy.retention_ms = 1;
  policy.ageing = false;
  const std::string merged =
      Merge({Block({{bucket, 1}, {bucket + 1, 2}}), Plain({{bucket, 4}})});
  EXPECT_EQ(WritesIn(merged, nullptr).size(), 2u);
}

TEST_F(RowMergeTest, UndecodableEntriesStayVerbatimInTheirPlace) {
  const std::string garbage = "not a block";
  const std::string newer = "\xA7\x7F and more";
  const std::string first = Merge({Plain({{bucket, 1}}), Plain({{bucket, 2}}),
                                   garbage, Plain({{bucket + 1, 3}})});
  std::vector<std::string> verbatim;
  EXPECT_EQ(WritesIn(first, &verbatim).size(), 2u);
  EXPECT_EQ(verbatim, std::vector<std::string>{garbage});
  const std::string second = Merge({first, newer, ""});
  verbatim.clear();
  EXPECT_EQ(ViewOf(second), (Samples{{bucket, 2}, {bucket + 1, 3}}));
  WritesIn(second, &verbatim);
  EXPECT_EQ(verbatim, (std::vector<std::string>{garbage, newer, ""}));

  // Their order is that of the writes.
  ContainerReader reader(second);
  Slice entry;
  ASSERT_TRUE(reader.Next(&entry));
  EXPECT_EQ(ViewOf(entry.ToString()), (Samples{{bucket, 2}}));
  ASSERT_TRUE(reader.Next(&entry));
  EXPECT_EQ(entry, Slice(garbage));
}

// int64 values have a number, which no version writes yet. Who goes back one
// version keeps such rows, long ones that pieces are taken of included.
TEST_F(RowMergeTest, Int64ColumnsOfANewerVersionStayVerbatim) {
  for (const int64_t count : {3, 5000}) {
    std::vector<SampleWrite> writes;
    for (int64_t i = 0; i < count; ++i) {
      writes.push_back({bucket + i, uint64_t{1} << i % 9});
    }
    std::string newer = Block(writes);
    BlockHeader header;
    ASSERT_TRUE(PeekBlock(newer, &header).ok());
    newer[header.header_bytes + header.timestamp_bytes] =
        static_cast<char>(kInt64);
    SampleRun run;
    ASSERT_TRUE(BlockDecoder().Decode(newer, &run).IsNotSupported());
    std::vector<std::string> verbatim;
    const std::string merged = Merge({newer, Plain({{bucket + count, 5}})});
    EXPECT_EQ(WritesIn(merged, &verbatim).size(), 1u);
    EXPECT_EQ(verbatim, std::vector<std::string>{newer});
  }
}

TEST_F(RowMergeTest, LoneGarbageStaysAsItIs) {
  EXPECT_EQ(Merge({"garbage"}), "garbage");
  EXPECT_EQ(Merge({""}), "");
}

TEST_F(RowMergeTest, ContainerThatIsReadableAgainBecomesOneBlock) {
  ContainerWriter writer;
  writer.Add(Plain({{bucket, 1}}));
  writer.Add(Plain({{bucket, 2}, {bucket + 9, 3}}));
  std::string container;
  writer.Finish(&container);
  const std::string merged = Merge({container});
  BlockHeader header;
  ASSERT_TRUE(PeekBlock(merged, &header).ok());
  EXPECT_EQ(header.form, BlockForm::kBlock);
  EXPECT_EQ(ViewOf(merged), (Samples{{bucket, 2}, {bucket + 9, 3}}));
}

TEST_F(RowMergeTest, BlocksOfAnotherRowOrShapeAreKeptApart) {
  const std::string ours = Block({{bucket, 1}});
  bucket += kMillisPerDay;
  const std::string next_day = Block({{bucket, 2}});
  const std::string plain_next_day = Plain({{bucket, 3}});
  bucket -= kMillisPerDay;
  policy.shape.partition = Partition::kNone;
  const std::string other_shape = Block({{bucket, 4}});
  policy.shape.partition = Partition::kMonth;
  const std::string merged =
      Merge({ours, next_day, plain_next_day, other_shape});
  std::vector<std::string> verbatim;
  EXPECT_EQ(WritesIn(merged, &verbatim).size(), 1u);
  EXPECT_EQ(verbatim,
            (std::vector<std::string>{next_day, plain_next_day, other_shape}));
}

TEST_F(RowMergeTest, ForeignKeysKeepTheirOperands) {
  std::vector<Slice> entries = {"a", "b"};
  std::string out;
  RowMergeResult result{&out};
  merger.Merge({policy, now_ms, "some key", entries.data(), 2, Profile::kFast},
               &result, &counters);
  ContainerReader reader(out);
  Slice entry;
  ASSERT_TRUE(reader.Next(&entry));
  EXPECT_EQ(entry, Slice("a"));
  ASSERT_TRUE(reader.Next(&entry));
  EXPECT_EQ(entry, Slice("b"));
}

TEST_F(RowMergeTest, EverythingExpiredLeavesAnEmptyBlock) {
  policy.retention_ms = kMillisPerHour;
  const std::string merged =
      Merge({Plain({{bucket, 1}}), Plain({{bucket, 2}})});
  BlockHeader header;
  ASSERT_TRUE(PeekBlock(merged, &header).ok());
  EXPECT_EQ(header.sample_count, 0u);
  EXPECT_EQ(counters.samples_expired, 1u);
}

// A merge whose memory ran out twice keeps containers in containers. Their
// writes were read, but later merges left them as they were, never aged.
TEST_F(RowMergeTest, ContainersInContainersAreOpened) {
  policy.dedup_interval_ms = 1000;
  const auto around = [](const std::vector<std::string>& entries) {
    ContainerWriter writer;
    for (const std::string& entry : entries) writer.Add(entry);
    std::string container;
    writer.Finish(&container);
    return container;
  };
  const std::string inner =
      around({Plain({{bucket, 1}}), "garbage", Plain({{bucket + 5, 2}})});
  const std::string outer = around({around({inner}), Plain({{bucket + 6, 3}})});
  std::vector<std::string> verbatim;
  const std::string merged = Merge({outer, Plain({{bucket + 7000, 4}})});
  std::vector<int64_t> times;
  for (const SampleWrite& write : WritesIn(merged, &verbatim)) {
    times.push_back(write.timestamp_ms);
  }
  EXPECT_EQ(times, (std::vector<int64_t>{bucket, bucket + 6, bucket + 7000}));
  EXPECT_EQ(verbatim, std::vector<std::string>{"garbage"});

  std::string deep = Plain({{bucket, 1}});
  for (int i = 0; i < 2000; ++i) deep = around({deep});
  EXPECT_EQ(ViewOf(Merge({deep})), (Samples{{bucket, 1}}));
}

// Merged with another or alone, they became a value of no bytes, which is no
// row: reads of it failed.
TEST_F(RowMergeTest, EmptyContainersMergeToARowWithoutSamples) {
  const std::string empty = "\xA7\x03";
  for (const std::vector<std::string>& entries :
       {std::vector<std::string>{empty}, {empty, empty}}) {
    const std::string merged = Merge(entries);
    BlockHeader header;
    ASSERT_TRUE(PeekBlock(merged, &header).ok());
    EXPECT_EQ(header.form, BlockForm::kBlock);
    EXPECT_EQ(header.sample_count, 0u);
  }
  EXPECT_EQ(ViewOf(Merge({empty, Plain({{bucket, 1}})})),
            (Samples{{bucket, 1}}));
}

// Rows of other programs keep their bytes, such as look like containers too.
TEST_F(RowMergeTest, ForeignContainersOfOneOperandStay) {
  const std::string empty = "\xA7\x03";
  const std::vector<Slice> entries = {empty, empty};
  std::string out;
  RowMergeResult result{&out};
  merger.Merge({policy, now_ms, "some key", entries.data(), 1, Profile::kFast},
               &result, &counters);
  EXPECT_EQ(result.unchanged, Slice(empty));
  merger.Merge({policy, now_ms, "some key", entries.data(), 2, Profile::kFast},
               &result, &counters);
  EXPECT_EQ(out, empty);
}

// Any way of cutting a row's writes into operands and merging them in any
// grouping, at times that move forward, with entries that nobody can read in
// between, ends in the View of the writes.
TEST_F(RowMergeTest, AnyGroupingAtAnyTimeEndsInTheView) {
  for (uint64_t round = 0; round < 3000; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    policy = random.ValidPolicy();
    now_ms = kTestNowMs - random.Between(0, 60 * kMillisPerDay);
    bucket = policy.shape.BucketStart(kTestNowMs -
                                      random.Between(0, 60 * kMillisPerDay));
    const auto writes =
        random.Writes(1 + random.Below(60), policy.shape.BucketLast(bucket),
                      policy.shape.bucket_width_ms - 1);
    std::vector<std::string> entries;
    std::vector<std::string> garbage;
    const bool dirty = random.OneIn(4);
    for (size_t i = 0; i < writes.size();) {
      const size_t n = std::min(1 + random.Below(8), writes.size() - i);
      const std::vector<SampleWrite> some(writes.begin() + i,
                                          writes.begin() + i + n);
      entries.push_back(random.OneIn(2) ? Plain(some) : Block(some));
      if (dirty && random.OneIn(5)) {
        garbage.push_back("garbage " + std::to_string(i));
        entries.push_back(garbage.back());
      }
      i += n;
    }
    while (entries.size() > 1) {
      const size_t begin = random.Below(entries.size() - 1);
      const size_t n = 1 + random.Below(entries.size() - begin);
      const std::vector<std::string> some(entries.begin() + begin,
                                          entries.begin() + begin + n);
      entries[begin] = Merge(some);
      entries.erase(entries.begin() + begin + 1, entries.begin() + begin + n);
      now_ms += random.Between(0, kMillisPerDay);
    }
    std::vector<std::string> verbatim;
    const auto left = WritesIn(Merge(entries), &verbatim);
    ASSERT_EQ(View(left, policy, now_ms), View(writes, policy, now_ms));
    ASSERT_EQ(verbatim, garbage);
  }
}

// Long rows keep pieces that nothing reaches: with appended, late and
// overwriting samples, policies, and blocks that were joined before.
TEST_F(RowMergeTest, LongRowsWithKeptPiecesEndInTheView) {
  size_t joined = 0;
  for (uint64_t round = 0; round < 400; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    do {  // with room for long rows
      policy = random.OneIn(2) ? random.ValidPolicy() : Policy();
    } while (policy.shape.bucket_width_ms < kMillisPerHour);
    now_ms = kTestNowMs + random.Between(-kMillisPerDay, 60 * kMillisPerDay);
    bucket =
        policy.shape.BucketStart(kTestNowMs - random.Between(0, kMillisPerDay));
    const int64_t step = random.Between(1, policy.shape.bucket_width_ms / 9000);
    const bool constant = random.OneIn(3);
    int64_t t = policy.shape.BucketFirst(bucket);
    std::vector<SampleWrite> all;
    std::string row;
    for (int64_t merges = random.Between(3, 6); merges > 0; --merges) {
      std::vector<std::string> entries;
      if (!row.empty()) entries.push_back(row);
      for (int64_t blocks = random.Between(1, 3); blocks > 0; --blocks) {
        std::vector<SampleWrite> writes;
        const int64_t count = random.Between(1, random.OneIn(3) ? 700 : 20);
        for (int64_t i = 0; i < count; ++i) {
          writes.push_back({t, constant ? 7 : random.ValueBits()});
          t += constant ? step : random.Between(1, step);
        }
        if (random.OneIn(8)) {
          writes.push_back({random.Pick(writes).timestamp_ms, 1});
        }
        if (random.OneIn(8) && !all.empty()) {
          writes.push_back({random.Pick(all).timestamp_ms, 2});
        }
        all.insert(all.end(), writes.begin(), writes.end());
        entries.push_back(random.OneIn(4) ? Plain(writes) : Block(writes));
      }
      row = Merge(entries);
      BlockHeader header;
      ASSERT_TRUE(PeekBlock(row, &header).ok());
      joined += header.counted_pieces;
      ASSERT_EQ(View(WritesIn(row, nullptr), policy, now_ms),
                View(all, policy, now_ms));
      ASSERT_EQ(Merge({row}), row);
      now_ms += random.Between(0, kMillisPerDay / 8);
    }
  }
  EXPECT_GT(joined, 100u);
}

// A late sample within a later piece: those before it stay, it does not.
TEST_F(RowMergeTest, LateSamplesReachOnlyTheirPieces) {
  std::vector<SampleWrite> all;
  const auto more = [&](int64_t count) {
    const size_t before = all.size();
    for (int64_t i = 0; i < count; ++i) {
      const auto n = static_cast<int64_t>(all.size());
      all.push_back({bucket + 1000 * n, uint64_t{1} << n % 9});
    }
    return Block({all.begin() + static_cast<ptrdiff_t>(before), all.end()});
  };
  std::string row = Merge({more(9000), more(700)});
  for (const int64_t late : {9699, 9000, 8999, 8192, 8191, 5}) {
    all.push_back({bucket + 1000 * late + 1, 3});
    row = Merge({row, Plain({all.back()})});
    BlockHeader header;
    ASSERT_TRUE(PeekBlock(row, &header).ok());
    EXPECT_EQ(header.counted_pieces, late >= 8192) << late;
    EXPECT_EQ(ViewOf(row), View(all, policy, now_ms)) << late;
  }
}

// A window that reaches over the seam between a long row and what is appended
// is thinned, whichever side is a block that could be kept.
TEST_F(RowMergeTest, WindowsOverSeamsAreThinned) {
  policy.dedup_interval_ms = 1000;
  policy.safety_lag_ms = 0;
  const auto writes = [&](int64_t first, int64_t count) {
    std::vector<SampleWrite> some;
    for (int64_t i = 0; i < count; ++i) {
      some.push_back({bucket + first + 1000 * i, uint64_t{1} << i % 9});
    }
    return some;
  };
  for (const int64_t gap : {900, 1000}) {
    for (const int64_t appended : {1, 40, 3000}) {
      const std::string front = Merge({Block(writes(50, 4000))});
      const std::string back =
          Merge({Block(writes(50 + 3999 * 1000 + gap, appended))});
      auto all = writes(50, 4000);
      for (const auto& w : writes(50 + 3999 * 1000 + gap, appended)) {
        all.push_back(w);
      }
      const std::string merged = Merge({front, back});
      const auto left = WritesIn(merged, nullptr);
      EXPECT_EQ(left.size(), 4000 + appended - (gap < 1000 ? 1 : 0));
      EXPECT_EQ(View(left, policy, now_ms), View(all, policy, now_ms));
      BlockHeader header;
      ASSERT_TRUE(PeekBlock(merged, &header).ok());
      EXPECT_EQ(header.counted_pieces, gap == 1000 && appended < 1000);
    }
  }
}

// Regular timestamps are thinned without being written out: any step, phase,
// policy, with late samples in between and pieces.
TEST_F(RowMergeTest, RegularBlocksAreThinnedAsOthers) {
  size_t thinned = 0;
  for (uint64_t round = 0; round < 1500; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    policy = random.ValidPolicy();
    policy.ageing = true;
    now_ms = kTestNowMs;
    // Often where a tier reaches into the block.
    int64_t near_ms = kTestNowMs - random.Between(0, 60 * kMillisPerDay);
    if (!policy.tiers.empty() && !random.OneIn(4)) {
      const Tier& tier = random.Pick(policy.tiers);
      near_ms = PhysicalTime(policy, now_ms) - tier.offset_ms -
                random.Between(0, 20 * tier.interval_ms);
    }
    near_ms = std::max(near_ms, kTimestampMin);
    bucket = policy.shape.BucketStart(near_ms);
    std::vector<SampleWrite> all;
    std::vector<std::string> entries;
    for (int64_t blocks = random.Between(1, 2); blocks > 0; --blocks) {
      const std::vector<int64_t> steps = {500, 1000, 15000, 60000,
                                          random.Between(1, 20000)};
      const int64_t step = random.Pick(steps);
      const bool constant = random.OneIn(2);
      int64_t t = std::max(policy.shape.BucketFirst(bucket), kTimestampMin) +
                  (random.OneIn(2) ? 0 : random.Between(0, 40000));
      t = std::min(t, policy.shape.BucketLast(bucket));
      if (random.OneIn(2)) t = std::max(t, near_ms);
      std::vector<SampleWrite> writes;
      for (int64_t n = random.OneIn(30) ? 9000 : random.Between(2, 500); n > 0;
           --n, t += step) {
        if (t > policy.shape.BucketLast(bucket)) break;
        writes.push_back({t, constant ? 7 : random.ValueBits()});
      }
      all.insert(all.end(), writes.begin(), writes.end());
      entries.push_back(Block(writes));
    }
    if (random.OneIn(2)) {
      all.push_back({random.Pick(all).timestamp_ms, 3});
      entries.push_back(Plain({all.back()}));
    }
    counters = Counters();
    const std::string merged = Merge(entries);
    const int64_t at = PhysicalTime(policy, now_ms);
    SampleRun plain;
    for (const auto& w : all) plain.Append(w.timestamp_ms, w.value_bits);
    MergeScratch scratch;
    SortLastWriteWins(&plain, &scratch);
    ThinCounts counts;
    Thin(ThinningAt(policy, at, bucket), policy.shape.window, &plain, &counts);
    SampleRun run;
    ASSERT_TRUE(BlockDecoder().Decode(merged, &run).ok());
    ASSERT_EQ(run.size(), plain.size());
    for (size_t i = 0; i < run.size(); ++i) {
      ASSERT_EQ(run.timestamps()[i], plain.timestamps()[i]);
      ASSERT_EQ(run.value_bits()[i], plain.value_bits()[i]);
    }
    if (entries.size() == 1) {
      ASSERT_EQ(counters.samples_downsampled, counts.downsampled);
      ASSERT_EQ(counters.samples_deduplicated, counts.deduplicated);
      ASSERT_EQ(counters.samples_expired, counts.expired);
    }
    thinned += counts.downsampled + counts.deduplicated;
  }
  EXPECT_GT(thinned, 10000u);
}

// A long block that cannot be decoded is kept apart, as any other.
TEST_F(RowMergeTest, DamagedLongBlockStaysVerbatim) {
  std::vector<SampleWrite> writes;
  for (int64_t i = 0; i < 600; ++i) {
    writes.push_back({bucket + 2 * i, uint64_t{1} << i % 9});
  }
  std::string damaged = Block(writes);
  damaged.pop_back();
  std::vector<std::string> verbatim;
  const std::string merged = Merge({damaged, Plain({{bucket + 1, 5}})});
  EXPECT_EQ(WritesIn(merged, &verbatim).size(), 1u);
  EXPECT_EQ(verbatim, std::vector<std::string>{damaged});
}

}  // namespace
}  // namespace varve
