// The series index as a service uses it.
#include "varve/series_index.h"

#include <gtest/gtest.h>

#include <thread>

#include "rocksdb/compaction_filter.h"
#include "rocksdb/convenience.h"
#include "rocksdb/merge_operator.h"
#include "tests/index/index_fixture.h"

namespace varve {
namespace {

const Labels kUp = {{"__name__", "up"}, {"job", "varve"}};
const Labels kDown = {{"__name__", "down"}, {"job", "varve"}};
constexpr int64_t kDay = kMillisPerDay;

TEST(SeriesIndex, ALabelSetKeepsItsIdWhateverHappensToTheDatabase) {
  IndexFixture index;
  ASSERT_NO_FATAL_FAILURE(index.Open());
  const std::vector<SeriesId> ids = index.Write({kUp, kDown, kUp}, kTestNowMs);
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_EQ(ids[0], ids[2]);
  EXPECT_EQ(index.Resolve(kUp), ids[0]);
  ASSERT_TRUE(index.db->Flush({}).ok());
  index.Close();
  ASSERT_NO_FATAL_FAILURE(index.Open());
  EXPECT_EQ(index.Resolve(kUp), ids[0]);
  EXPECT_EQ(index.Resolve(kDown), ids[1]);
  EXPECT_EQ(index.Resolve({{"job", "varve"}}), kNoSeries);
  EXPECT_EQ(index.Write({kUp}, kTestNowMs)[0], ids[0]);
  const SeriesId next = index.Write({{{"job", "varve"}}}, kTestNowMs)[0];
  EXPECT_GT(next, std::max(ids[0], ids[1]));
  EXPECT_EQ(index.Select({}).size(), 3u);
}

TEST(SeriesIndex, AKnownSeriesAndDayCostNoRow) {
  IndexFixture index;
  ASSERT_NO_FATAL_FAILURE(index.Open());
  index.Write({kUp, kDown}, kTestNowMs);
  for (const bool reopened : {false, true}) {
    if (reopened) {
      index.Close();
      ASSERT_NO_FATAL_FAILURE(index.Open());
    }
    rocksdb::WriteBatch batch;
    Registration held;
    index.Register({kUp, kDown}, kTestNowMs + 5, &batch, &held);
    EXPECT_EQ(batch.Count(), 0u);
    Registration other;
    index.Register({kUp, kDown}, kTestNowMs + kDay, &batch, &other);
    EXPECT_EQ(batch.Count(), 1u);  // the day's row
  }
}

TEST(SeriesIndex, ABatchThatIsGivenUpLeavesNothing) {
  IndexFixture index;
  ASSERT_NO_FATAL_FAILURE(index.Open());
  SeriesId given_up;
  {
    rocksdb::WriteBatch batch;
    Registration held;
    index.Register({kUp}, kTestNowMs, &batch, &held);
    given_up = held.ids()[0];
    EXPECT_EQ(index.Resolve(kUp), kNoSeries);
  }
  EXPECT_TRUE(index.Select({}).empty());
  const SeriesId id = index.Write({kUp}, kTestNowMs)[0];
  EXPECT_NE(id, given_up);
  EXPECT_EQ(index.Select({}).at(id), kUp);
}

TEST(SeriesIndex, TwoWritersInFlightGiveOneIdAndEitherMayFail) {
  for (const bool first_is_written : {false, true}) {
    IndexFixture index;
    ASSERT_NO_FATAL_FAILURE(index.Open());
    rocksdb::WriteBatch first_batch;
    rocksdb::WriteBatch second_batch;
    Registration first;
    Registration second;
    index.Register({kUp}, kTestNowMs, &first_batch, &first);
    index.Register({kUp, kDown}, kTestNowMs, &second_batch, &second);
    EXPECT_EQ(first.ids()[0], second.ids()[0]);
    if (first_is_written) {
      ASSERT_TRUE(index.db->Write({}, &first_batch).ok());
      first.Written();
    }
    first = Registration();
    ASSERT_TRUE(index.db->Write({}, &second_batch).ok());
    second = Registration();
    EXPECT_EQ(index.Select({}).size(), 2u);
    EXPECT_EQ(
        index.Write({kUp}, kTestNowMs)[0],
        index.Select({{"__name__", MatchKind::kEqual, "up"}}).begin()->first);
  }
}

TEST(SeriesIndex, ManyThreadsThatMeetTheSameSeriesAgreeOnIds) {
#ifdef VARVE_SANITIZED
  constexpr int kRounds = 20;
#else
  constexpr int kRounds = 60;
#endif
  constexpr int kThreads = 4;
  IndexFixture index;
  ASSERT_NO_FATAL_FAILURE(index.Open());
  std::vector<std::map<Labels, std::set<SeriesId>>> seen(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      RandomSource random(RandomSource::BaseSeed() * 100 +
                          static_cast<uint64_t>(t));
      for (int round = 0; round < kRounds; ++round) {
        std::vector<Labels> sets;
        for (int i = 0; i < 20; ++i) {
          // Threads are at about the same place of one sequence.
          const uint64_t n =
              static_cast<uint64_t>(round) * 5 + random.Below(20);
          sets.push_back({{"__name__", "m" + std::to_string(n % 7)},
                          {"pod", "p" + std::to_string(n)}});
        }
        rocksdb::WriteBatch batch;
        Registration held;
        index.Register(sets, kTestNowMs, &batch, &held);
        if (random.OneIn(4)) continue;  // given up
        if (!index.db->Write({}, &batch).ok()) std::abort();
        if (random.OneIn(2)) held.Written();
        for (size_t i = 0; i < sets.size(); ++i) {
          seen[static_cast<size_t>(t)][sets[i]].insert(held.ids()[i]);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<Labels, std::set<SeriesId>> all;
  for (const auto& one : seen) {
    for (const auto& series : one) {
      all[series.first].insert(series.second.begin(), series.second.end());
    }
  }
  const std::map<SeriesId, Labels> selected = index.Select({});
  EXPECT_EQ(selected.size(), all.size());
  for (const auto& series : all) {
    ASSERT_EQ(series.second.size(), 1u) << series.first.at("pod");
    const auto at = selected.find(*series.second.begin());
    ASSERT_NE(at, selected.end());
    EXPECT_EQ(at->second, series.first);
  }
}

TEST(SeriesIndex, DeletionWaitsForRegistrationsAndTheSeriesComesBackAsAnother) {
  IndexFixture index;
  ASSERT_NO_FATAL_FAILURE(index.Open());
  const SeriesId old_id = index.Write({kUp, kDown}, kTestNowMs)[0];
  rocksdb::WriteBatch batch;
  auto held = std::make_unique<Registration>();
  index.Register({kUp}, kTestNowMs + kDay, &batch, held.get());
  std::atomic<bool> deleted{false};
  std::thread deleting([&] {
    uint64_t count = 0;
    std::vector<SeriesId> samples;
    const Status status = index.index->DeleteSeries(
        {{"__name__", MatchKind::kEqual, "up"}},
        [&](SeriesId id, rocksdb::WriteBatch*) {
          samples.push_back(id);
          return Status::OK();
        },
        &count);
    EXPECT_TRUE(status.ok());
    EXPECT_EQ(count, 1u);
    EXPECT_EQ(samples, std::vector<SeriesId>{old_id});
    deleted = true;
  });
  EXPECT_FALSE(deleted);
  ASSERT_TRUE(index.db->Write({}, &batch).ok());
  held.reset();
  deleting.join();
  EXPECT_EQ(index.Resolve(kUp), kNoSeries);
  EXPECT_EQ(index.Select({}).size(), 1u);
  const SeriesId new_id = index.Write({kUp}, kTestNowMs)[0];
  EXPECT_NE(new_id, old_id);
  for (int compacted = 0; compacted < 2; ++compacted) {
    EXPECT_EQ(index.Select({{"job", MatchKind::kEqual, "varve"}}).size(), 2u);
    EXPECT_EQ(index.Resolve(kUp), new_id);
    ASSERT_TRUE(index.index->Compact().ok());
  }
}

TEST(SeriesIndex, NothingIsLeftOfDeletedSeriesOnceCompacted) {
  IndexFixture index;
  ASSERT_NO_FATAL_FAILURE(index.Open());
  std::vector<Labels> sets;
  for (int i = 0; i < 300; ++i) {
    sets.push_back({{"__name__", i % 2 == 0 ? "even" : "odd"},
                    {"pod", "pod-" + std::to_string(i)}});
  }
  index.Write(sets, kTestNowMs);
  uint64_t deleted = 0;
  ASSERT_TRUE(index.index
                  ->DeleteSeries({{"__name__", MatchKind::kEqual, "odd"}},
                                 nullptr, &deleted)
                  .ok());
  EXPECT_EQ(deleted, 150u);
  std::vector<std::string> values;
  ASSERT_TRUE(index.index->LabelValues("pod", {}, {}, &values).ok());
  EXPECT_EQ(values.size(), 150u);
  ASSERT_TRUE(index.index->LabelValues("__name__", {}, {}, &values).ok());
  EXPECT_EQ(values, std::vector<std::string>{"even"});
  ASSERT_TRUE(index.index->Compact().ok());
  // Neither the texts nor any posting, and no list of the dead.
  std::unique_ptr<rocksdb::Iterator> rows(index.db->NewIterator({}));
  size_t count = 0;
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    EXPECT_EQ(rows->key().ToString().find("pod-1\0", 0, 6), std::string::npos);
    EXPECT_EQ(rows->value().ToString().find("odd"), std::string::npos);
    EXPECT_LT(rows->key()[0], '\x40');
    ++count;
  }
  // Two numbers, 151 pairs and their texts, 150 groups, the postings of 151
  // pairs and of all, label rows, a day.
  EXPECT_LE(count, 2u + 151 + 10 + 150 + 152 + 3 + 1);
  EXPECT_EQ(index.Select({}).size(), 150u);
}

TEST(SeriesIndex, ExpiredSeriesAreNotSeenAndLeave) {
  IndexFixture index(10 * kDay);
  ASSERT_NO_FATAL_FAILURE(index.Open());
  const std::vector<SeriesId> ids = index.Write({kUp, kDown}, kTestNowMs);
  index.Write({kUp}, kTestNowMs + 2 * kDay);
  index.clock->SetMs(kTestNowMs + 11 * kDay + 1);
  EXPECT_EQ(index.Select({}).size(), 1u);
  uint64_t removed = 0;
  // The safety lag: readers do not see it any more, but it is there.
  ASSERT_TRUE(index.index->RemoveExpired(&removed).ok());
  EXPECT_EQ(removed, 0u);
  index.clock->SetMs(kTestNowMs + 11 * kDay + kMillisPerHour);
  ASSERT_TRUE(index.index->RemoveExpired(&removed).ok());
  EXPECT_EQ(removed, 1u);
  EXPECT_EQ(index.Resolve(kDown), kNoSeries);
  ASSERT_TRUE(index.index->Compact().ok());
  EXPECT_EQ(index.Select({}), (std::map<SeriesId, Labels>{{ids[0], kUp}}));
  EXPECT_NE(index.Write({kDown}, index.clock->NowMs())[0], ids[1]);
}

TEST(SeriesIndex, BadLabelSetsAndMatchersAreRefusedWithNothingDone) {
  IndexFixture index;
  ASSERT_NO_FATAL_FAILURE(index.Open());
  const std::string zero("a\0b", 3);
  const std::string long_value(20000, 'x');
  const std::string long_name(2000, 'x');
  const std::vector<std::vector<Label>> bad = {
      {},
      {{"", "x"}},
      {{"a", ""}},
      {{zero, "x"}},
      {{"a", "\xc0\x80"}},
      {{"a", "\xed\xa0\x80"}},
      {{"a", "caf\xc3"}},
      {{"b", "x"}, {"a", "x"}},
      {{"a", "x"}, {"a", "y"}},
      {{"a", long_value}},
      {{long_name, "a"}},
      std::vector<Label>(200, Label{"a", "b"})};
  for (const std::vector<Label>& labels : bad) {
    const OwnedLabels good(kUp);
    const SeriesEntry entries[] = {
        {good.set(), kTestNowMs}, {{labels.data(), labels.size()}, kTestNowMs}};
    rocksdb::WriteBatch batch;
    Registration held;
    EXPECT_TRUE(
        index.index->Register(entries, 2, &batch, &held).IsInvalidArgument());
    EXPECT_EQ(batch.Count(), 0u);
    EXPECT_TRUE(held.ids().empty());
  }
  for (const int64_t timestamp_ms : {int64_t{-1}, kTimestampMax + 1}) {
    const OwnedLabels good(kUp);
    const SeriesEntry entry{good.set(), timestamp_ms};
    rocksdb::WriteBatch batch;
    Registration held;
    EXPECT_TRUE(
        index.index->Register(&entry, 1, &batch, &held).IsInvalidArgument());
  }
  std::unique_ptr<SeriesIdCursor> cursor;
  for (const Matcher& matcher :
       {Matcher{"a", MatchKind::kRegex, "("},
        Matcher{"", MatchKind::kEqual, "x"},
        Matcher{"a", MatchKind::kRegex, std::string(5000, 'x')},
        Matcher{"a", MatchKind::kRegex, "((a{1000}){1000}){1000}"}}) {
    EXPECT_TRUE(
        index.index->Select({matcher}, {}, &cursor).IsInvalidArgument());
  }
}

TEST(SeriesIndex, OneIndexIsOpenOnAColumnFamily) {
  IndexFixture index;
  ASSERT_NO_FATAL_FAILURE(index.Open());
  std::unique_ptr<SeriesIndex> second;
  EXPECT_TRUE(SeriesIndex::Open(index.db.get(), index.db->DefaultColumnFamily(),
                                {}, &second)
                  .IsInvalidArgument());
  TempDir dir;
  rocksdb::Options plain;
  plain.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(plain, dir / "plain", &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  EXPECT_TRUE(
      SeriesIndex::Open(db.get(), db->DefaultColumnFamily(), {}, &second)
          .IsInvalidArgument());
}

TEST(SeriesIndex, GarbageInARowStopsItsReadersAndNobodyElse) {
  IndexFixture index;
  ASSERT_NO_FATAL_FAILURE(index.Open());
  const SeriesId id = index.Write({kUp}, kTestNowMs)[0];
  const std::vector<Matcher> job = {{"job", MatchKind::kEqual, "varve"}};
  std::vector<std::string> keys;
  {
    std::unique_ptr<rocksdb::Iterator> rows(index.db->NewIterator({}));
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      if (rows->key()[0] == '\x30') keys.push_back(rows->key().ToString());
    }
  }
  ASSERT_EQ(keys.size(), 3u);  // all, two pairs
  for (const std::string& key : keys) {
    ASSERT_TRUE(index.db->Merge({}, key, "garbage").ok());
  }
  ASSERT_TRUE(index.db->Merge({}, "foreign", "garbage").ok());
  for (int round = 0; round < 2; ++round) {
    std::unique_ptr<SeriesIdCursor> cursor;
    EXPECT_TRUE(index.index->Select(job, {}, &cursor).IsCorruption());
    EXPECT_EQ(index.Resolve(kUp), id);
    EXPECT_EQ(index.Write({kUp, kDown}, kTestNowMs)[0], id);
    ASSERT_TRUE(index.db->CompactRange({}, nullptr, nullptr).ok());
  }
}

TEST(SeriesIndex, OptionsFilesHoldItsObjects) {
  IndexFixture index(10 * kDay);
  ASSERT_NO_FATAL_FAILURE(index.Open());
  std::string text;
  ASSERT_TRUE(rocksdb::GetStringFromColumnFamilyOptions(
                  rocksdb::ConfigOptions(), index.db->GetOptions(), &text)
                  .ok());
  rocksdb::ColumnFamilyOptions read;
  rocksdb::ConfigOptions strict;
  strict.ignore_unsupported_options = false;
  const Status status = rocksdb::GetColumnFamilyOptionsFromString(
      strict, rocksdb::ColumnFamilyOptions(), text, &read);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_STREQ(read.merge_operator->Name(), "VarveIndexMerge");
  std::string filter;
  ASSERT_TRUE(
      read.compaction_filter_factory
          ->GetOption(rocksdb::ConfigOptions(), "retention_period", &filter)
          .ok());
  EXPECT_EQ(filter, "10d");
}

TEST(SeriesName, SortsAsItsIdAndHasNoZeroByte) {
  std::string before;
  for (const SeriesId id :
       {SeriesId{0}, SeriesId{1}, SeriesId{127}, SeriesId{128},
        SeriesId{1} << 41, (SeriesId{1} << 42) - 1}) {
    const std::string name = SeriesName(id);
    EXPECT_GT(name, before);
    before = name;
    EXPECT_EQ(name.find('\0'), std::string::npos);
    SeriesId read;
    ASSERT_TRUE(ParseSeriesName(name, &read));
    EXPECT_EQ(read, id);
  }
  SeriesId read;
  EXPECT_FALSE(ParseSeriesName("abcdef", &read));
  EXPECT_FALSE(ParseSeriesName("", &read));
}

}  // namespace
}  // namespace varve
