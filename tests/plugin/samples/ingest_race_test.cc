// Files that are ingested while others write. RocksDB up to 7.9 orders the
// files of level 0 by sequence number, left what a memtable held as it was
// when a file came that overlapped none of it, and compacted the file with
// others of level 0 meanwhile. What the memtable then became fitted nowhere:
// its flush failed with "L0 file ... with seqno", all writes with it, and the
// database did not open again; or it took a wrong place in silence, and what
// was compacted there lost to deletions that were older than it.
//
// The writes here come at RocksDB's own sync points, between what IngestFiles
// does and what RocksDB does with all writers held up. A release build of
// RocksDB has none: these tests are skipped there (NDEBUG follows the library).
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "test_util/sync_point.h"
#include "tests/plugin/samples/ingest_db.h"

namespace varve {
namespace {

class IngestRaceTest : public testing::TestWithParam<const char*> {
 protected:
#ifdef NDEBUG
  void SetUp() override { GTEST_SKIP() << "RocksDB without sync points"; }
  void BeforeFilesGoIn(std::function<void()>) {}
#else
  ~IngestRaceTest() override {
    rocksdb::SyncPoint::GetInstance()->DisableProcessing();
    rocksdb::SyncPoint::GetInstance()->ClearAllCallBacks();
  }
  // `act` runs each time that files have been linked into the database, before
  // writers are held up.
  static void BeforeFilesGoIn(std::function<void()> act) {
    auto* const points = rocksdb::SyncPoint::GetInstance();
    points->SetCallBack("DBImpl::AddFile:Start", [act](void*) { act(); });
    points->EnableProcessing();
  }
#endif
};

INSTANTIATE_TEST_SUITE_P(Presets, IngestRaceTest,
                         testing::Values("compaction=vm", "compaction=leveled",
                                         "compaction=universal"));

// Two files that came while a memtable held an older write, compacted into
// one; then the memtable is written to again and flushed. A flush before the
// files go in, which is all that a caller can do, is no help.
TEST_P(IngestRaceTest, AFlushAfterwardsIsNoCorruption) {
  IngestDb db(GetParam());
  db.Write("a", 0);
  db.Write("b", 0);
  db.Flush();
  int writes = 0;
  BeforeFilesGoIn([&] { db.Write("live" + std::to_string(writes++), 1); });
  db.Ingest({db.File({"a", "b"}, 1), db.File({"b"}, 2)});
  EXPECT_GE(writes, 1);
  std::vector<std::string> files = db.FilesAt(0);
  ASSERT_GE(files.size(), 2u);
  files.resize(2);
  db.CompactFiles(files, 0);
  db.Write("later", 2);
  EXPECT_EQ(db.db()->Flush({}).ToString(), "OK");
  SamplesBySeries expected = {
      {"a", db.Samples(1)}, {"b", db.Samples(2)}, {"later", db.Samples(2)}};
  while (writes-- > 0) {
    expected["live" + std::to_string(writes)] = db.Samples(1);
  }
  EXPECT_EQ(db.All(), expected);
  ASSERT_NO_FATAL_FAILURE(db.Reopen());
  EXPECT_EQ(db.All(), expected);
  db.CompactAll();
  EXPECT_EQ(db.All(), expected);
}

// One write of 20 samples in the memtable, a file beside it, and below a
// deletion that is older than both. Compacted with the file, the deletion came
// before the write in level 0; what the write became at the last level lost
// its number, and all 20 samples were gone. Nothing said so.
TEST_P(IngestRaceTest, AWriteDoesNotLoseToAnOlderDeletion) {
  IngestDb db(GetParam());
  db.Write("a", 1, 50);
  db.Write("z", 1);
  db.Flush();
  ASSERT_TRUE(
      db.db()->DeleteRange({}, db.cf(), db.Key("a"), db.Key("a") + "x").ok());
  db.Flush();
  bool written = false;
  BeforeFilesGoIn([&] {
    if (!written) db.Write("a", 2, 20);
    written = true;
  });
  db.Ingest({db.File({"z"}, 3)});
  ASSERT_TRUE(written);
  const SamplesBySeries expected = {{"a", db.Samples(2, 20)},
                                    {"z", db.Samples(3)}};
  EXPECT_EQ(db.All(), expected);
  // The newest two of level 0 by themselves, then all that is older.
  std::vector<std::string> files = db.FilesAt(0);
  ASSERT_GE(files.size(), 3u);
  db.CompactFiles({files[0], files[1]}, 0);
  db.Flush();
  EXPECT_EQ(db.All(), expected);
  files = db.FilesAt(0);
  if (files.size() > 1) {
    files.erase(files.begin());
    db.CompactFiles(files, db.db()->NumberLevels() - 1);
  }
  EXPECT_EQ(db.All(), expected);
  db.CompactAll();
  EXPECT_EQ(db.All(), expected);
}

// A memtable that holds a deleted range and nothing else is no less one.
TEST_P(IngestRaceTest, AFlushAfterADeletedRangeIsNoCorruption) {
  IngestDb db(GetParam());
  db.Write("a", 0, 5);
  db.Write("y", 0);
  db.Write("z", 0);
  db.Flush();
  char range = 'c';
  BeforeFilesGoIn([&] {
    const std::string begin = db.Key(std::string(1, range++));
    ASSERT_TRUE(db.db()->DeleteRange({}, db.cf(), begin, begin + "x").ok());
  });
  db.Ingest({db.File({"y", "z"}, 1)});
  db.Ingest({db.File({"z"}, 2)});
  std::vector<std::string> files = db.FilesAt(0);
  ASSERT_GE(files.size(), 2u);
  files.resize(2);
  db.CompactFiles(files, 0);
  db.Write("b", 3);
  EXPECT_EQ(db.db()->Flush({}).ToString(), "OK");
  const SamplesBySeries expected = {{"a", db.Samples(0, 5)},
                                    {"b", db.Samples(3)},
                                    {"y", db.Samples(1)},
                                    {"z", db.Samples(2)}};
  EXPECT_EQ(db.All(), expected);
  ASSERT_NO_FATAL_FAILURE(db.Reopen());
  EXPECT_EQ(db.All(), expected);
}

// Threads that write and threads that ingest, a write for a few files, beside
// one that takes snapshots; RocksDB compacts as often as it can.
class Traffic {
 public:
#ifdef VARVE_SANITIZED
  static constexpr int kFiles = 20;  // of each thread that ingests
#else
  static constexpr int kFiles = 60;
#endif

  explicit Traffic(IngestDb* db) : db_(*db) {}

  void Run() {
    // A run that is larger than the new ones, so that they merge by themselves.
    RandomSource random(1);
    for (const std::string series : {"a", "o", "q"}) {
      for (int i = 0; i < 3000; ++i) {
        Write(series, static_cast<double>(random.Bits()), 1,
              kIngestDay + kMillisPerDay + i * kMillisPerSecond);
      }
    }
    db_.Flush();
    old_ = db_.All();
    std::vector<std::thread> threads;
    for (const std::string own : {"m", "p"}) {
      threads.emplace_back([this, own] { WriteAll(own); });
    }
    for (const std::string own : {"a", "o"}) {
      threads.emplace_back([this, own] { IngestAll(own); });
    }
    threads.emplace_back([this] { TakeSnapshots(); });
    for (std::thread& thread : threads) thread.join();
  }

  SamplesBySeries Expected() const {
    SamplesBySeries expected = old_;
    for (const std::string own : {"m", "p"}) {
      for (int i = kFiles; i > kFiles - 7; --i) {
        expected[own + std::to_string(i % 7)] = IngestDb::Samples(i, 5);
      }
    }
    for (const std::string own : {"a", "o"}) {
      for (const std::string& series : {own, own + "x"}) {
        for (const auto& sample : IngestDb::Samples(kFiles, 5)) {
          expected[series][sample.first] = sample.second;
        }
      }
    }
    return expected;
  }

 private:
  void Write(const std::string& series, double value, int count,
             int64_t first_ms = kIngestDay) {
    EXPECT_EQ(db_.TryWrite(series, value, count, first_ms).ToString(), "OK");
  }

  void WriteAll(const std::string& own) {
    for (int i = 1; i <= kFiles; ++i) {
      while (ingested_ < i) std::this_thread::yield();
      Write(own + std::to_string(i % 7), i, 5);
      if (i % 10 != 0) continue;
      const std::string unused = db_.Key(own + "9");
      EXPECT_TRUE(
          db_.db()->DeleteRange({}, db_.cf(), unused, unused + "x").ok());
    }
  }

  void IngestAll(const std::string& own) {
    for (int i = 1; i <= kFiles; ++i) {
      std::string file;
      {
        std::lock_guard<std::mutex> lock(mutex_);
        file = db_.File({own, own + "x"}, i, 5);
      }
      EXPECT_EQ(IngestFiles(db_.db(), db_.cf(), {file}).ToString(), "OK");
      ++ingested_;
    }
  }

  void TakeSnapshots() {
    while (ingested_ < 2 * kFiles) {
      const rocksdb::Snapshot* const snapshot = db_.db()->GetSnapshot();
      std::this_thread::yield();
      db_.db()->ReleaseSnapshot(snapshot);
    }
  }

  IngestDb& db_;
  SamplesBySeries old_;
  std::mutex mutex_;  // of the files' names
  std::atomic<int> ingested_{0};
};

TEST_P(IngestRaceTest, ThreadsThatWriteAndIngestLoseNothing) {
  IngestDb db(GetParam(), [](rocksdb::Options* options) {
    options->disable_auto_compactions = false;
    options->level0_file_num_compaction_trigger = 4;
    options->max_bytes_for_level_base = 256 << 10;
  });
  Traffic traffic(&db);
  traffic.Run();
  const SamplesBySeries expected = traffic.Expected();
  EXPECT_EQ(db.All(), expected);
  EXPECT_EQ(db.db()->Flush({}).ToString(), "OK");
  EXPECT_EQ(db.All(), expected);
  ASSERT_NO_FATAL_FAILURE(db.Reopen());
  EXPECT_EQ(db.All(), expected);
  db.CompactAll();
  EXPECT_EQ(db.All(), expected);
}

// RocksDB's pull request 12257. Up to 8.10 a file that went into a level of a
// universal column family got the highest sequence number of the files there,
// though newer data of its rows may lie further down: the newer write then
// lost. RocksDB's own choice of files hardly makes such levels; CompactFiles
// does, here with a snapshot held.
TEST(IngestUniversal, WhatIsIngestedIsNewerThanWhatLiesFurtherDown) {
  IngestDb db("compaction=universal");
  const int last = db.db()->NumberLevels() - 1;
  db.Write("a", 1);
  db.Flush();
  db.CompactFiles(db.FilesAt(0), last);
  db.Write("a", 2);
  db.Flush();
  db.CompactFiles(db.FilesAt(0), last - 1);
  db.Write("b", 1);
  const rocksdb::Snapshot* const snapshot = db.db()->GetSnapshot();
  db.Write("k", 1, 20);
  db.Flush();
  db.CompactFiles(db.FilesAt(0), last);
  db.db()->ReleaseSnapshot(snapshot);
  db.Ingest({db.File({"k"}, 2, 20)});
  const SamplesBySeries expected = {
      {"a", db.Samples(2)}, {"b", db.Samples(1)}, {"k", db.Samples(2, 20)}};
  EXPECT_EQ(db.All(), expected);
  db.CompactAll();
  EXPECT_EQ(db.All(), expected);
}

}  // namespace
}  // namespace varve
