// varve rescue, from the state that RocksDB 7.8 comes into when files are
// ingested beside writes by its own call: its flush fails, every write after
// it and every opening. What RocksDB does from 7.10 on is no longer that; the
// rescue then has nothing to do and must do no harm.
#include <algorithm>
#include <filesystem>

#include "plugin/host/version.h"
#include "rocksdb/utilities/options_util.h"
#include "tests/plugin/samples/ingest_db.h"
#include "tests/tools/tool_run.h"

namespace varve {
namespace {

const std::string kNow = std::to_string(kTestNowMs);

class RescueTest : public ToolTest {
 protected:
  // Two files, compacted into one of level 0, between the writes of one
  // memtable.
  static void Break(IngestDb* db) {
    ASSERT_TRUE(ConfigureDB(Options(), &db->options()).ok());
    ASSERT_NO_FATAL_FAILURE(db->Reopen());
    db->Write("a", 0);
    db->Write("b", 0);
    db->Flush();
    db->Write("live0", 1, 10);
    db->IngestRaw({db->File({"a", "b"}, 1)});
    db->Write("live1", 1, 10);
    db->IngestRaw({db->File({"b"}, 2)});
    std::vector<std::string> files = db->FilesAt(0);
    ASSERT_EQ(files.size(), 3u);
    files.resize(2);
    db->CompactFiles(files, 0);
    db->Write("later", 2, 10);
    EXPECT_EQ(db->db()->Flush({}).IsCorruption(), kSequenceOrdersLevel0);
    EXPECT_EQ(db->TryWrite("refused", 1).IsCorruption(), kSequenceOrdersLevel0);
    db->Close();
    EXPECT_EQ(db->TryOpen().IsCorruption(), kSequenceOrdersLevel0);
    db->Close();
  }

  static SamplesBySeries WhatWasThere() {
    SamplesBySeries all = {{"a", IngestDb::Samples(1)},
                           {"b", IngestDb::Samples(2)},
                           {"live0", IngestDb::Samples(1, 10)},
                           {"live1", IngestDb::Samples(1, 10)},
                           {"later", IngestDb::Samples(2, 10)}};
    if (!kSequenceOrdersLevel0) all["refused"] = IngestDb::Samples(1);
    return all;
  }

  // All options that a database has persisted, without the comments.
  static std::string PersistedOptions(const std::string& dir) {
    std::string name;
    EXPECT_TRUE(
        rocksdb::GetLatestOptionsFileName(dir, rocksdb::Env::Default(), &name)
            .ok());
    return ReadFile(dir + "/" + name);
  }
};

TEST_F(RescueTest, ADatabaseThatDidNotOpenHoldsEverythingAndWorks) {
  for (const std::string preset : {"compaction=vm", "compaction=leveled"}) {
    IngestDb db(preset);
    ASSERT_NO_FATAL_FAILURE(Break(&db));
    const std::string options = PersistedOptions(db.path());
    // Reading alone was possible all the time.
    const std::string view = Export(db.path(), kNow);
    const std::string out =
        Out({"rescue", "--db=" + db.path(), "--now=" + kNow});
    EXPECT_NE(out.find("opens and flushes again"), std::string::npos) << out;
    EXPECT_NE(out.find(" files of level 0"), std::string::npos) << out;
    EXPECT_EQ(PersistedOptions(db.path()), options);
    EXPECT_FALSE(std::filesystem::exists(db.path() + "/varve-rescue"));
    EXPECT_EQ(Export(db.path(), kNow), view);
    Out({"verify", "--db=" + db.path(), "--now=" + kNow});
    ASSERT_NO_FATAL_FAILURE(db.Open());
    EXPECT_EQ(db.All(), WhatWasThere());
    db.Write("again", 1);
    db.Flush();
    db.CompactAll();
    SamplesBySeries expected = WhatWasThere();
    expected["again"] = db.Samples(1);
    EXPECT_EQ(db.All(), expected);
  }
}

// What the memtable became has a wrong place already, and nothing has been
// lost yet: see AWriteDoesNotLoseToAnOlderDeletion of ingest_race_test.
TEST_F(RescueTest, FilesInAWrongOrderAreMergedInTheRightOne) {
  IngestDb db("compaction=vm");
  db.Write("a", 1, 50);
  db.Flush();
  ASSERT_TRUE(
      db.db()->DeleteRange({}, db.cf(), db.Key("a"), db.Key("a") + "x").ok());
  db.Write("z", 1);
  db.Flush();
  db.Write("a", 2, 20);
  db.IngestRaw({db.File({"z"}, 3)});
  std::vector<std::string> files = db.FilesAt(0);
  ASSERT_EQ(files.size(), 3u);
  db.CompactFiles({files[0], files[1]}, 0);
  db.Flush();
  db.Close();
  Out({"rescue", "--db=" + db.path(), "--now=" + kNow});
  ASSERT_NO_FATAL_FAILURE(db.Open());
  const SamplesBySeries expected = {{"a", db.Samples(2, 20)},
                                    {"z", db.Samples(3)}};
  EXPECT_EQ(db.All(), expected);
  db.CompactAll();
  EXPECT_EQ(db.All(), expected);
}

// A rescue that was killed has left options of its own in the database.
TEST_F(RescueTest, OneThatWasKilledIsRepeatedWithTheDatabasesOwnOptions) {
  IngestDb db("compaction=vm");
  ASSERT_NO_FATAL_FAILURE(Break(&db));
  const std::string options = PersistedOptions(db.path());
  WriteFile("saved", options);
  std::filesystem::copy_file(dir_ / "saved", db.path() + "/varve-rescue");
  rocksdb::Options theirs = db.options();
  db.options().avoid_flush_during_recovery = true;
  db.options().write_buffer_size = size_t{1} << 30;
  ASSERT_EQ(db.TryOpen().ToString(), "OK");
  db.Close();
  db.options() = theirs;
  EXPECT_NE(PersistedOptions(db.path()), options);
  Out({"rescue", "--db=" + db.path(), "--now=" + kNow});
  EXPECT_EQ(PersistedOptions(db.path()), options);
  EXPECT_FALSE(std::filesystem::exists(db.path() + "/varve-rescue"));
  ASSERT_NO_FATAL_FAILURE(db.Open());
  EXPECT_EQ(db.All(), WhatWasThere());
}

TEST_F(RescueTest, AHealthyDatabaseComesToNoHarm) {
  const std::string csv = "series,timestamp_ms,value\na,1,1\na,2,2\nb,1,5\n";
  Import(db_, "", csv, kNow);
  Import(db_, "", csv, kNow);
  const std::string options = PersistedOptions(db_);
  const std::string view = Export(db_, kNow);
  for (int i = 0; i < 2; ++i) {
    const std::string out =
        Out({"rescue", "--db=" + db_, "--now=" + kNow, "--json"});
    EXPECT_NE(out.find("\"column_family\":\"default\""), std::string::npos)
        << out;
    EXPECT_EQ(Export(db_, kNow), view);
    EXPECT_EQ(PersistedOptions(db_), options);
  }
}

TEST_F(RescueTest, SaysWhatIsWrong) {
  EXPECT_EQ(Varve({"rescue"}).exit_code, 2);
  EXPECT_EQ(Varve({"rescue", "--db=" + db_}).exit_code, 1);
  IngestDb open("");
  const ChildResult result = Varve({"rescue", "--db=" + open.path()});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("open in another process"), std::string::npos)
      << result.err;
}

}  // namespace
}  // namespace varve
