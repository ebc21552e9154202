// Rows that RocksDB has under sequence number 0. What was ingested into an
// empty database by DB::IngestExternalFile has that number, and so had all
// that `varve import --bulk` loaded into a new one; a snapshot has it too
// while nothing has been written. RocksDB up to 9.9 dropped all such rows in
// the first compaction under such a snapshot. Whatever of Varve meets the
// database first writes something, so that no snapshot has the number.
#include <gtest/gtest.h>

#include "tests/plugin/samples/ingest_db.h"

namespace varve {
namespace {

class FirstSequenceTest : public testing::Test {
 protected:
  FirstSequenceTest() : db_("compaction=leveled") {
    db_.IngestRaw({db_.File({"a", "b"}, 1, 100)});
    EXPECT_EQ(db_.db()->GetLatestSequenceNumber(), 0u);
    db_.Close();
  }

  void OpenOnly() {
    ASSERT_EQ(db_.TryOpen().ToString(), "OK");
    ASSERT_EQ(db_.db()->GetLatestSequenceNumber(), 0u);
  }

  // After something of Varve's has met the database.
  void ExpectThatItIsSafe() {
    EXPECT_GT(db_.db()->GetLatestSequenceNumber(), 0u);
    const rocksdb::Snapshot* const snapshot = db_.db()->GetSnapshot();
    db_.OpenReader();
    db_.Write("c", 1);
    db_.Flush();
    db_.CompactAll();
    SamplesBySeries expected = {{"a", db_.Samples(1, 100)},
                                {"b", db_.Samples(1, 100)}};
    EXPECT_EQ(db_.All(snapshot), expected);
    db_.db()->ReleaseSnapshot(snapshot);
    expected["c"] = db_.Samples(1);
    EXPECT_EQ(db_.All(), expected);
    db_.Reopen();
    EXPECT_GT(db_.db()->GetLatestSequenceNumber(), 0u);
    EXPECT_EQ(db_.All(), expected);
  }

  IngestDb db_;
};

TEST_F(FirstSequenceTest, AReaderRaisesIt) {
  OpenOnly();
  std::unique_ptr<SampleReader> reader;
  ASSERT_TRUE(SampleReader::Open(db_.db(), db_.cf(), &reader).ok());
  reader.reset();
  ExpectThatItIsSafe();
}

TEST_F(FirstSequenceTest, AWriterRaisesIt) {
  OpenOnly();
  std::unique_ptr<SampleWriter> writer;
  ASSERT_TRUE(SampleWriter::Open(db_.db(), db_.cf(), &writer).ok());
  writer.reset();
  ExpectThatItIsSafe();
}

TEST_F(FirstSequenceTest, AttachRaisesIt) {
  OpenOnly();
  Attach(db_.db());
  ExpectThatItIsSafe();
}

TEST_F(FirstSequenceTest, IngestFilesRaisesIt) {
  OpenOnly();
  db_.Ingest({db_.File({"a"}, 1, 100)});
  ExpectThatItIsSafe();
}

// The listener sees what others ingest, at once, ...
TEST_F(FirstSequenceTest, TheListenerRaisesItWhenAFileComes) {
  ASSERT_TRUE(ConfigureDB(Options(), &db_.options()).ok());
  OpenOnly();
  db_.IngestRaw({db_.File({"a"}, 1)});
  ExpectThatItIsSafe();
}

// ... and a compaction that begins.
TEST_F(FirstSequenceTest, TheListenerRaisesItWhenACompactionBegins) {
  ASSERT_TRUE(ConfigureDB(Options(), &db_.options()).ok());
  OpenOnly();
  db_.CompactAll();
  ExpectThatItIsSafe();
}

// A handle that can only read compacts nothing.
TEST_F(FirstSequenceTest, AReadOnlyHandleIsLeftAsItIs) {
  rocksdb::DB* opened = nullptr;
  ASSERT_EQ(rocksdb::DB::OpenForReadOnly(db_.options(), db_.path(), &opened)
                .ToString(),
            "OK");
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::unique_ptr<SampleReader> reader;
  ASSERT_EQ(SampleReader::Open(db.get(), db->DefaultColumnFamily(), &reader)
                .ToString(),
            "OK");
  Attach(db.get());
  EXPECT_EQ(db->GetLatestSequenceNumber(), 0u);
  std::vector<Sample> samples;
  EXPECT_TRUE(reader->Read({}, "a", 0, kTimestampMax, &samples).ok());
  EXPECT_EQ(samples.size(), 100u);
}

TEST(FirstSequence, AnEmptyDatabaseIsLeftAsItIs) {
  IngestDb db("");
  Attach(db.db());
  EXPECT_EQ(db.db()->GetLatestSequenceNumber(), 0u);
}

}  // namespace
}  // namespace varve
