// Setting the sample memtable, and what RocksDB then counts.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/utilities/options_util.h"
#include "rocksdb/write_buffer_manager.h"
#include "tests/mock_clock.h"
#include "tests/random_source.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

constexpr int kSeries = 500;
constexpr int kSamples = 100;  // of each

class MemtableOptions : public testing::Test {
 protected:
  MemtableOptions() : clock_(std::make_shared<MockClock>(kTestNowMs)) {}

  rocksdb::Options OptionsWith(const std::string& memtable) {
    rocksdb::Options options;
    Options varve_options;
    varve_options.clock = clock_;
    EXPECT_TRUE(ConfigureColumnFamily(varve_options, &options).ok());
    rocksdb::ConfigOptions strict;
    strict.ignore_unsupported_options = false;
    rocksdb::Options result;
    EXPECT_TRUE(rocksdb::GetOptionsFromString(
                    strict, options,
                    "create_if_missing=true;avoid_flush_during_shutdown=true;"
                    "avoid_flush_during_recovery=true;memtable_factory=" +
                        memtable,
                    &result)
                    .ok());
    return result;
  }

  std::unique_ptr<rocksdb::DB> Open(const rocksdb::Options& options) {
    rocksdb::DB* db = nullptr;
    const Status s = rocksdb::DB::Open(options, dir_ / "db", &db);
    EXPECT_TRUE(s.ok()) << s.ToString();
    return std::unique_ptr<rocksdb::DB>(db);
  }

  // A sample a series, and so on.
  void Scrape(rocksdb::DB* db) {
    std::unique_ptr<SampleWriter> writer;
    ASSERT_TRUE(
        SampleWriter::Open(db, db->DefaultColumnFamily(), &writer).ok());
    for (int i = 0; i < kSamples; ++i) {
      rocksdb::WriteBatch batch;
      for (int series = 0; series < kSeries; ++series) {
        ASSERT_TRUE(writer
                        ->Add("series " + std::to_string(series),
                              kTestNowMs + i * 15'000, i, &batch)
                        .ok());
      }
      ASSERT_TRUE(db->Write({}, &batch).ok());
    }
  }

  void ExpectAllThere(rocksdb::DB* db) {
    std::unique_ptr<SampleReader> reader;
    ASSERT_TRUE(
        SampleReader::Open(db, db->DefaultColumnFamily(), &reader).ok());
    std::vector<Sample> samples;
    for (int series = 0; series < kSeries; series += 99) {
      ASSERT_TRUE(reader
                      ->Read({}, "series " + std::to_string(series), 0,
                             kTestNowMs + kMillisPerDay, &samples)
                      .ok());
      ASSERT_EQ(static_cast<size_t>(kSamples), samples.size());
      EXPECT_EQ(kSamples - 1, samples.back().value);
    }
  }

  static uint64_t MemtableBytes(rocksdb::DB* db) {
    uint64_t bytes = 0;
    EXPECT_TRUE(db->GetIntProperty(
        rocksdb::DB::Properties::kCurSizeActiveMemTable, &bytes));
    return bytes;
  }

  TempDir dir_;
  std::shared_ptr<MockClock> clock_;
};

TEST_F(MemtableOptions, AnOptionsStringSetsItAndTheOptionsFileKeepsIt) {
  auto db = Open(OptionsWith("VarveSampleMemtable"));
  rocksdb::ConfigOptions strict;
  strict.ignore_unsupported_options = false;
  rocksdb::DBOptions db_options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  ASSERT_TRUE(
      rocksdb::LoadLatestOptions(strict, dir_ / "db", &db_options, &families)
          .ok());
  EXPECT_STREQ("VarveSampleMemtable",
               families[0].options.memtable_factory->Name());
}

// They are calls that it does not have. A RocksDB without the option knows no
// such word.
TEST_F(MemtableOptions, MemoryChecksAreRefused) {
  rocksdb::Options options = OptionsWith("VarveSampleMemtable");
  rocksdb::ColumnFamilyOptions checked;
  const rocksdb::Status known = rocksdb::GetColumnFamilyOptionsFromString(
      rocksdb::ConfigOptions(), options, "paranoid_memory_checks=true",
      &checked);
  options = rocksdb::Options(options, checked);
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(options, dir_ / "checked", &db);
  const std::unique_ptr<rocksdb::DB> closed(db);
  EXPECT_EQ(known.ok(), status.IsInvalidArgument()) << status.ToString();
  EXPECT_EQ(known.ok(),
            status.ToString().find("VarveSampleMemtable") != std::string::npos)
      << status.ToString();
}

// It leaves nothing on disk: the log of one memtable is recovered into the
// other, there and back.
TEST_F(MemtableOptions, ItMayBeSetAndTakenAwayAtAnyOpening) {
  for (const char* memtable :
       {"VarveSampleMemtable", "skip_list", "VarveSampleMemtable"}) {
    auto db = Open(OptionsWith(memtable));
    if (db->GetLatestSequenceNumber() == 0) Scrape(db.get());
    ExpectAllThere(db.get());
  }
  auto db = Open(OptionsWith("VarveSampleMemtable"));
  ASSERT_TRUE(db->Flush({}).ok());
  ExpectAllThere(db.get());
}

// What is in the log only: other openings recover it without writing.
TEST_F(MemtableOptions, ReadOnlyAndSecondaryOpeningsShowWhatIsNotFlushed) {
  const rocksdb::Options options = OptionsWith("VarveSampleMemtable");
  auto db = Open(options);
  Scrape(db.get());
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::OpenForReadOnly(options, dir_ / "db", &opened).ok());
  ExpectAllThere(std::unique_ptr<rocksdb::DB>(opened).get());
  rocksdb::Options secondary_options = options;
  secondary_options.max_open_files = -1;
  ASSERT_TRUE(rocksdb::DB::OpenAsSecondary(secondary_options, dir_ / "db",
                                           dir_ / "secondary", &opened)
                  .ok());
  const std::unique_ptr<rocksdb::DB> secondary(opened);
  ExpectAllThere(secondary.get());
  ASSERT_TRUE(db->Put({}, "foreign", std::string(3 << 20, 'x')).ok());
  ASSERT_TRUE(secondary->TryCatchUpWithPrimary().ok());
  std::string value;
  ASSERT_TRUE(secondary->Get({}, "foreign", &value).ok());
  EXPECT_EQ(size_t{3} << 20, value.size());
  ASSERT_TRUE(db->Flush({}).ok());
  ASSERT_TRUE(secondary->TryCatchUpWithPrimary().ok());
  ExpectAllThere(secondary.get());
}

// A write buffer is flushed when it is full, as with the skip list.
TEST_F(MemtableOptions, MemoryLimitsMeanWhatTheySay) {
  for (const bool by_manager : {false, true}) {
    rocksdb::Options options = OptionsWith("VarveSampleMemtable");
    options.arena_block_size = 16 << 10;
    options.disable_auto_compactions = true;
    const size_t limit = 256 << 10;
    if (by_manager) {
      options.write_buffer_manager =
          std::make_shared<rocksdb::WriteBufferManager>(limit);
    } else {
      options.write_buffer_size = limit;
    }
    ASSERT_TRUE(rocksdb::DestroyDB(dir_ / "db", options).ok());
    auto db = Open(options);
    Scrape(db.get());
    ASSERT_TRUE(db->Flush({}).ok());
    std::vector<rocksdb::LiveFileMetaData> files;
    db->GetLiveFilesMetaData(&files);
    // 25 bytes a sample at least, and less than in the skip list.
    constexpr uint64_t kAll = uint64_t{kSeries} * kSamples;
    EXPECT_GT(files.size(), kAll * 25 / limit / 2) << by_manager;
    EXPECT_LT(files.size(), kAll * 66 / limit * 2) << by_manager;
    ExpectAllThere(db.get());
  }
}

TEST_F(MemtableOptions, RocksDbCountsItsMemoryAndReadsDoNotAddToIt) {
  rocksdb::Options options = OptionsWith("VarveSampleMemtable");
  options.arena_block_size = 16 << 10;
  options.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(64 << 20);
  auto db = Open(options);
  Scrape(db.get());
  const uint64_t bytes = MemtableBytes(db.get());
  constexpr uint64_t kAll = uint64_t{kSeries} * kSamples;
  EXPECT_GT(bytes, kAll * 10);
  EXPECT_LT(bytes, kAll * 36);
  const double managed =
      static_cast<double>(options.write_buffer_manager->memory_usage());
  EXPECT_GT(managed, 0.9 * static_cast<double>(bytes));
  EXPECT_LT(managed, 1.3 * static_cast<double>(bytes));
  std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
  }
  EXPECT_EQ(bytes, MemtableBytes(db.get()));
}

}  // namespace
}  // namespace varve
