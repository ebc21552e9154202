// Random sequences of few rows in which much is ingested, deleted by range and
// compacted within level 0 and out of it: after each step the database holds
// what was written last.
//
// It settles a loss that was seen once: 20 samples of a database that took in
// files by DB::IngestExternalFile, deleted ranges and called CompactFiles.
// Nothing is left to chance here but the seed: RocksDB compacts nothing by
// itself. By its own call, of 450 sequences on RocksDB 7.8.3 26 stopped the
// database; 6 lost samples, let older ones win or brought back deleted ones
// since a file had a wrong place in level 0, and 2 let older ones win since a
// file had an older number than what lay below it. By IngestFiles none does.
// The shortest ways there are in ingest_race_test.
//
//   VARVE_SEED=7 ingest_model_test
#include <gtest/gtest.h>

#include "plugin/host/version.h"
#include "plugin/host/version.h"
#include "tests/plugin/samples/ingest_db.h"

namespace varve {
namespace {

enum class By { kIngestFiles, kRocksDB };
enum class End { kAsExpected, kLost, kStopped };

class IngestSequence {
 public:
  IngestSequence(uint64_t seed, By by)
      : random_(seed),
        by_(by),
        db_(random_.OneIn(2)   ? "compaction=vm;partition=none"
            : random_.OneIn(2) ? "compaction=universal;partition=none"
                               : "compaction=leveled;partition=none") {}

  // Stops at the first step after which something is wrong.
  End Run() {
    // RocksDB loses what comes into an empty database by another fault: see
    // first_sequence_test.
    if (by_ == By::kRocksDB && !Write().ok()) return End::kStopped;
    End end = End::kAsExpected;
    for (int i = 0; i < 60 && end == End::kAsExpected; ++i) {
      end = !Step().ok()              ? End::kStopped
            : db_.All() != expected_  ? End::kLost
            : !SnapshotIsAsExpected() ? End::kLost
                                      : End::kAsExpected;
    }
    if (end == End::kAsExpected) {
      end = !Reopen().ok()           ? End::kStopped
            : db_.All() != expected_ ? End::kLost
                                     : End::kAsExpected;
    }
    ReleaseSnapshot();
    return end;
  }

 private:
  static std::string Name(uint64_t series) {
    return "s" + std::to_string(series);
  }

  Status Step() {
    switch (random_.Below(16)) {
      case 0:
      case 1:
      case 2:
        return Write();
      case 3:
        return DeleteRange();
      case 4:
      case 5:
      case 6:
      case 7:
        return Ingest();
      case 8:
      case 9:
      case 10:
        return CompactLevel0(/*output_level=*/0);
      case 11:
        return CompactLevel0(
            static_cast<int>(random_.Between(1, db_.db()->NumberLevels() - 1)));
      case 12:
      case 13:
        return db_.db()->Flush({});
      case 14:
        return random_.OneIn(3) ? Reopen() : Status::OK();
      default:
        TakeOrReleaseSnapshot();
        return Status::OK();
    }
  }

  void Add(const std::string& series, double value, int count) {
    for (const auto& sample : IngestDb::Samples(value, count)) {
      expected_[series][sample.first] = sample.second;
    }
  }
  void Erase(uint64_t first, uint64_t last) {
    for (uint64_t i = first; i <= last; ++i) expected_.erase(Name(i));
  }

  Status Write() {
    const std::string series = Name(random_.Below(kSeries));
    const int count = static_cast<int>(random_.Between(1, 20));
    Add(series, ++value_, count);
    return db_.TryWrite(series, value_, count);
  }

  Status DeleteRange() {
    const uint64_t first = random_.Below(kSeries);
    const uint64_t last = first + random_.Below(kSeries - first);
    Erase(first, last);
    return db_.db()->DeleteRange({}, db_.cf(), db_.Key(Name(first)),
                                 db_.Key(Name(last)) + "x");
  }

  // One or two files of one or two neighbouring rows.
  Status Ingest() {
    std::vector<std::string> files;
    for (uint64_t n = 1 + random_.Below(2); n > 0; --n) {
      const uint64_t first = random_.Below(kSeries - 1);
      std::vector<std::string> series = {Name(first)};
      if (random_.OneIn(2)) series.push_back(Name(first + 1));
      const int count = static_cast<int>(random_.Between(1, 20));
      ++value_;
      for (const std::string& name : series) Add(name, value_, count);
      files.push_back(db_.File(series, value_, count));
    }
    return by_ == By::kIngestFiles ? IngestFiles(db_.db(), db_.cf(), files)
                                   : db_.db()->IngestExternalFile(files, {});
  }

  // Neighbours at level 0; to another level, with all that are older.
  Status CompactLevel0(int output_level) {
    std::vector<std::string> names = db_.FilesAt(0);
    if (names.empty()) return Status::OK();
    const uint64_t first = random_.Below(names.size());
    const uint64_t count = output_level > 0
                               ? names.size() - first
                               : 1 + random_.Below(names.size() - first);
    names = std::vector<std::string>(names.begin() + first,
                                     names.begin() + first + count);
    return db_.db()->CompactFiles({}, names, output_level);
  }

  Status Reopen() {
    ReleaseSnapshot();
    db_.Close();
    const Status status = db_.TryOpen();
    if (status.ok()) db_.OpenReader();
    return status;
  }

  void TakeOrReleaseSnapshot() {
    if (snapshot_ != nullptr) return ReleaseSnapshot();
    snapshot_ = db_.db()->GetSnapshot();
    expected_then_ = expected_;
  }
  void ReleaseSnapshot() {
    if (snapshot_ != nullptr) db_.db()->ReleaseSnapshot(snapshot_);
    snapshot_ = nullptr;
  }
  bool SnapshotIsAsExpected() {
    return snapshot_ == nullptr || db_.All(snapshot_) == expected_then_;
  }

  static constexpr uint64_t kSeries = 6;

  RandomSource random_;
  const By by_;
  IngestDb db_;
  SamplesBySeries expected_;
  double value_ = 0;
  const rocksdb::Snapshot* snapshot_ = nullptr;
  SamplesBySeries expected_then_;
};

#ifdef VARVE_SANITIZED
constexpr uint64_t kSequences = 20;
#else
constexpr uint64_t kSequences = 60;
#endif

TEST(IngestModel, WhatWasWrittenLastIsThereAfterEveryStep) {
  const uint64_t first = RandomSource::BaseSeed();
  for (uint64_t seed = first; seed < first + kSequences; ++seed) {
    SCOPED_TRACE("VARVE_SEED=" + std::to_string(seed));
    ASSERT_EQ(IngestSequence(seed, By::kIngestFiles).Run(), End::kAsExpected);
  }
}

// The same by RocksDB's own call, and the reason not to make it: samples lost,
// deleted samples back, and an older write that wins. (Seeds of these ends
// change with the steps above: most of them come to a good end.)
TEST(IngestModel, ByRocksDBsOwnCallSamplesAreLost) {
  if (!kSequenceOrdersLevel0) {
    GTEST_SKIP() << "RocksDB 7.10 and later order level 0 by other numbers";
  }
  for (const uint64_t seed : {1219, 1004, 1220}) {
    EXPECT_EQ(IngestSequence(seed, By::kRocksDB).Run(), End::kLost) << seed;
    EXPECT_EQ(IngestSequence(seed, By::kIngestFiles).Run(), End::kAsExpected)
        << seed;
  }
}

}  // namespace
}  // namespace varve
