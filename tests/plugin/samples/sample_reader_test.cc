// SampleReader: reads are View(now), whatever range is asked for and wherever
// the rows are.
#include <gtest/gtest.h>

#include "rocksdb/statistics.h"
#include "tests/plugin/samples/sample_db.h"

namespace varve {
namespace {

constexpr int64_t kDay = kMillisPerDay;
constexpr int64_t kMinute = 60 * 1000;
constexpr int64_t kNow = kTestNowMs;

SampleMap Clip(const SampleMap& map, int64_t from, int64_t to) {
  return from > to ? SampleMap()
                   : SampleMap(map.lower_bound(from), map.upper_bound(to));
}

TEST(SampleReader, ReadsWhatWasWrittenAcrossRowsAndPartitions) {
  for (const char* partition : {"none", "day", "week", "month"}) {
    SCOPED_TRACE(partition);
    SampleDb db(std::string("partition=") + partition);
    SampleMap expected;
    for (int64_t day = 70; day >= 0; --day) {
      db.Write("cpu", kNow - day * kDay, static_cast<double>(day));
      db.Write("cpus", kNow - day * kDay, -1);
      db.Write("cp", kNow - day * kDay, -2);
      expected[kNow - day * kDay] = BitsOf(static_cast<double>(day));
    }
    EXPECT_EQ(db.Read("cpu"), expected);
    db.Compact();
    EXPECT_EQ(db.Read("cpu"), expected);
    for (int64_t day = 0; day < 70; day += 7) {
      SampleMap map;
      const int64_t from = kNow - day * kDay;
      ASSERT_TRUE(db.Read("cpu", from, from + 9 * kDay, &map).ok());
      EXPECT_EQ(map, Clip(expected, from, from + 9 * kDay));
    }
  }
}

TEST(SampleReader, TheRangeIncludesBothEnds) {
  SampleDb db("");
  db.Write("a", {{kNow + 1, 1}, {kNow + 2, 2}, {kNow + 3, 3}});
  SampleMap map;
  ASSERT_TRUE(db.Read("a", kNow + 1, kNow + 3, &map).ok());
  EXPECT_EQ(map.size(), 3u);
  ASSERT_TRUE(db.Read("a", kNow + 2, kNow + 2, &map).ok());
  EXPECT_EQ(map, (SampleMap{{kNow + 2, BitsOf(2)}}));
  ASSERT_TRUE(db.Read("a", kNow + 3, kNow + 1, &map).ok());
  EXPECT_TRUE(map.empty());
}

// A range that ends inside a window once showed that window's last sample
// within the range, which a later one hides.
TEST(SampleReader, ARangeThatEndsInsideAWindowShowsNoHiddenSample) {
  SampleDb db("downsampling_period=1d:10m");
  const int64_t old = kNow - 3 * kDay;
  db.Write("a", {{old, 1}, {old + 5 * kMinute, 2}, {old + 9 * kMinute, 3}});
  SampleMap map;
  ASSERT_TRUE(db.Read("a", old, old + 5 * kMinute, &map).ok());
  EXPECT_TRUE(map.empty());
  ASSERT_TRUE(db.Read("a", old + kMinute, old + 9 * kMinute, &map).ok());
  EXPECT_EQ(map, (SampleMap{{old + 9 * kMinute, BitsOf(3)}}));
}

TEST(SampleReader, ReadsAtTheNowThatIsAskedForElseAtTheClocks) {
  SampleDb db("downsampling_period=1d:10m;retention_period=10d;ageing=off");
  db.Write("a", {{kNow, 1}, {kNow + 1, 2}});
  SampleReadOptions options;
  EXPECT_EQ(db.Read("a").size(), 2u);
  options.now_ms = kNow + 2 * kDay;
  EXPECT_EQ(db.Read("a", options).size(), 1u);
  options.now_ms = kNow + 11 * kDay;
  EXPECT_EQ(db.Read("a", options).size(), 0u);
  db.clock()->SetMs(kNow + 2 * kDay);
  EXPECT_EQ(db.Read("a").size(), 1u);
}

TEST(SampleReader, AReadMergesAndEncodesNothing) {
  SampleDb db("dedup_interval=1s");
  for (int64_t i = 0; i < 100; ++i) db.Write("a", kNow + i * 100, 1);
  const Counters before = db.counters();
  EXPECT_EQ(db.Read("a").size(), 10u);
  EXPECT_EQ(db.List().size(), 1u);
  EXPECT_EQ(db.counters().ToString(), before.ToString());
}

// Whatever has been merged, late or hidden by a window, and however far back.
// Parts of long rows are decoded in part, by way of columns that earlier reads
// have opened: a row that changes must not be read from what it was.
TEST(SampleReader, NarrowReadsOfARowThatChangesAreThoseOfTheWholeRow) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  SampleDb db("");
  SampleMap expected;
  const auto write = [&](int64_t from, int64_t step, size_t count) {
    std::vector<Sample> samples;
    double value = 1e6;
    for (size_t i = 0; i < count; ++i) {
      value += static_cast<double>(random.Below(5000));
      const int64_t t = from + static_cast<int64_t>(i) * step +
                        static_cast<int64_t>(random.Below(9));
      samples.push_back({t, value});
      expected[t] = BitsOf(value);
    }
    db.Write("a", samples);
  };
  const auto check = [&] {
    for (int i = 0; i < 60; ++i) {
      const int64_t from = kNow + random.Between(-kMinute, kDay);
      const int64_t to = from + random.Between(0, 60 * kMinute);
      SampleMap map;
      SampleReadOptions options;
      options.rocksdb.fill_cache = !random.OneIn(5);
      ASSERT_TRUE(db.Read("a", from, to, &map, options).ok());
      ASSERT_EQ(map, Clip(expected, from, to));
      Sample last;
      bool found = false;
      ASSERT_TRUE(
          db.reader()->ReadLast(options, "a", from, to, &last, &found).ok());
      ASSERT_EQ(found, !map.empty());
      if (!found) continue;
      ASSERT_EQ(last.timestamp_ms, map.rbegin()->first);
    }
  };
  write(kNow, 15000, 5760);
  db.Compact();
  ASSERT_NO_FATAL_FAILURE(check());
  ASSERT_NO_FATAL_FAILURE(check());
  for (int round = 0; round < 4; ++round) {
    db.Write("a", expected.begin()->first, round);  // one value of all
    expected.begin()->second = BitsOf(round);
    write(kNow + random.Between(0, kDay / 2), 20000, 100);
    ASSERT_NO_FATAL_FAILURE(check());
    db.Compact();
    ASSERT_NO_FATAL_FAILURE(check());
    ASSERT_NO_FATAL_FAILURE(check());
  }
}

TEST(SampleReader, LastIsTheLastOfTheRange) {
  for (const char* policy :
       {"", "dedup_interval=1m", "downsampling_period=1d:10m,7d:1h",
        "retention_period=20d;partition=day", "window=ceil;partition=none"}) {
    SCOPED_TRACE(policy);
    RandomSource random(RandomSource::BaseSeed());
    SCOPED_TRACE(random.Trace());
    SampleDb db(policy);
    for (int i = 0; i < 60; ++i) {
      int64_t t = kNow - random.Between(0, 40 * kDay);
      std::vector<Sample> samples;
      for (int64_t n = random.Between(1, random.OneIn(6) ? 900 : 5); n > 0;
           --n) {
        samples.push_back({t, ValueOf(random.ValueBits())});
        t += random.Between(-1000, 3 * 60000);
      }
      db.Write("a", samples);
      if (random.OneIn(10)) db.Flush();
      if (random.OneIn(30)) db.Compact();
    }
    for (int i = 0; i < 300; ++i) {
      const int64_t from = kNow - random.Between(0, 45 * kDay);
      const int64_t to =
          from + random.Between(-1, random.OneIn(2) ? kDay / 4 : 30 * kDay);
      SampleMap map;
      ASSERT_TRUE(db.Read("a", from, to, &map).ok());
      Sample last{-1, -1};
      bool found = false;
      ASSERT_TRUE(db.reader()->ReadLast({}, "a", from, to, &last, &found).ok());
      ASSERT_EQ(found, !map.empty()) << from << " to " << to;
      if (!found) continue;
      ASSERT_EQ(last.timestamp_ms, map.rbegin()->first);
      ASSERT_EQ(BitsOf(last.value), map.rbegin()->second);
    }
  }
}

TEST(SampleReader, LastIsTheLaterWriteAtItsTimestamp) {
  SampleDb db("");
  db.Write("a", {{kNow - 5, 1}, {kNow, 2}, {kNow, 3}});
  db.Write("a", {{kNow - 5, 4}, {kNow, 5}});
  db.Write("a", kNow - 5, 6);
  Sample last{};
  bool found = false;
  ASSERT_TRUE(db.reader()->ReadLast({}, "a", 0, kNow, &last, &found).ok());
  EXPECT_EQ(last.value, 5);
  ASSERT_TRUE(db.reader()->ReadLast({}, "a", 0, kNow - 1, &last, &found).ok());
  EXPECT_EQ(last.value, 6);
}

TEST(SampleReader, LastOfNoSeriesOrOfGarbageIsAnError) {
  SampleDb db("");
  Sample last{7, 7};
  bool found = true;
  EXPECT_TRUE(db.reader()
                  ->ReadLast({}, "", 0, kNow, &last, &found)
                  .IsInvalidArgument());
  EXPECT_TRUE(db.reader()->ReadLast({}, "a", 0, kNow, &last, &found).ok());
  EXPECT_FALSE(found);
  EXPECT_EQ(last.timestamp_ms, 7);
  ASSERT_TRUE(db.db()->Merge({}, db.Key("a", kNow), "garbage").ok());
  EXPECT_TRUE(
      db.reader()->ReadLast({}, "a", 0, kNow, &last, &found).IsCorruption());
}

TEST(SampleReader, HonoursTheCallersSnapshot) {
  SampleDb db("");
  db.Write("a", {{kNow, 1}, {kNow - 3 * kDay, 1}});
  SampleReadOptions options;
  options.rocksdb.snapshot = db.db()->GetSnapshot();
  db.Write("a", {{kNow, 2}, {kNow - 3 * kDay, 2}});
  db.Compact();
  const SampleMap old = {{kNow, BitsOf(1)}, {kNow - 3 * kDay, BitsOf(1)}};
  EXPECT_EQ(db.Read("a", options), old);
  SampleMap map;  // and through Get
  ASSERT_TRUE(db.Read("a", kNow, kNow, &map, options).ok());
  EXPECT_EQ(map, (SampleMap{{kNow, BitsOf(1)}}));
  db.db()->ReleaseSnapshot(options.rocksdb.snapshot);
  EXPECT_EQ(db.Read("a"),
            (SampleMap{{kNow, BitsOf(2)}, {kNow - 3 * kDay, BitsOf(2)}}));
}

TEST(SampleReader, ForeignKeysAmongTheRowsArePassedOver) {
  for (const char* partition : {"none", "month"}) {
    SampleDb db(std::string("partition=") + partition);
    db.Write("a", {{kNow - 40 * kDay, 1}, {kNow, 2}});
    const std::string key = db.Key("a", kNow);
    std::vector<std::string> foreign = {key + "x",
                                        key.substr(0, key.size() - 1),
                                        key.substr(0, 4),
                                        key.substr(0, 3),
                                        std::string(1, '\0'),
                                        "\xff\xff\xff\xff\xff"};
    std::string unaligned = key;
    unaligned.back() ^= 1;
    foreign.push_back(unaligned);
    std::string odd_partition = key;
    odd_partition[3] ^= 1;
    foreign.push_back(odd_partition);
    for (const std::string& k : foreign) {
      ASSERT_TRUE(db.db()->Put({}, k, "not a block").ok());
    }
    const SampleMap expected = {{kNow - 40 * kDay, BitsOf(1)},
                                {kNow, BitsOf(2)}};
    EXPECT_EQ(db.Read("a"), expected);
    EXPECT_EQ(db.List(), std::vector<std::string>{"a"});
    db.Compact();
    EXPECT_EQ(db.Read("a"), expected);
    for (const std::string& k : foreign) {
      std::string value;
      ASSERT_TRUE(db.db()->Get({}, k, &value).ok());
      EXPECT_EQ(value, "not a block");
    }
  }
}

TEST(SampleReader, EmptyPartitionsCostNoSeek) {
  SampleDb db("partition=day;future_limit=0");
  db.Write("a", {{0, 1}, {kTimestampMax, 2}});
  db.Write("b", 100 * kDay, 3);
  db.Flush();
  db.statistics()->Reset();
  EXPECT_EQ(db.Read("a").size(), 2u);
  EXPECT_LT(db.statistics()->getTickerCount(rocksdb::NUMBER_DB_SEEK), 10u);
  db.statistics()->Reset();
  EXPECT_EQ(db.List(), (std::vector<std::string>{"a", "b"}));
  EXPECT_LT(db.statistics()->getTickerCount(rocksdb::NUMBER_DB_SEEK), 20u);
}

TEST(SampleReader, TheCursorStreamsRowByRow) {
  SampleDb db("");
  for (int64_t day = 0; day < 5; ++day) {
    db.Write("a", {{kNow - day * kDay, 1}, {kNow - day * kDay + 1, 2}});
  }
  const auto cursor = db.reader()->Read({}, "a", 0, kTimestampMax);
  size_t runs = 0;
  int64_t last = 0;
  while (cursor->Next()) {
    ++runs;
    ASSERT_EQ(cursor->size(), 2u);
    EXPECT_LT(last, cursor->timestamps_ms()[0]);
    last = cursor->timestamps_ms()[1];
    EXPECT_EQ(cursor->values()[1], 2);
  }
  EXPECT_EQ(runs, 5u);
  EXPECT_TRUE(cursor->status().ok());
  EXPECT_FALSE(cursor->Next());
  EXPECT_EQ(cursor->size(), 0u);
}

TEST(SampleReader, AnOpenReaderFollowsSetPolicy) {
  SampleDb db("");
  db.Write("a", {{kNow - 5 * kDay, 1}, {kNow, 2}});
  EXPECT_EQ(db.Read("a").size(), 2u);
  ASSERT_EQ(SetPolicy(db.db(), db.cf(), "retention_period=3d").ToString(),
            "OK");
  EXPECT_EQ(db.Read("a").size(), 1u);
}

TEST(SampleReader, BadArgumentsShowInTheStatus) {
  SampleDb db("");
  SampleMap map;
  EXPECT_TRUE(db.Read("", 0, kNow, &map).IsInvalidArgument());
  EXPECT_TRUE(db.Read(std::string(kSeriesBytesMax + 1, 'x'), 0, kNow, &map)
                  .IsInvalidArgument());
  const auto cursor = db.reader()->Read({}, "", 0, kNow);
  EXPECT_FALSE(cursor->Next());
  EXPECT_TRUE(cursor->status().IsInvalidArgument());
}

TEST(SampleReader, OpenRefusesAColumnFamilyWithoutVarve) {
  TempDir dir;
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, dir / "db", &db).ok());
  std::unique_ptr<rocksdb::DB> owner(db);
  std::unique_ptr<SampleReader> reader;
  EXPECT_TRUE(SampleReader::Open(db, db->DefaultColumnFamily(), &reader)
                  .IsInvalidArgument());
  EXPECT_TRUE(
      SampleReader::Open(nullptr, nullptr, &reader).IsInvalidArgument());
  EXPECT_EQ(reader, nullptr);
}

TEST(ListSeries, EachOnceInOrderOverAllPartitionsAndByPrefix) {
  for (const char* partition : {"none", "day", "week", "month"}) {
    SCOPED_TRACE(partition);
    SampleDb db(std::string("partition=") + partition);
    const std::vector<std::string> names = {std::string("a", 1),
                                            std::string("a\0", 2),
                                            std::string("a\0\0b", 4),
                                            std::string("a\0\xff", 3),
                                            std::string("a\x01", 2),
                                            "ab",
                                            "b",
                                            "\xff",
                                            "\xff\xff"};
    for (size_t i = 0; i < names.size(); ++i) {
      for (size_t day = 0; day < 100; day += 10 + 7 * i) {
        db.Write(names[i], kNow - static_cast<int64_t>(day) * kDay, 1);
      }
    }
    EXPECT_EQ(db.List(), names);
    db.Compact();
    EXPECT_EQ(db.List(), names);
    EXPECT_EQ(db.List("a"),
              std::vector<std::string>(names.begin(), names.begin() + 6));
    EXPECT_EQ(db.List(std::string("a\0", 2)),
              std::vector<std::string>(names.begin() + 1, names.begin() + 4));
    EXPECT_EQ(db.List("\xff\xff"), std::vector<std::string>{"\xff\xff"});
    EXPECT_TRUE(db.List("c").empty());
    EXPECT_TRUE(db.List(std::string(kSeriesBytesMax + 1, 'a')).empty());
  }
}

// The law, over random policies, writes, states on disk, times and ranges.
TEST(SampleReader, IsViewAtAnyTimeOfAnyRange) {
  const uint64_t base = RandomSource::BaseSeed();
#ifdef VARVE_SANITIZED
  constexpr uint64_t kRounds = 10;
#else
  constexpr uint64_t kRounds = 30;
#endif
  for (uint64_t seed = base; seed < base + kRounds; ++seed) {
    RandomSource random(seed);
    SCOPED_TRACE(random.Trace());
    const Policy policy = random.ValidPolicy();
    SCOPED_TRACE(policy.ToString());
    SampleDb db(policy.ToString());
    std::map<std::string, std::vector<SampleWrite>> writes;
    int64_t now = kNow;
    const int64_t spread = random.Between(1, 60) * kDay;
    for (int step = 0; step < 12; ++step) {
      const std::string series = random.OneIn(3) ? "b" : "a";
      std::vector<Sample> samples;
      for (const SampleWrite& write :
           random.Writes(random.Between(1, 200), now, spread)) {
        samples.push_back({write.timestamp_ms, ValueOf(write.value_bits)});
        writes[series].push_back(write);
      }
      db.Write(series, samples);
      if (random.OneIn(4)) db.Flush();
      if (random.OneIn(6)) db.Compact();
      if (random.OneIn(4)) {
        now += random.Between(0, 5) * kDay + random.Between(0, kDay);
        db.clock()->SetMs(now);
      }
      const int64_t at = now + (random.OneIn(2) ? 0 : random.Between(0, kDay));
      const SampleMap view = View(writes["a"], policy, at);
      SampleReadOptions options;
      options.now_ms = at;
      ASSERT_EQ(db.Read("a", options), view);
      for (int i = 0; i < 6; ++i) {
        const int64_t from = now - random.Between(0, spread);
        const int64_t to =
            from + random.Between(0, random.OneIn(2) ? kDay : spread);
        SampleMap map;
        ASSERT_EQ(db.Read("a", from, to, &map, options).ToString(), "OK");
        ASSERT_EQ(map, Clip(view, from, to)) << from << " to " << to;
      }
    }
  }
}

}  // namespace
}  // namespace varve
