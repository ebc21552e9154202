// One Options object for two databases, or one ColumnFamilyOptions for two
// column families: nobody objected, the two had one policy, and one that was
// set for the first was in force in the second, whose samples were dropped.
//
// The second user of an object is refused, and every change while there are
// two. What is no second user is not: the same database opened again, or once
// more for reading; a column family after another has been dropped.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/options.h"
#include "tests/plugin/options_database.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

constexpr char kYear[] = "retention_period=1y";

rocksdb::Options ConfiguredDb(bool scheduler = true) {
  rocksdb::Options options;
  options.create_if_missing = true;
  Options ours;
  ours.policy = PolicyOf(kYear);
  EXPECT_TRUE(ConfigureColumnFamily(ours, &options).ok());
  if (scheduler) {
    EXPECT_TRUE(ConfigureDB(ours, &options).ok());
  }
  return options;
}

Status OpenDb(const rocksdb::Options& options, const std::string& path,
              std::unique_ptr<DB>* db) {
  DB* raw = nullptr;
  const Status status = DB::Open(options, path, &raw);
  db->reset(raw);
  return status;
}

Status OpenReader(DB* db, ColumnFamilyHandle* cf,
                  std::unique_ptr<SampleReader>* reader) {
  return SampleReader::Open(db, cf, reader);
}

Status OpenReader(DB* db) {
  std::unique_ptr<SampleReader> reader;
  return OpenReader(db, db->DefaultColumnFamily(), &reader);
}

Status OpenWriter(DB* db, ColumnFamilyHandle* cf) {
  std::unique_ptr<SampleWriter> writer;
  return SampleWriter::Open(db, cf, &writer);
}

Status Set(DB* db, const std::string& changes) {
  return SetPolicy(db, db->DefaultColumnFamily(), changes);
}

std::string RetentionOf(DB* db, ColumnFamilyHandle* cf) {
  Policy policy;
  EXPECT_TRUE(GetPolicy(db, cf, &policy).ok());
  return policy.Get("retention_period");
}

std::string RetentionOf(DB* db) {
  return RetentionOf(db, db->DefaultColumnFamily());
}

const std::vector<std::string>& Words() {
  static const std::vector<std::string> kWords = {
      "the object in merge_operator serves column family 'default' of ",
      "varve::ConfigureColumnFamily"};
  return kWords;
}

// Which object an open validates first is the hash table's of RocksDB.
const std::vector<std::string>& WordsOfAnOpen() {
  static const std::vector<std::string> kWords = {
      " serves column family 'default' of ", "varve::ConfigureColumnFamily"};
  return kWords;
}

// ------------------------------------------------------------- two databases

TEST(SharedObjects, AnOpenWithObjectsThatAreInUseIsRefused) {
  TempDir dir;
  const rocksdb::Options options = ConfiguredDb();
  std::unique_ptr<DB> first, second;
  ASSERT_TRUE(OpenDb(options, dir / "first", &first).ok());
  ASSERT_TRUE(OpenReader(first.get()).ok());
  const Status status = OpenDb(options, dir / "second", &second);
  ExpectInvalid(status, WordsOfAnOpen());
  EXPECT_NE(status.ToString().find(dir / "first"), std::string::npos)
      << status.ToString();
  EXPECT_TRUE(Set(first.get(), "retention_period=2d").ok());
  // Only the merge operator of the first.
  rocksdb::Options mixed = ConfiguredDb();
  mixed.merge_operator = options.merge_operator;
  mixed.compaction_filter_factory = options.compaction_filter_factory;
  ExpectInvalid(OpenDb(mixed, dir / "second", &second), WordsOfAnOpen());
  mixed = ConfiguredDb();
  mixed.compaction_filter_factory = options.compaction_filter_factory;
  EXPECT_FALSE(OpenDb(mixed, dir / "second", &second).ok());
  // With its own it opens, and the listener may be one.
  mixed = ConfiguredDb(/*scheduler=*/false);
  mixed.listeners = options.listeners;
  ASSERT_TRUE(OpenDb(mixed, dir / "second", &second).ok());
  ASSERT_TRUE(OpenReader(second.get()).ok());
  EXPECT_EQ(RetentionOf(second.get()), "1y");
  EXPECT_TRUE(Set(second.get(), "retention_period=3d").ok());
  EXPECT_EQ(RetentionOf(first.get()), "2d");
}

TEST(SharedObjects, ObjectsInUseByTwoDatabasesAreRefusedToTheSecond) {
  TempDir dir;
  const rocksdb::Options options = ConfiguredDb();
  std::unique_ptr<DB> first, second;
  ASSERT_TRUE(OpenDb(options, dir / "first", &first).ok());
  ASSERT_TRUE(OpenDb(options, dir / "second", &second).ok())
      << "RocksDB has told nobody that there is a first";
  ASSERT_TRUE(OpenReader(first.get()).ok());
  ExpectInvalid(OpenReader(second.get()), Words());
  ExpectInvalid(OpenWriter(second.get(), second->DefaultColumnFamily()),
                Words());
  ExpectInvalid(CheckColumnFamily(second.get(), second->DefaultColumnFamily()),
                Words());
  AgeingPlan plan;
  ExpectInvalid(
      PlanAgeing(second.get(), second->DefaultColumnFamily(), {}, &plan),
      Words());
  // No change, by whomever and in whichever way.
  for (DB* const db : {first.get(), second.get()}) {
    EXPECT_FALSE(Set(db, "retention_period=2d").ok());
    const Status status =
        db->SetOptions({{"merge_operator.retention_period", "2d"},
                        {"compaction_filter_factory.retention_period", "2d"}});
    ExpectInvalid(status, {"serves", dir / "first", dir / "second"});
    EXPECT_TRUE(Set(db, "retention_period=1y").ok()) << "which it is";
    EXPECT_TRUE(db->SetOptions({{"write_buffer_size", "1234567"}}).ok());
  }
  EXPECT_EQ(RetentionOf(first.get()), "1y");
  EXPECT_EQ(RetentionOf(second.get()), "1y");
  ASSERT_TRUE(OpenReader(first.get()).ok()) << "it was there before";
  ASSERT_TRUE(AgeNow(first.get()).ok());
  ASSERT_TRUE(AgeNow(second.get()).ok());
  first.reset();
  EXPECT_TRUE(OpenReader(second.get()).ok());
  EXPECT_TRUE(Set(second.get(), "retention_period=2d").ok());
  EXPECT_EQ(RetentionOf(second.get()), "2d");
}

// The first that is known is the first, whichever was opened before.
TEST(SharedObjects, APolicySetForOneIsNotInForceInTheOther) {
  TempDir dir;
  const rocksdb::Options options = ConfiguredDb();
  std::unique_ptr<DB> first, second;
  ASSERT_TRUE(OpenDb(options, dir / "first", &first).ok());
  ASSERT_TRUE(OpenDb(options, dir / "second", &second).ok());
  ASSERT_TRUE(OpenWriter(second.get(), second->DefaultColumnFamily()).ok());
  ExpectInvalid(Set(first.get(), "retention_period=2d"), Words());
  EXPECT_EQ(RetentionOf(second.get()), "1y");
  EXPECT_FALSE(Set(second.get(), "retention_period=2d").ok())
      << "it is known by now that there is another";
}

// A flush makes a database known that nobody has a reader of.
TEST(SharedObjects, AFlushTellsThatThereAreTwo) {
  TempDir dir;
  const rocksdb::Options options = ConfiguredDb();
  std::unique_ptr<DB> dbs[2];
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(OpenDb(options, dir / std::to_string(i), &dbs[i]).ok());
  }
  for (auto& db : dbs) {
    ASSERT_TRUE(db->Put({}, "key", "value").ok());
    ASSERT_TRUE(db->Flush({}).ok());
  }
  ExpectInvalid(dbs[0]->SetOptions(
                    {{"merge_operator.retention_period", "2d"},
                     {"compaction_filter_factory.retention_period", "2d"}}),
                {dir / "0", dir / "1"});
  EXPECT_NE(ReadLog(dir / "1").find(
                "Varve: [default]: the object in merge_operator serves column "
                "family 'default' of " +
                (dir / "0")),
            std::string::npos)
      << ReadLog(dir / "1");
  EXPECT_EQ(ReadLog(dir / "0").find("serves"), std::string::npos);
}

TEST(SharedObjects, WithoutASchedulerReadersTell) {
  TempDir dir;
  const rocksdb::Options options = ConfiguredDb(/*scheduler=*/false);
  std::unique_ptr<DB> first, second;
  ASSERT_TRUE(OpenDb(options, dir / "first", &first).ok());
  ASSERT_TRUE(OpenDb(options, dir / "second", &second).ok());
  std::unique_ptr<SampleReader> reader;
  ASSERT_TRUE(
      OpenReader(first.get(), first->DefaultColumnFamily(), &reader).ok());
  ExpectInvalid(OpenReader(second.get()), Words());
  ExpectInvalid(Set(second.get(), "retention_period=2d"), Words());
  reader.reset();
  EXPECT_TRUE(OpenReader(second.get()).ok());
}

// -------------------------------------------------------- two column families

class TwoFamilies : public testing::TestWithParam<bool> {
 protected:
  TwoFamilies() : options_(ConfiguredDb(GetParam())) {}
  ~TwoFamilies() override {
    for (ColumnFamilyHandle* const handle : handles_) {
      db_->DestroyColumnFamilyHandle(handle);
    }
  }

  void Open() { ASSERT_TRUE(OpenDb(options_, dir_ / "db", &db_).ok()); }
  ColumnFamilyHandle* Create(const std::string& name,
                             const ColumnFamilyOptions& options) {
    handles_.push_back(nullptr);
    const Status status =
        db_->CreateColumnFamily(options, name, &handles_.back());
    EXPECT_TRUE(status.ok()) << status.ToString();
    return handles_.back();
  }
  void Drop(ColumnFamilyHandle* cf) {
    EXPECT_TRUE(db_->DropColumnFamily(cf).ok());
    EXPECT_TRUE(db_->DestroyColumnFamilyHandle(cf).ok());
    handles_.erase(std::find(handles_.begin(), handles_.end(), cf));
  }
  // The scheduler's thread makes a pass at once, and has the column families
  // in hand until that ends.
  void WaitForTheFirstPass() {
    if (!GetParam()) return;
    AgeingStatus status;
    uint64_t ours = 0;
    do {
      ASSERT_TRUE(AgeNow(db_.get()).ok());
      ++ours;
      ASSERT_TRUE(GetAgeingStatus(db_.get(), &status).ok());
    } while (status.counters.passes <= ours);
    // Passes are counted when they begin, and come one after the other.
    ASSERT_TRUE(AgeNow(db_.get()).ok());
  }
  Status SetTwoDays(ColumnFamilyHandle* cf) {
    return db_->SetOptions(
        cf, {{"merge_operator.retention_period", "2d"},
             {"compaction_filter_factory.retention_period", "2d"}});
  }

  const TempDir dir_;
  const rocksdb::Options options_;
  std::unique_ptr<DB> db_;
  std::vector<ColumnFamilyHandle*> handles_;
};

TEST_P(TwoFamilies, TheSecondIsRefusedAndEveryChange) {
  Open();
  ColumnFamilyHandle* const second = Create("second", options_);
  ExpectInvalid(OpenWriter(db_.get(), second), Words());
  std::unique_ptr<SampleReader> reader;
  ExpectInvalid(OpenReader(db_.get(), second, &reader), Words());
  EXPECT_TRUE(OpenReader(db_.get()).ok());
  for (ColumnFamilyHandle* const cf : {db_->DefaultColumnFamily(), second}) {
    ExpectInvalid(SetPolicy(db_.get(), cf, "retention_period=2d"),
                  {"the object in merge_operator serves"});
    ExpectInvalid(SetTwoDays(cf), {"the object in ", " serves"});
    EXPECT_EQ(RetentionOf(db_.get(), cf), "1y");
  }
  Drop(second);
  EXPECT_TRUE(Set(db_.get(), "retention_period=3d").ok());
  const Status status = SetTwoDays(db_->DefaultColumnFamily());
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(RetentionOf(db_.get()), "2d");
}

// RocksDB's OPTIONS file alone tells: nobody has looked at the two.
TEST_P(TwoFamilies, SetOptionsIsRefusedAtOnce) {
  Open();
  ColumnFamilyHandle* const second = Create("second", options_);
  ExpectInvalid(SetTwoDays(second),
                {"the object in ", "serves 2 column families of one database"});
  EXPECT_EQ(RetentionOf(db_.get()), "1y");
  Drop(second);
  EXPECT_TRUE(SetTwoDays(db_->DefaultColumnFamily()).ok());
  ColumnFamilyHandle* const third = Create("third", Configured(kYear));
  EXPECT_TRUE(OpenWriter(db_.get(), third).ok());
  EXPECT_TRUE(SetTwoDays(third).ok());
}

TEST_P(TwoFamilies, OpenedTogetherTheLaterIsRefused) {
  Open();
  Create("second", options_);
  for (ColumnFamilyHandle* const handle : handles_) {
    db_->DestroyColumnFamilyHandle(handle);
  }
  handles_.clear();
  db_.reset();
  DB* raw = nullptr;
  const ColumnFamilyOptions shared = Configured(kYear);
  ASSERT_TRUE(DB::Open(options_, dir_ / "db",
                       {{"default", shared}, {"second", shared}}, &handles_,
                       &raw)
                  .ok());
  db_.reset(raw);
  EXPECT_TRUE(OpenWriter(raw, handles_[0]).ok());
  ExpectInvalid(OpenWriter(raw, handles_[1]), Words());
  ExpectInvalid(SetTwoDays(handles_[0]), {"the object in ", " serves"});
}

TEST_P(TwoFamilies, OneAfterTheOtherMayHaveTheSameObjects) {
  Open();
  const ColumnFamilyOptions options = Configured(kYear);
  for (const char* name : {"a", "b", "a"}) {
    ColumnFamilyHandle* const cf = Create(name, options);
    EXPECT_TRUE(OpenWriter(db_.get(), cf).ok()) << name;
    EXPECT_TRUE(SetPolicy(db_.get(), cf, "retention_period=2d").ok()) << name;
    EXPECT_TRUE(SetPolicy(db_.get(), cf, "retention_period=1y").ok()) << name;
    EXPECT_TRUE(SetTwoDays(cf).ok()) << name;
    Drop(cf);
  }
}

// The scheduler has handles of its own, which must keep no files.
TEST_P(TwoFamilies, TheFilesOfADroppedOneGoWithItsHandle) {
  Open();
  ColumnFamilyHandle* const cf = Create("a", Configured(kYear));
  ASSERT_TRUE(OpenWriter(db_.get(), cf).ok());
  ASSERT_TRUE(db_->Put({}, cf, "key", "value").ok());
  ASSERT_TRUE(db_->Flush({}, cf).ok());
  const auto files = [&] {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(dir_ / "db")) {
      count += entry.path().extension() == ".sst";
    }
    return count;
  };
  ASSERT_EQ(files(), 1u);
  WaitForTheFirstPass();
  Drop(cf);
  EXPECT_EQ(files(), 0u);
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutScheduler, TwoFamilies, testing::Bool());

// ------------------------------------------------------------- no second user

class OneUser : public testing::TestWithParam<bool> {
 protected:
  OneUser() : options_(ConfiguredDb(GetParam())) {}
  const TempDir dir_;
  const rocksdb::Options options_;
};

TEST_P(OneUser, ADatabaseMayBeOpenedAgainWithItsOptions) {
  std::unique_ptr<SampleReader> left_over;
  for (int i = 0; i < 3; ++i) {
    std::unique_ptr<DB> db;
    ASSERT_TRUE(OpenDb(options_, dir_ / "db", &db).ok()) << i;
    std::unique_ptr<SampleReader> reader;
    ASSERT_TRUE(OpenReader(db.get(), db->DefaultColumnFamily(), &reader).ok());
    ASSERT_TRUE(OpenWriter(db.get(), db->DefaultColumnFamily()).ok());
    ASSERT_TRUE(Set(db.get(), "safety_lag=" + std::to_string(i) + "m").ok());
    ASSERT_TRUE(db->Flush({}).ok());
    // Against its contract, and so far without harm.
    left_over = std::move(reader);
  }
}

TEST_P(OneUser, AnotherDatabaseMayBeOpenedWithThemOnceTheFirstIsClosed) {
  for (const char* name : {"a", "b", "a"}) {
    std::unique_ptr<DB> db;
    ASSERT_TRUE(OpenDb(options_, dir_ / name, &db).ok()) << name;
    ASSERT_TRUE(OpenReader(db.get()).ok()) << name;
    ASSERT_TRUE(OpenWriter(db.get(), db->DefaultColumnFamily()).ok()) << name;
  }
}

TEST_P(OneUser, AnOpenMayBeTriedAgain) {
  rocksdb::Options options = options_;
  options.create_if_missing = false;
  std::unique_ptr<DB> db;
  ASSERT_FALSE(OpenDb(options, dir_ / "db", &db).ok());
  options.create_if_missing = true;
  ASSERT_TRUE(OpenDb(options, dir_ / "db", &db).ok());
  std::unique_ptr<DB> again;
  EXPECT_FALSE(OpenDb(options, dir_ / "db", &again).ok()) << "it is locked";
  ASSERT_TRUE(OpenReader(db.get()).ok());
  EXPECT_FALSE(OpenDb(options, dir_ / "db", &again).ok());
  EXPECT_TRUE(Set(db.get(), "retention_period=2d").ok());
}

TEST_P(OneUser, ReadersOfTheSameDatabaseAreNoOthers) {
  std::unique_ptr<DB> db;
  ASSERT_TRUE(OpenDb(options_, dir_ / "db", &db).ok());
  ASSERT_TRUE(OpenReader(db.get()).ok());
  DB* raw = nullptr;
  const std::string spelled =
      dir_ / "../" + std::filesystem::path(dir_.path()).filename().string() +
      "/db/";
  ASSERT_TRUE(DB::OpenForReadOnly(options_, spelled, &raw).ok());
  const std::unique_ptr<DB> read_only(raw);
  ASSERT_TRUE(
      DB::OpenAsSecondary(options_, dir_ / "db", dir_ / "secondary", &raw)
          .ok());
  const std::unique_ptr<DB> secondary(raw);
  std::unique_ptr<SampleReader> readers[2];
  ASSERT_TRUE(
      OpenReader(read_only.get(), read_only->DefaultColumnFamily(), &readers[0])
          .ok());
  ASSERT_TRUE(
      OpenReader(secondary.get(), secondary->DefaultColumnFamily(), &readers[1])
          .ok());
  ASSERT_TRUE(OpenWriter(db.get(), db->DefaultColumnFamily()).ok());
  EXPECT_TRUE(Set(db.get(), "retention_period=2d").ok());
  EXPECT_TRUE(
      db->SetOptions({{"merge_operator.retention_period", "3d"},
                      {"compaction_filter_factory.retention_period", "3d"}})
          .ok());
  EXPECT_EQ(RetentionOf(read_only.get()), "3d") << "it is the database's";
  EXPECT_TRUE(Set(read_only.get(), "retention_period=9d").IsNotSupported());
  EXPECT_TRUE(Set(secondary.get(), "retention_period=9d").IsNotSupported());
  // And the other way round: they were there before.
  db.reset();
  ASSERT_TRUE(OpenDb(options_, dir_ / "db", &db).ok());
  EXPECT_TRUE(OpenWriter(db.get(), db->DefaultColumnFamily()).ok());
  EXPECT_TRUE(Set(db.get(), "retention_period=4d").ok());
}

TEST_P(OneUser, AReaderOfAnotherDatabaseIsAnother) {
  const rocksdb::Options own = ConfiguredDb();
  std::unique_ptr<DB> db;
  ASSERT_TRUE(OpenDb(own, dir_ / "other", &db).ok());
  db.reset();
  ASSERT_TRUE(OpenDb(options_, dir_ / "db", &db).ok());
  std::unique_ptr<SampleReader> reader;
  ASSERT_TRUE(OpenReader(db.get(), db->DefaultColumnFamily(), &reader).ok());
  DB* raw = nullptr;
  ASSERT_TRUE(DB::OpenForReadOnly(options_, dir_ / "other", &raw).ok());
  const std::unique_ptr<DB> read_only(raw);
  ExpectInvalid(OpenReader(read_only.get()), Words());
}

TEST_P(OneUser, ObjectsOfOptionsStringsAreTheirOwn) {
  std::unique_ptr<DB> dbs[2];
  for (int i = 0; i < 2; ++i) {
    rocksdb::Options options(ConfiguredDb(GetParam()),
                             MustFromString(CfText(kYear)));
    options.create_if_missing = true;
    ASSERT_TRUE(OpenDb(options, dir_ / std::to_string(i), &dbs[i]).ok());
    ASSERT_TRUE(OpenReader(dbs[i].get()).ok());
  }
  EXPECT_TRUE(Set(dbs[0].get(), "retention_period=2d").ok());
  EXPECT_EQ(RetentionOf(dbs[1].get()), "1y");
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutScheduler, OneUser, testing::Bool());

}  // namespace
}  // namespace varve
