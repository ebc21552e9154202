// Reads that are not allowed to finish: past a deadline, not to the disk, not
// into a full cache. What was left of such a read was taken for what the
// database holds: a read of kBlockCacheTier in a file that was not open said
// Corruption, "0 bytes that no version of Varve wrote". It is Incomplete, and
// the others are TimedOut and MemoryLimit, in every way of reading.
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/cache.h"
#include "rocksdb/table.h"
#include "tests/plugin/options_database.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

constexpr int64_t kDay = kMillisPerDay;
constexpr int64_t kFirst = 20000 * kDay;
constexpr int kDays = 40;

// A sample a day and series, in a file a day; the last in the memtable.
class UnfinishedReads : public testing::TestWithParam<FileFormat> {
 protected:
  UnfinishedReads() {
    Open(nullptr);
    std::unique_ptr<SampleWriter> writer;
    EXPECT_TRUE(SampleWriter::Open(db_.get(), cf(), &writer).ok());
    for (int d = 0; d <= kDays; ++d) {
      rocksdb::WriteBatch batch;
      for (const char* series : {"a", "b", "c"}) {
        EXPECT_TRUE(writer->Add(series, kFirst + d * kDay, d, &batch).ok());
      }
      EXPECT_TRUE(db_->Write({}, &batch).ok());
      if (d == kDays - 1) {
        EXPECT_TRUE(db_->Flush({}).ok());
        EXPECT_TRUE(db_->CompactRange({}, nullptr, nullptr).ok());
      }
    }
  }

  // With nothing in memory, and few files open at a time.
  void Open(std::shared_ptr<rocksdb::Cache> cache) {
    reader_.reset();
    db_.reset();
    rocksdb::Options options;
    options.create_if_missing = true;
    options.max_open_files = 10;
    options.avoid_flush_during_shutdown = true;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache =
        cache != nullptr ? cache : rocksdb::NewLRUCache(1 << 20);
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    Options ours;
    ours.policy = PolicyOf("partition=day");
    ours.compaction = CompactionPreset::kLeveled;
    ours.file_format = GetParam();
    ASSERT_TRUE(ConfigureColumnFamily(ours, &options).ok());
    options.disable_auto_compactions = true;
    options.avoid_flush_during_recovery = true;
    DB* raw = nullptr;
    ASSERT_TRUE(DB::Open(options, dir_ / "db", &raw).ok());
    db_.reset(raw);
    ASSERT_TRUE(SampleReader::Open(raw, cf(), &reader_).ok());
  }
  ColumnFamilyHandle* cf() { return db_->DefaultColumnFamily(); }

  using Seen = std::map<std::pair<std::string, int64_t>, double>;
  struct Way {
    const char* name;
    std::function<Status(const SampleReadOptions&, Seen*)> read;
  };

  static void Add(const std::string& series, const SampleCursor& cursor,
                  Seen* seen) {
    for (size_t i = 0; i < cursor.size(); ++i) {
      (*seen)[{series, cursor.timestamps_ms()[i]}] = cursor.values()[i];
    }
  }

  Status ReadRange(const SampleReadOptions& options, int64_t from, int64_t to,
                   Seen* seen) {
    for (const char* series : {"a", "b", "c"}) {
      const auto cursor = reader_->Read(options, series, from, to);
      while (cursor->Next()) Add(series, *cursor, seen);
      if (!cursor->status().ok()) return cursor->status();
    }
    return Status::OK();
  }

  // The same samples, seen in each of these ways.
  std::vector<Way> Ways() {
    const auto day = [](int d) { return kFirst + d * kDay; };
    return {
        {"a row at a time",
         [=](const SampleReadOptions& options, Seen* seen) {
           Status status;
           for (int d = 0; d <= kDays && status.ok(); ++d) {
             status = ReadRange(options, day(d), day(d) + 1000, seen);
           }
           return status;
         }},
        {"a row at a time, from the newest",
         [=](const SampleReadOptions& options, Seen* seen) {
           Status status;
           for (int d = kDays; d >= 0 && status.ok(); --d) {
             status = ReadRange(options, day(d), day(d) + 1000, seen);
           }
           return status;
         }},
        {"the last of each row",
         [=](const SampleReadOptions& options, Seen* seen) {
           for (const char* series : {"a", "b", "c"}) {
             for (int d = 0; d <= kDays; ++d) {
               Sample sample{};
               bool found = false;
               const Status status = reader_->ReadLast(
                   options, series, day(d), day(d) + 1000, &sample, &found);
               if (!status.ok()) return status;
               if (found) (*seen)[{series, sample.timestamp_ms}] = sample.value;
             }
           }
           return Status::OK();
         }},
        {"a range",
         [=](const SampleReadOptions& options, Seen* seen) {
           return ReadRange(options, 0, kTimestampMax, seen);
         }},
        {"a scan",
         [=](const SampleReadOptions& options, Seen* seen) {
           const auto cursor = reader_->Scan(options, ScanOptions());
           while (cursor->NextSeries()) {
             while (cursor->Next()) Add(cursor->series(), *cursor, seen);
             if (!cursor->status().ok()) break;
           }
           return cursor->status();
         }},
        {"a scan with little memory",
         [=](const SampleReadOptions& options, Seen* seen) {
           ScanOptions scan;
           scan.buffer_bytes = 100;
           const auto cursor = reader_->Scan(options, scan);
           while (cursor->NextSeries()) {
             while (cursor->Next()) Add(cursor->series(), *cursor, seen);
             if (!cursor->status().ok()) break;
           }
           return cursor->status();
         }},
    };
  }

  Seen All() {
    Seen all;
    for (const char* series : {"a", "b", "c"}) {
      for (int d = 0; d <= kDays; ++d) all[{series, kFirst + d * kDay}] = d;
    }
    return all;
  }

  // `options` allow nothing but what `is_right` says. Answers how many ways
  // could not be gone to their end.
  int Check(const SampleReadOptions& options,
            const std::function<bool(const Status&)>& is_right) {
    int unfinished = 0;
    const Seen all = All();
    for (const Way& way : Ways()) {
      SCOPED_TRACE(way.name);
      Seen seen;
      const Status status = way.read(options, &seen);
      EXPECT_TRUE(status.ok() || is_right(status)) << status.ToString();
      if (status.ok()) {
        EXPECT_EQ(seen, all) << "OK, but not all";
      } else {
        ++unfinished;
        for (const auto& sample : seen) {
          EXPECT_EQ(sample.second, all.at(sample.first));
        }
      }
    }
    std::vector<std::string> listed;
    const auto names = reader_->ListSeries(options, "");
    while (names->Next()) listed.push_back(names->series());
    EXPECT_TRUE(names->status().ok() || is_right(names->status()))
        << names->status().ToString();
    if (names->status().ok()) {
      EXPECT_EQ(listed, (std::vector<std::string>{"a", "b", "c"}));
    }
    return unfinished;
  }

  const TempDir dir_;
  std::unique_ptr<DB> db_;
  std::unique_ptr<SampleReader> reader_;
};

TEST_P(UnfinishedReads, FromTheCacheAloneAreIncomplete) {
  const auto is_right = [](const Status& s) { return s.IsIncomplete(); };
  SampleReadOptions cached;
  cached.rocksdb.read_tier = rocksdb::kBlockCacheTier;
  Open(nullptr);
  EXPECT_GT(Check(cached, is_right), 4) << "nothing is cached";
  // Some files are open by now, and some of their blocks cached.
  for (int d = 0; d < kDays; ++d) {
    std::vector<Sample> samples;
    ASSERT_TRUE(reader_
                    ->Read({}, "b", kFirst + d * kDay, kFirst + d * kDay + 1000,
                           &samples)
                    .ok());
    Check(cached, is_right);
  }
  SampleReadOptions all;
  EXPECT_EQ(Check(all, is_right), 0);
  // What is only in memory can be read, whatever is cached of the files.
  std::vector<Sample> samples;
  ASSERT_TRUE(
      reader_->Read(all, "a", kFirst + kDays * kDay, kTimestampMax, &samples)
          .ok());
  EXPECT_EQ(samples.size(), 1u);
}

TEST_P(UnfinishedReads, PastTheirDeadlineAreTimedOut) {
  SampleReadOptions late;
  late.rocksdb.deadline = std::chrono::microseconds(1);  // of 1970
  Open(nullptr);
  EXPECT_GT(Check(late, [](const Status& s) { return s.IsTimedOut(); }), 4);
  EXPECT_EQ(Check({}, [](const Status&) { return false; }), 0);
}

TEST_P(UnfinishedReads, IntoAFullCacheAreOutOfMemory) {
  rocksdb::LRUCacheOptions options;
  options.capacity = 1;
  options.strict_capacity_limit = true;
  options.num_shard_bits = 0;
  Open(rocksdb::NewLRUCache(options));
  const auto is_right = [](const Status& s) { return s.IsMemoryLimit(); };
  EXPECT_GT(Check({}, is_right), 4);
  SampleReadOptions past;
  past.rocksdb.fill_cache = false;
  EXPECT_EQ(Check(past, is_right), 0);
}

INSTANTIATE_TEST_SUITE_P(Formats, UnfinishedReads,
                         testing::Values(FileFormat::kPart,
                                         FileFormat::kBlockBased));

}  // namespace
}  // namespace varve
