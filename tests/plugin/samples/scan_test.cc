// SampleReader::Scan is Read of every series, at one moment, in one pass.
#include <gtest/gtest.h>

#include "rocksdb/statistics.h"
#include "tests/plugin/samples/scan_check.h"

namespace varve {
namespace {

constexpr int64_t kDay = kMillisPerDay;
constexpr int64_t kNow = kTestNowMs;

uint64_t Seeks(SampleDb* db) {
  return db->statistics()->getTickerCount(rocksdb::NUMBER_DB_SEEK);
}
uint64_t Steps(SampleDb* db) {
  return db->statistics()->getTickerCount(rocksdb::NUMBER_DB_NEXT);
}

std::string Numbered(int i) {
  char name[16];
  std::snprintf(name, sizeof name, "s%06d", i);
  return name;
}

// A sample a day, back from now.
void WriteDays(SampleDb* db, const std::string& series, int days) {
  std::vector<Sample> samples;
  for (int day = days - 1; day >= 0; --day) {
    samples.push_back({kNow - day * kDay, static_cast<double>(day)});
  }
  db->Write(series, samples);
}

const std::vector<std::string>& OddNames() {
  static const std::vector<std::string> kNames = {std::string("\0", 1),
                                                  std::string("\0\0", 2),
                                                  std::string("a\0\0b", 4),
                                                  std::string("a\0\xff", 3),
                                                  std::string("a\0\x01", 3),
                                                  std::string("a\0", 2),
                                                  std::string("a\x01", 2),
                                                  "a",
                                                  "ab",
                                                  "b",
                                                  "\xff",
                                                  "\xff\xff"};
  return kNames;
}

// Keys that are no rows, near those that are.
void PutForeign(SampleDb* db, RandomSource* random) {
  std::string key =
      db->Key(random->Pick(OddNames()), kNow - random->Between(0, 40 * kDay));
  const size_t at = random->Below(key.size());
  switch (random->Below(4)) {
    case 0:
      key.resize(at);
      break;
    case 1:
      key += "x";
      break;
    case 2:
      key[at] = static_cast<char>(random->Bits());
      break;
    default:
      key.back() ^= 1;
  }
  ParsedRowKey row;
  if (ParseRowKey(db->policy().shape, key, &row)) return;
  ASSERT_TRUE(db->db()->Put({}, key, "not a block").ok());
}

void ChangeSomething(SampleDb* db, RandomSource* random, int64_t spread) {
  const std::string& series = random->Pick(OddNames());
  const int64_t time = db->clock()->NowMs() - random->Between(0, spread);
  switch (random->Below(12)) {
    case 0:
      ASSERT_TRUE(DeleteSeries({}, db->db(), db->cf(), series).ok());
      return;
    case 1:
      ASSERT_TRUE(db->db()->Delete({}, db->Key(series, time)).ok());
      return;
    case 2:
      ASSERT_TRUE(db->db()->Merge({}, db->Key(series, time), "garbage").ok());
      return;
    case 3:
      PutForeign(db, random);
      return;
    case 4:
      return db->Flush();
    case 5:
      if (random->OneIn(3)) db->Compact();
      return;
    case 6:
      db->clock()->SetMs(db->clock()->NowMs() + random->Between(0, kDay));
      return;
    default:
      break;
  }
  std::vector<Sample> samples;
  for (const SampleWrite& write : random->Writes(
           random->Between(1, random->OneIn(8) ? 3000 : 30), time, spread)) {
    samples.push_back({write.timestamp_ms, ValueOf(write.value_bits)});
  }
  db->Write(series, samples);
}

ScanOptions RandomScan(RandomSource* random, int64_t now, int64_t spread) {
  static const std::vector<size_t> kBuffers = {0, 1, 300, 4000, 60000, 8 << 20};
  ScanOptions scan;
  scan.buffer_bytes = random->Pick(kBuffers);
  if (random->OneIn(3)) {
    scan.prefix = random->Pick(OddNames());
    if (random->OneIn(2)) scan.prefix.pop_back();
  }
  if (random->OneIn(3)) {
    const uint64_t odd = random->Bits();
    scan.matches = [odd](const Slice& series) {
      return (odd >> (series.size() + series[0]) % 60 & 1) != 0;
    };
  }
  if (random->OneIn(2)) {
    scan.start_ms = now - random->Between(0, spread);
    scan.end_ms =
        scan.start_ms + random->Between(-1, random->OneIn(2) ? kDay : spread);
  }
  return scan;
}

TEST(Scan, IsReadOfEverySeries) {
  const uint64_t base = RandomSource::BaseSeed();
#ifdef VARVE_SANITIZED
  constexpr uint64_t kRounds = 12;
#else
  constexpr uint64_t kRounds = 25;
#endif
  for (uint64_t seed = base; seed < base + kRounds; ++seed) {
    RandomSource random(seed);
    SCOPED_TRACE(random.Trace());
    const Policy policy = random.ValidPolicy();
    SCOPED_TRACE(policy.ToString());
    SampleDb db(policy.ToString());
    const int64_t spread = random.Between(1, 200) * kDay;
    const rocksdb::Snapshot* snapshot = nullptr;
    for (int step = 0; step < 80; ++step) {
      ASSERT_NO_FATAL_FAILURE(ChangeSomething(&db, &random, spread));
      if (step == 40) snapshot = db.db()->GetSnapshot();
      if (!random.OneIn(5)) continue;
      SampleReadOptions options;
      options.rocksdb.fill_cache = random.OneIn(2);
      options.now_ms = db.clock()->NowMs() + random.Between(0, kDay);
      if (random.OneIn(4)) options.rocksdb.snapshot = snapshot;
      const ScanOptions scan = RandomScan(&random, options.now_ms, spread);
      SCOPED_TRACE("step " + std::to_string(step) + ", buffer " +
                   std::to_string(scan.buffer_bytes) + ", prefix " +
                   Slice(scan.prefix).ToString(true));
      ASSERT_NO_FATAL_FAILURE(CheckScan(&db, scan, options));
    }
    db.db()->ReleaseSnapshot(snapshot);
  }
}

TEST(Scan, ManyPartitionsOfLongRowsWhateverTheMemory) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  SampleDb db("partition=day");
  for (int day = 0; day < 150; ++day) {
    for (const char* series : {"a", "b", "c"}) {
      std::vector<Sample> samples;
      for (int i = 0; i < random.Between(1, 100); ++i) {
        samples.push_back({kNow - day * kDay + i, ValueOf(random.ValueBits())});
      }
      db.Write(series, samples);
    }
  }
  db.Compact();
  for (const size_t bytes : {size_t{0}, size_t{3000}, size_t{150 * 300},
                             size_t{150 * 5000}, size_t{8} << 20}) {
    SCOPED_TRACE(bytes);
    ScanOptions scan;
    scan.buffer_bytes = bytes;
    SampleReadOptions options;
    options.now_ms = kNow;
    ASSERT_NO_FATAL_FAILURE(CheckScan(&db, scan, options));
  }
}

// What a scan is for: each row is stepped to once.
TEST(Scan, ShortSeriesCostNoSeekEach) {
  for (const char* partition : {"none", "month"}) {
    SCOPED_TRACE(partition);
    SampleDb db(std::string("partition=") + partition);
    for (int i = 0; i < 3000; ++i) WriteDays(&db, Numbered(i), 2);
    db.Compact();
    db.statistics()->Reset();
    EXPECT_EQ(ScanAll(&db).size(), 3000u);
    EXPECT_LT(Seeks(&db), 20u);
    EXPECT_LT(Steps(&db), 6100u);
    db.statistics()->Reset();
    EXPECT_EQ(db.List().size(), 3000u);
    EXPECT_LT(Seeks(&db), 20u);
  }
}

TEST(Scan, AHundredDayPartitionsAreReadAShareAtATime) {
  SampleDb db("partition=day");
  for (int i = 0; i < 500; ++i) WriteDays(&db, Numbered(i), 100);
  db.Compact();
  db.statistics()->Reset();
  EXPECT_EQ(ScanAll(&db).size(), 500u);
  EXPECT_LT(Seeks(&db), 650u);
  EXPECT_LT(Steps(&db), 51000u);
}

TEST(Scan, WhoStopsEarlyHasReadLittle) {
  SampleDb db("partition=day");
  for (int i = 0; i < 500; ++i) WriteDays(&db, Numbered(i), 50);
  db.Compact();
  db.statistics()->Reset();
  auto cursor = db.reader()->Scan({}, {});
  ASSERT_TRUE(cursor->NextSeries());
  cursor.reset();  // RocksDB counts an iterator's steps when it goes
  EXPECT_LT(Steps(&db), 5000u);
  EXPECT_LT(Seeks(&db), 110u);
}

TEST(Scan, LongSeriesThatAreNotAskedForArePassedByASeek) {
  for (const char* partition : {"none", "month"}) {
    SCOPED_TRACE(partition);
    SampleDb db(std::string("partition=") + partition);
    for (int i = 0; i < 20; ++i) WriteDays(&db, Numbered(i), 400);
    db.Compact();
    ScanOptions scan;
    scan.matches = [](const Slice& series) { return series == Numbered(7); };
    db.statistics()->Reset();
    const ScannedSeries seen = ScanAll(&db, scan);
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen.begin()->second.samples.size(), 400u);
    EXPECT_LT(Steps(&db), 3500u);
    db.statistics()->Reset();
    EXPECT_EQ(db.List().size(), 20u);
    EXPECT_LT(Steps(&db), 3500u);
  }
}

TEST(Scan, ALongSeriesThatIsLeftIsPassedByASeek) {
  SampleDb db("partition=none");
  for (int i = 0; i < 20; ++i) WriteDays(&db, Numbered(i), 400);
  db.Compact();
  db.statistics()->Reset();
  const auto cursor = db.reader()->Scan({}, {});
  while (cursor->NextSeries()) EXPECT_TRUE(cursor->Next());  // and gives back
  EXPECT_LT(Steps(&db), 400u);
}

TEST(Scan, ANarrowRangeOfLongSeriesReadsOnlyThere) {
  SampleDb db("partition=none");
  for (int i = 0; i < 20; ++i) WriteDays(&db, Numbered(i), 400);
  db.Compact();
  ScanOptions scan;
  scan.start_ms = scan.end_ms = kNow - 100 * kDay;
  db.statistics()->Reset();
  const ScannedSeries seen = ScanAll(&db, scan);
  ASSERT_EQ(seen.size(), 20u);
  for (const auto& one : seen) EXPECT_EQ(one.second.samples.size(), 1u);
  EXPECT_LT(Steps(&db), 400u);
}

// The later write lies behind the range, and decides in it.
TEST(Scan, ARangeThatEndsInsideAWindowShowsNoHiddenSample) {
  SampleDb db("downsampling_period=1d:10m");
  const int64_t old = kNow - 3 * kDay;
  db.Write("a", old, 1);
  db.Write("a", old + 9 * 60000, 2);
  ScanOptions scan;
  scan.start_ms = old;
  scan.end_ms = old + 5 * 60000;
  EXPECT_TRUE(ScanAll(&db, scan)["a"].samples.empty());
}

TEST(Scan, ShowsTheMomentOfTheCall) {
  for (const char* partition : {"none", "day", "month"}) {
    SCOPED_TRACE(partition);
    SampleDb db(std::string("retention_period=60d;partition=") + partition);
    for (const char* series : {"a", "b", "c"}) WriteDays(&db, series, 50);
    const ScannedSeries before = ScanAll(&db);
    ScanOptions scan;
    scan.buffer_bytes = 100;
    const auto cursor = db.reader()->Scan({}, scan);
    ASSERT_TRUE(cursor->NextSeries());
    WriteDays(&db, "aa", 50);
    db.Write("c", kNow, -7);
    ASSERT_TRUE(DeleteSeries({}, db.db(), db.cf(), "b").ok());
    db.clock()->SetMs(kNow + 30 * kDay);
    ASSERT_TRUE(SetPolicy(db.db(), db.cf(), "retention_period=3d").ok());
    db.Compact();
    ScannedSeries rest = ScanOn(cursor.get());
    EXPECT_EQ(cursor->status().ToString(), "OK");
    ASSERT_EQ(rest.size(), 2u);
    EXPECT_EQ(rest["b"].samples, before.at("b").samples);
    EXPECT_EQ(rest["c"].samples, before.at("c").samples);
    EXPECT_TRUE(ScanAll(&db).empty());
  }
}

TEST(Scan, LetsGoOfTheDatabaseAtItsEnd) {
  SampleDb db("");
  WriteDays(&db, "a", 3);
  const auto cursor = db.reader()->Scan({}, {});
  ASSERT_TRUE(cursor->NextSeries());
  db.Flush();
  const auto held = [&] {
    uint64_t all = 0, current = 0;
    db.db()->GetIntProperty("rocksdb.size-all-mem-tables", &all);
    db.db()->GetIntProperty("rocksdb.cur-size-all-mem-tables", &current);
    return all - current;
  };
  EXPECT_GT(held(), 0u);
  ASSERT_FALSE(cursor->NextSeries());
  EXPECT_EQ(held(), 0u);
}

TEST(Scan, ReadsASecondaryInstance) {
  SampleDb db("");
  for (const char* series : {"a", "b"}) WriteDays(&db, series, 50);
  db.Flush();
  const TempDir dir;
  rocksdb::Options options;
  options.max_open_files = -1;
  Options varve_options;
  varve_options.policy = db.policy();
  varve_options.clock = std::make_shared<MockClock>(kNow);
  ASSERT_TRUE(ConfigureColumnFamily(varve_options, &options).ok());
  rocksdb::DB* other = nullptr;
  ASSERT_TRUE(
      rocksdb::DB::OpenAsSecondary(options, db.path(), dir / "second", &other)
          .ok());
  const std::unique_ptr<rocksdb::DB> owner(other);
  std::unique_ptr<SampleReader> reader;
  ASSERT_TRUE(
      SampleReader::Open(other, other->DefaultColumnFamily(), &reader).ok());
  const ScannedSeries seen = ScanOn(reader->Scan({}, {}).get());
  ASSERT_EQ(seen.size(), 2u);
  for (const auto& one : seen) EXPECT_EQ(one.second.samples.size(), 50u);
}

TEST(Scan, SeriesMayBeLeftAnywhere) {
  for (const size_t buffer_bytes : {size_t{0}, size_t{500}, size_t{1} << 20}) {
    SampleDb db("");
    for (int i = 0; i < 5; ++i) WriteDays(&db, Numbered(i), 70);
    ScanOptions scan;
    scan.buffer_bytes = buffer_bytes;
    const auto cursor = db.reader()->Scan({}, scan);
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(cursor->NextSeries());
      ASSERT_EQ(cursor->series(), Numbered(i));
      for (int row = 0; row < i * 17; ++row) {
        ASSERT_TRUE(cursor->Next());
        EXPECT_EQ(cursor->timestamps_ms()[0], kNow - (69 - row) * kDay);
      }
    }
    EXPECT_FALSE(cursor->NextSeries());
    EXPECT_TRUE(cursor->status().ok());
  }
}

TEST(Scan, NothingAskedForIsNothingFound) {
  SampleDb db("");
  WriteDays(&db, "a", 3);
  ScanOptions scan;
  scan.start_ms = kNow;
  scan.end_ms = kNow - 1;
  EXPECT_TRUE(ScanAll(&db, scan).empty());
  scan = ScanOptions();
  scan.prefix.assign(kSeriesBytesMax + 1, 'a');
  EXPECT_TRUE(ScanAll(&db, scan).empty());
  const auto cursor = db.reader()->Scan({}, {});
  EXPECT_FALSE(cursor->Next()) << "before the first series";
}

}  // namespace
}  // namespace varve
