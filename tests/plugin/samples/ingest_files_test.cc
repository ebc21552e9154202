// IngestFiles: what is ingested is there for good, in order with all other
// writes, whatever snapshots, compactions and reopenings come.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "compaction/span_rows.h"
#include "plugin/samples/span_file.h"
#include "tests/plugin/samples/ingest_db.h"

namespace varve {
namespace {

const char* const kPresets[] = {"compaction=vm", "compaction=leveled",
                                "compaction=universal"};

class IngestFilesTest : public testing::TestWithParam<const char*> {
 protected:
  std::string preset() const { return std::string(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Presets, IngestFilesTest, testing::ValuesIn(kPresets));

// RocksDB gave the rows of a file that came into an empty database sequence
// number 0, and a snapshot taken then the same. A compaction while it was held
// dropped every one of them, for all readers and for good.
TEST_P(IngestFilesTest, IntoAnEmptyDatabaseThenASnapshotAndACompaction) {
  for (const bool reopen : {false, true}) {
    IngestDb db(preset());
    db.Ingest({db.File({"a", "b"}, 1, 100)});
    EXPECT_GT(db.db()->GetLatestSequenceNumber(), 0u);
    if (reopen) db.Reopen();
    EXPECT_GT(db.db()->GetLatestSequenceNumber(), 0u);
    const rocksdb::Snapshot* const snapshot = db.db()->GetSnapshot();
    const SamplesBySeries then = {{"a", db.Samples(1, 100)},
                                  {"b", db.Samples(1, 100)}};
    db.Write("c", 1);
    db.Flush();
    db.CompactAll();
    SamplesBySeries now = then;
    now["c"] = db.Samples(1);
    EXPECT_EQ(db.All(), now);
    EXPECT_EQ(db.All(snapshot), then);
    db.db()->ReleaseSnapshot(snapshot);
    db.CompactAll();
    EXPECT_EQ(db.All(), now);
  }
}

TEST_P(IngestFilesTest, AKeptSnapshotSeesNothingOfIt) {
  IngestDb db(preset());
  const rocksdb::Snapshot* const empty = db.db()->GetSnapshot();
  db.Ingest({db.File({"a"}, 1, 5)});
  db.Write("b", 2);
  const rocksdb::Snapshot* const first = db.db()->GetSnapshot();
  db.Ingest({db.File({"a", "b"}, 3)});
  db.Flush();
  db.CompactAll();
  EXPECT_EQ(db.All(empty), SamplesBySeries());
  EXPECT_EQ(db.All(first),
            (SamplesBySeries{{"a", db.Samples(1, 5)}, {"b", db.Samples(2)}}));
  db.db()->ReleaseSnapshot(empty);
  db.db()->ReleaseSnapshot(first);
}

// What was written before, in memory and on disk, is older; what comes later
// is newer; and of the files of one call a later one is.
TEST_P(IngestFilesTest, TheLastWriteWins) {
  IngestDb db(preset());
  db.Write("a", 1, 10);
  db.Flush();
  db.Write("a", 2, 5);
  db.Ingest({db.File({"a"}, 3, 3), db.File({"a"}, 4, 2)});
  db.Write("a", 5, 1);
  std::map<int64_t, double> expected = db.Samples(1, 10);
  for (const auto& [value, count] :
       {std::pair(2, 5), std::pair(3, 3), std::pair(4, 2), std::pair(5, 1)}) {
    for (const auto& sample : db.Samples(value, count)) {
      expected[sample.first] = sample.second;
    }
  }
  EXPECT_EQ(db.All(), (SamplesBySeries{{"a", expected}}));
  db.Flush();
  EXPECT_EQ(db.All(), (SamplesBySeries{{"a", expected}}));
  db.CompactAll();
  EXPECT_EQ(db.All(), (SamplesBySeries{{"a", expected}}));
}

TEST_P(IngestFilesTest, ADeletedRangeInAFileEndsWhatWasThereBefore) {
  IngestDb db(preset());
  db.Write("a", 1, 10);
  db.Write("b", 1, 10);
  db.Flush();
  db.Write("a", 2, 5);
  const std::string path = db.dir() + "/range.sst";
  rocksdb::SstFileWriter file(rocksdb::EnvOptions(),
                              db.db()->GetOptions(db.cf()));
  ASSERT_EQ(file.Open(path).ToString(), "OK");
  ASSERT_EQ(file.DeleteRange(db.Key("a"), db.Key("b")).ToString(), "OK");
  ASSERT_EQ(file.Finish().ToString(), "OK");
  db.Ingest({path, db.File({"a"}, 3, 2)});
  db.Write("a", 4, 1);
  std::map<int64_t, double> a = db.Samples(3, 2);
  a[kIngestDay] = 4;
  const SamplesBySeries expected = {{"a", a}, {"b", db.Samples(1, 10)}};
  EXPECT_EQ(db.All(), expected);
  db.Flush();
  db.CompactAll();
  EXPECT_EQ(db.All(), expected);
}

// Only what was given is in the database afterwards, and where it was given
// from there is nothing left.
TEST_P(IngestFilesTest, LeavesNothingElse) {
  IngestDb db(preset());
  db.Write("x", 1);
  db.Ingest({db.File({"a", "z"}, 1, 3)});
  std::vector<rocksdb::LiveFileMetaData> files;
  db.db()->GetLiveFilesMetaData(&files);
  uint64_t rows = 0;
  for (const auto& file : files) rows += file.num_entries;
  EXPECT_LE(rows, 3u);
  const std::unique_ptr<rocksdb::Iterator> all(db.db()->NewIterator({}));
  rows = 0;
  for (all->SeekToFirst(); all->Valid(); all->Next()) ++rows;
  EXPECT_EQ(rows, 3u);
  for (const auto& entry : std::filesystem::directory_iterator(db.dir())) {
    EXPECT_EQ(entry.path().filename(), "db");
  }
}

TEST(IngestFiles, SaysWhatIsWrongAndLeavesTheFilesWhereTheyAre) {
  IngestDb db("");
  EXPECT_TRUE(IngestFiles(nullptr, db.cf(), {"x"}).IsInvalidArgument());
  EXPECT_TRUE(IngestFiles(db.db(), nullptr, {"x"}).IsInvalidArgument());
  EXPECT_TRUE(IngestFiles(db.db(), db.cf(), {}).IsInvalidArgument());
  EXPECT_FALSE(IngestFiles(db.db(), db.cf(), {db.dir() + "/none"}).ok());
  const std::string good = db.File({"a"}, 1);
  const std::string bad = db.dir() + "/bad.sst";
  std::ofstream(bad) << "no file of rows";
  EXPECT_FALSE(IngestFiles(db.db(), db.cf(), {good, bad}).ok());
  EXPECT_TRUE(std::filesystem::exists(good));
  EXPECT_TRUE(std::filesystem::exists(bad));
  EXPECT_FALSE(std::filesystem::exists(good + ".varve-span"));
  EXPECT_EQ(db.All(), SamplesBySeries());
  db.Ingest({good});
  EXPECT_EQ(db.All(), (SamplesBySeries{{"a", db.Samples(1)}}));

  rocksdb::ColumnFamilyHandle* plain = nullptr;
  ASSERT_TRUE(db.db()->CreateColumnFamily({}, "plain", &plain).ok());
  const std::string other = db.File({"b"}, 1);
  EXPECT_TRUE(IngestFiles(db.db(), plain, {other}).IsInvalidArgument());
  EXPECT_EQ(db.db()->DropColumnFamily(plain).ToString(), "OK");
  EXPECT_EQ(db.db()->DestroyColumnFamilyHandle(plain).ToString(), "OK");

  db.Close();
  rocksdb::DB* read_only = nullptr;
  ASSERT_EQ(rocksdb::DB::OpenForReadOnly(db.options(), db.path(), &read_only)
                .ToString(),
            "OK");
  EXPECT_TRUE(IngestFiles(read_only, read_only->DefaultColumnFamily(), {other})
                  .IsNotSupported());
  delete read_only;
  EXPECT_TRUE(std::filesystem::exists(other));
}

// The file that spans all keys may be taken by a compaction of RocksDB's. Its
// rows then vanish there, and change nothing that somebody has
// under these keys.
TEST(IngestFiles, TheSpanningRowsAddNothingAndVanish) {
  for (const bool used : {false, true}) {
    for (const FileFormat format :
         {FileFormat::kPart, FileFormat::kBlockBased}) {
      IngestDb db(format == FileFormat::kPart ? "partition=none" : "", nullptr,
                  format);
      const std::string last = SpanLastKey();
      const std::string widest(kSeriesBytesMax, '\xff');
      if (used) {
        ASSERT_TRUE(db.db()->Put({}, kSpanFirstKey, "first").ok());
        ASSERT_TRUE(db.db()->Merge({}, last, "last").ok());
      }
      db.Write(std::string(1, '\0'), 1);
      db.Write(widest, 2);
      db.Flush();
      const std::string path = db.dir() + "/span";
      {
        const SpanFile span(db.db()->GetOptions(), db.cf(), path);
        ASSERT_EQ(span.status().ToString(), "OK");
        db.IngestRaw({path});
      }
      EXPECT_FALSE(std::filesystem::exists(path));
      const SamplesBySeries expected = {{std::string(1, '\0'), db.Samples(1)},
                                        {widest, db.Samples(2)}};
      EXPECT_EQ(db.All(), expected);
      std::string value;
      if (used) {
        ASSERT_TRUE(db.db()->Get({}, kSpanFirstKey, &value).ok());
        EXPECT_EQ(value, "first");
      }
      // A compaction has merged it with the file below.
      db.CompactAll();
      EmptySpanFiles(db.db(), db.cf());
      EXPECT_EQ(db.All(), expected);
      const rocksdb::Status first = db.db()->Get({}, kSpanFirstKey, &value);
      EXPECT_EQ(first.ToString(), used ? "OK" : "NotFound: ");
      if (used) {
        EXPECT_EQ(value, "first");
      }
      EXPECT_EQ(db.db()->Get({}, last, &value).ToString(),
                used ? "OK" : "NotFound: ");
      if (used) {
        EXPECT_EQ(value, "last");
      }
    }
  }
}

// A file of two rows that somebody has under these keys is no such file.
TEST(IngestFiles, AFileOfOtherRowsUnderTheSpanningKeysStays) {
  IngestDb db("");
  ASSERT_TRUE(db.db()->Put({}, kSpanFirstKey, "first").ok());
  ASSERT_TRUE(db.db()->Merge({}, SpanLastKey(), "last").ok());
  db.Flush();
  EmptySpanFiles(db.db(), db.cf());
  EXPECT_EQ(db.FilesAt(0).size(), 1u);
}

}  // namespace
}  // namespace varve
