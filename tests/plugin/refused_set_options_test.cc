// A SetOptions that RocksDB refused was in force all the same: RocksDB tells
// the objects of a column family what they are to change before it validates
// its own options of the same call, and tells nobody when these are refused.
// So {retention_period: 2d, ttl: 3600} answered NotSupported and dropped all
// but two days of samples.
//
// And one that named one object of the two was accepted, persisted, and made
// the next start fail, since the two no longer agreed.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "plugin/host/version.h"
#include "plugin/part_table/part_table_factory.h"
#include "rocksdb/file_system.h"
#include "tests/plugin/options_database.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

using Map = std::unordered_map<std::string, std::string>;

constexpr char kYear[] = "retention_period=1y";

Map TwoDays() {
  return {{"merge_operator.retention_period", "2d"},
          {"compaction_filter_factory.retention_period", "2d"}};
}

Map TwoDaysAnd(const Map& others) {
  Map map = TwoDays();
  map.insert(others.begin(), others.end());
  return map;
}

std::string RetentionOf(Database* database) {
  Policy policy;
  EXPECT_TRUE(GetPolicy(database->db(), database->cf(), &policy).ok());
  return policy.Get("retention_period");
}

// All that a scheduler, a reader or RocksDB could do after a refusal.
std::string FilterRetentionOf(Database* database) {
  return FindLivePolicy(database->cf_options().compaction_filter_factory.get())
      ->Get()
      .Get("retention_period");
}

// What RocksDB refuses: as it reads the options, or when all objects have been
// configured and it validates the whole.
const std::vector<Map>& Refusals() {
  static const std::vector<Map> kRefusals = {
      {{"no_such_option", "1"}},
      {{"write_buffer_size", "many"}},
      {{"comparator", "rocksdb.ReverseBytewiseComparator"}},
      {{"compaction_style", "kCompactionStyleFIFO"}},
      {{"merge_operator.no_such_field", "1"}},
      {{"sst_partitioner_factory.bucket", "2h"}},
      {{"ttl", "3600"}},
      {{"periodic_compaction_seconds", "86400"}},
      {{"memtable_protection_bytes_per_key", "3"}},
      {{"compression", "kXpressCompression"}},
      {{"enable_blob_garbage_collection", "true"},
       {"blob_garbage_collection_age_cutoff", "2"}},
      {{"enable_blob_garbage_collection", "true"},
       {"blob_garbage_collection_force_threshold", "-1"}},
  };
  return kRefusals;
}

// What makes RocksDB write its OPTIONS file, and with it print the objects, in
// the thread whose SetOptions has just been refused.
struct Writer {
  const char* name;
  std::function<Status(Database*)> write;
};

const std::vector<Writer>& Writers() {
  static const std::vector<Writer> kWriters = {
      {"SetDBOptions",
       [](Database* database) {
         return database->db()->SetDBOptions({{"stats_dump_period_sec", "7"}});
       }},
      {"SetOptions",
       [](Database* database) {
         return database->db()->SetOptions(database->cf(),
                                           {{"write_buffer_size", "1234567"}});
       }},
      {"CreateColumnFamily and DropColumnFamily",
       [](Database* database) {
         ColumnFamilyHandle* other = nullptr;
         Status status = database->db()->CreateColumnFamily(
             ColumnFamilyOptions(), "other", &other);
         if (status.ok()) status = database->db()->DropColumnFamily(other);
         if (status.ok()) database->db()->DestroyColumnFamilyHandle(other);
         return status;
       }},
      {"SetOptions of a plain column family",
       [](Database* database) {
         ColumnFamilyHandle* other = nullptr;
         Status status = database->db()->CreateColumnFamily(
             ColumnFamilyOptions(), "plain", &other);
         if (!status.ok()) return status;
         database->db()
             ->SetOptions(database->cf(), TwoDaysAnd({{"compression",
                                                       "kXpre"
                                                       "ssCompre"
                                                       "ssion"}}))
             .PermitUncheckedError();
         status = database->db()->SetOptions(
             other, {{"write_buffer_size", "1234567"}});
         if (status.ok()) status = database->db()->DropColumnFamily(other);
         if (status.ok()) database->db()->DestroyColumnFamilyHandle(other);
         return status;
       }},
  };
  return kWriters;
}

std::string Named(const Map& map) {
  std::string text;
  for (const auto& option : map) text += option.first + "=" + option.second;
  return text;
}

DBOptions WithScheduler() {
  DBOptions options;
  EXPECT_TRUE(ConfigureDB(Options(), &options).ok());
  return options;
}

TEST(RefusedSetOptions, LeavesThePolicyInForceAndPersisted) {
  for (const Map& refusal : Refusals()) {
    SCOPED_TRACE(Named(refusal));
    TempDir dir;
    Database database(dir / "db");
    ASSERT_TRUE(database.Open(Configured(kYear), WithScheduler()).ok());
    const std::string before = database.Describe();
    ASSERT_FALSE(
        database.db()->SetOptions(database.cf(), TwoDaysAnd(refusal)).ok());
    EXPECT_EQ(database.Describe(), before);
    ASSERT_TRUE(database.OpenFromItsOptions().ok());
    EXPECT_EQ(database.Describe(), before);
  }
}

TEST(RefusedSetOptions, IsNotPersistedByTheNextOptionsFile) {
  for (const Writer& writer : Writers()) {
    for (const Map& refusal : Refusals()) {
      SCOPED_TRACE(writer.name + (" after " + Named(refusal)));
      TempDir dir;
      Database database(dir / "db");
      ASSERT_TRUE(database.Open(Configured(kYear), WithScheduler()).ok());
      Attach(database.db());
      const std::string before = database.Describe();
      ASSERT_FALSE(
          database.db()->SetOptions(database.cf(), TwoDaysAnd(refusal)).ok());
      const Status written = writer.write(&database);
      ASSERT_TRUE(written.ok()) << written.ToString();
      EXPECT_EQ(database.Describe(), before);
      ASSERT_TRUE(database.OpenFromItsOptions().ok());
      EXPECT_EQ(database.Describe(), before);
    }
  }
}

// Before anything has told the objects who they serve.
TEST(RefusedSetOptions, LeavesThePolicyWithoutAScheduler) {
  for (const Map& refusal : Refusals()) {
    SCOPED_TRACE(Named(refusal));
    TempDir dir;
    Database database(dir / "db");
    const ColumnFamilyOptions options = Configured(kYear);
    ASSERT_TRUE(database.Open(options).ok());
    const std::string before = database.Describe();
    const auto refuse = [&] {
      return database.db()->SetOptions(database.cf(), TwoDaysAnd(refusal));
    };
    ASSERT_FALSE(refuse().ok());
    EXPECT_EQ(database.Describe(), before);
    ASSERT_TRUE(
        database.db()
            ->SetOptions(database.cf(), {{"write_buffer_size", "1234567"}})
            .ok());
    EXPECT_EQ(database.Describe(), before);
    ASSERT_FALSE(refuse().ok());
    ASSERT_TRUE(database.Open(options).ok()) << "by the same objects";
    EXPECT_EQ(database.Describe(), before);
    if (refusal.count("ttl") > 0) {
      ASSERT_FALSE(refuse().ok());
      ASSERT_TRUE(Writers()[0].write(&database).ok());
      EXPECT_EQ(database.Describe(), before);
    }
    ASSERT_TRUE(database.OpenFromItsOptions().ok());
    EXPECT_EQ(database.Describe(), before);
  }
}

TEST(RefusedSetOptions, IsInForceAtNoTime) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured(kYear), WithScheduler()).ok());
  const LivePolicy* const merge =
      FindLivePolicy(database.cf_options().merge_operator.get());
  const LivePolicy* const filter =
      FindLivePolicy(database.cf_options().compaction_filter_factory.get());
  const Policy year = PolicyOf(kYear);
  std::atomic<bool> stop{false};
  std::atomic<int> other{0};
  std::thread watch([&] {
    while (!stop) other += merge->Get() != year || filter->Get() != year;
  });
  for (int i = 0; i < 20; ++i) {
    for (const Map& refusal : Refusals()) {
      EXPECT_FALSE(
          database.db()->SetOptions(database.cf(), TwoDaysAnd(refusal)).ok());
    }
  }
  stop = true;
  watch.join();
  EXPECT_EQ(other, 0);
}

TEST(RefusedSetOptions, AnAcceptedOneAfterItIsInForce) {
  TempDir dir;
  Database database(dir / "db");
  for (const bool known : {false, true}) {
    ASSERT_TRUE(
        database.Open(Configured(kYear), known ? WithScheduler() : DBOptions())
            .ok());
    if (known) Attach(database.db());
    for (const Map& refusal : Refusals()) {
      SCOPED_TRACE(Named(refusal));
      ASSERT_FALSE(
          database.db()->SetOptions(database.cf(), TwoDaysAnd(refusal)).ok());
      ASSERT_TRUE(
          database.db()
              ->SetOptions(database.cf(),
                           {{"merge_operator.dedup_interval", "1s"},
                            {"compaction_filter_factory.dedup_interval", "1s"},
                            {"write_buffer_size", "1234567"}})
              .ok());
      Policy policy;
      ASSERT_TRUE(GetPolicy(database.db(), database.cf(), &policy).ok());
      EXPECT_EQ(policy, PolicyOf("dedup_interval=1s;retention_period=1y"));
      ASSERT_TRUE(
          SetPolicy(database.db(), database.cf(), "dedup_interval=0").ok());
    }
    ASSERT_TRUE(database.db()->SetOptions(database.cf(), TwoDays()).ok());
    EXPECT_EQ(RetentionOf(&database), "2d");
    EXPECT_EQ(FilterRetentionOf(&database), "2d");
    ASSERT_TRUE(database.OpenFromItsOptions().ok());
    EXPECT_EQ(RetentionOf(&database), "2d");
  }
}

// ------------------------------------------------------------ of one object

TEST(SetOptionsOfOneObject, IsRefusedWithBothValues) {
  for (const Map& map : std::vector<Map>{
           {{"merge_operator.retention_period", "2d"}},
           {{"merge_operator", "{retention_period=2d}"}},
           {{"merge_operator.retention_period", "2d"},
            {"write_buffer_size", "1234567"}},
           {{"merge_operator.retention_period", "2d"},
            {"compaction_filter_factory.retention_period", "1y"}}}) {
    SCOPED_TRACE(Named(map));
    TempDir dir;
    Database database(dir / "db");
    ASSERT_TRUE(database.Open(Configured(kYear)).ok());
    const std::string before = database.Describe();
    ExpectInvalid(database.db()->SetOptions(database.cf(), map),
                  {"retention_period is 2d in merge_operator and 1y in "
                   "compaction_filter_factory",
                   "in one call", "varve::SetPolicy"});
    EXPECT_EQ(database.Describe(), before);
    ASSERT_TRUE(database.OpenFromItsOptions().ok());
    EXPECT_EQ(database.Describe(), before);
  }
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured(kYear)).ok());
  ExpectInvalid(
      database.db()->SetOptions(
          database.cf(),
          {{"compaction_filter_factory.ageing", "off"},
           {"compaction_filter_factory.retention_period", "1y"}}),
      {"ageing is on in merge_operator and off in compaction_filter_factory"});
  EXPECT_TRUE(database.db()
                  ->SetOptions(database.cf(),
                               {{"merge_operator.retention_period", "1y"}})
                  .ok())
      << "which it is";
}

TEST(SetOptionsOfOneObject, IsAcceptedWhereThereIsNoOther) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database
                  .Open(MustFromString("merge_operator={id=VarveSampleMerge;"
                                       "retention_period=1y}"))
                  .ok());
  ASSERT_TRUE(database.db()
                  ->SetOptions(database.cf(),
                               {{"merge_operator.retention_period", "2d"}})
                  .ok());
  EXPECT_EQ(RetentionOf(&database), "2d");
  ASSERT_TRUE(database.OpenFromItsOptions().ok());
  EXPECT_EQ(RetentionOf(&database), "2d");
}

TEST(SetOptionsOfOneObject, MakesTwoAgreeThatDidNot) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured(kYear)).ok());
  ColumnFamilyHandle* other = nullptr;
  ASSERT_TRUE(database.db()
                  ->CreateColumnFamily(
                      MustFromString(CfText("retention_period=1y",
                                            "retention_period=2y", "", "")),
                      "other", &other)
                  .ok());
  EXPECT_FALSE(CheckColumnFamily(database.db(), other).ok());
  EXPECT_TRUE(
      database.db()
          ->SetOptions(other, {{"merge_operator.retention_period", "2y"}})
          .ok());
  EXPECT_TRUE(CheckColumnFamily(database.db(), other).ok());
  database.db()->DestroyColumnFamilyHandle(other);
}

TEST(SetOptions, FieldsOneByOneAreOneChange) {
  // Whatever order RocksDB hands them over in.
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured("dedup_interval=10s")).ok());
  Map map;
  for (const char* object : {"merge_operator.", "compaction_filter_factory."}) {
    map[std::string(object) + "dedup_interval"] = "7m";
    map[std::string(object) + "downsampling_period"] = "30d:21m,60d:6h18m";
  }
  ExpectInvalid(database.db()->SetOptions(database.cf(), map), {"6h18m"});
  for (auto& field : map) {
    const bool dedup = field.first.find("dedup") != field.first.npos;
    field.second = dedup ? "16m" : "30d:32m,60d:96m";
  }
  const Status status = database.db()->SetOptions(database.cf(), map);
  ASSERT_TRUE(status.ok()) << status.ToString();
  Policy policy;
  ASSERT_TRUE(GetPolicy(database.db(), database.cf(), &policy).ok());
  EXPECT_EQ(policy.dedup_interval_ms, 16 * 60000);
}

TEST(SetOptions, OfTwoThreadsLoseNoChange) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured(kYear), WithScheduler()).ok());
  const auto set = [&](const char* field, const std::string& value) {
    const Status status =
        SetPolicy(database.db(), database.cf(), field + ("=" + value));
    EXPECT_TRUE(status.ok()) << status.ToString();
  };
  constexpr int kRounds = 12;
  std::thread other([&] {
    for (int i = 1; i <= kRounds; ++i) {
      set("retention_period", std::to_string(i) + "d");
    }
  });
  for (int i = 1; i <= kRounds; ++i) {
    set("safety_lag", std::to_string(i) + "m");
  }
  other.join();
  EXPECT_EQ(RetentionOf(&database), "12d");
  EXPECT_EQ(FilterRetentionOf(&database), "12d");
  const std::string before = database.Describe();
  EXPECT_NE(before.find("safety_lag=12m"), before.npos) << before;
  ASSERT_TRUE(database.OpenFromItsOptions().ok());
  EXPECT_EQ(database.Describe(), before);
}

// Each of them is accepted, whichever is the last; and whoever compares the
// objects meanwhile sees no half of a change.
TEST(SetOptions, OfTwoThreadsMayChangeOneField) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured(kYear), WithScheduler()).ok());
  std::atomic<int> running{2};
  const auto set = [&](int first) {
    for (int days = first; days <= 24; days += 2) {
      const Status status =
          SetPolicy(database.db(), database.cf(),
                    "retention_period=" + std::to_string(days) + "d");
      EXPECT_TRUE(status.ok()) << status.ToString();
    }
    --running;
  };
  std::thread odd(set, 1);
  std::thread even(set, 2);
  while (running > 0) {
    const Status status = CheckColumnFamily(database.db(), database.cf());
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  odd.join();
  even.join();
  EXPECT_EQ(RetentionOf(&database), FilterRetentionOf(&database));
  const std::string before = database.Describe();
  ASSERT_TRUE(database.OpenFromItsOptions().ok());
  EXPECT_EQ(database.Describe(), before);
}

// ------------------------------------------------- an OPTIONS file that fails

// A file system on which OPTIONS files cannot be made, written or renamed.
class NoOptionsFiles : public rocksdb::FileSystemWrapper {
 public:
  enum class Fails { kNothing, kMaking, kAppending, kSyncing, kRenaming };

  NoOptionsFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  static const char* kClassName() { return "NoOptionsFiles"; }
  const char* Name() const override { return kClassName(); }

  std::atomic<Fails> fails{Fails::kNothing};

  rocksdb::IOStatus NewWritableFile(
      const std::string& name, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSWritableFile>* file,
      rocksdb::IODebugContext* debug) override {
    const bool ours = IsOptions(name);
    if (ours && fails == Fails::kMaking) return Failure();
    const auto status =
        FileSystemWrapper::NewWritableFile(name, options, file, debug);
    if (ours && status.ok()) {
      *file = std::make_unique<File>(std::move(*file), this);
    }
    return status;
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    if (IsOptions(to) && fails == Fails::kRenaming) return Failure();
    return FileSystemWrapper::RenameFile(from, to, options, debug);
  }

 private:
  class File : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, NoOptionsFiles* system)
        : FSWritableFileOwnerWrapper(std::move(file)), system_(*system) {}
    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const Slice& data,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      if (system_.fails == Fails::kAppending) return Failure();
      return FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* debug) override {
      if (system_.fails == Fails::kSyncing) return Failure();
      return FSWritableFileOwnerWrapper::Fsync(options, debug);
    }

   private:
    NoOptionsFiles& system_;
  };

  static bool IsOptions(const std::string& name) {
    return name.find("/OPTIONS-") != name.npos;
  }
  static rocksdb::IOStatus Failure() {
    return rocksdb::IOStatus::IOError("no OPTIONS file today");
  }
};

class FailingOptionsFile : public testing::TestWithParam<bool> {
 protected:
  FailingOptionsFile()
      : files_(std::make_shared<NoOptionsFiles>()),
        env_(rocksdb::NewCompositeEnv(files_)),
        database_(dir_ / "db") {}

  void Open() {
    DBOptions options = WithScheduler();
    options.env = env_.get();
    options.fail_if_options_file_error = GetParam();
    files_->fails = NoOptionsFiles::Fails::kNothing;
    ASSERT_TRUE(database_.Open(Configured(kYear), options).ok());
    Attach(database_.db());
  }

  const TempDir dir_;
  const std::shared_ptr<NoOptionsFiles> files_;
  const std::unique_ptr<rocksdb::Env> env_;
  Database database_;
};

constexpr NoOptionsFiles::Fails kFailures[] = {
    NoOptionsFiles::Fails::kMaking, NoOptionsFiles::Fails::kAppending,
    NoOptionsFiles::Fails::kSyncing, NoOptionsFiles::Fails::kRenaming};

TEST_P(FailingOptionsFile, LeavesThePolicyThatSetPolicyWasToChange) {
  for (const auto failure : kFailures) {
    SCOPED_TRACE(static_cast<int>(failure));
    Open();
    const std::string before = database_.Describe();
    files_->fails = failure;
    const Status status =
        SetPolicy(database_.db(), database_.cf(), "retention_period=2d");
    EXPECT_TRUE(status.IsIOError()) << status.ToString();
    EXPECT_EQ(database_.Describe(), before);
    files_->fails = NoOptionsFiles::Fails::kNothing;
    ASSERT_TRUE(Writers()[0].write(&database_).ok());
    EXPECT_EQ(database_.Describe(), before);
    ASSERT_TRUE(
        SetPolicy(database_.db(), database_.cf(), "retention_period=3d").ok());
    EXPECT_EQ(RetentionOf(&database_), "3d");
    ASSERT_TRUE(
        SetPolicy(database_.db(), database_.cf(), "retention_period=1y").ok());
    ASSERT_TRUE(database_.OpenFromItsOptions().ok());
    EXPECT_EQ(database_.Describe(), before);
  }
}

TEST_P(FailingOptionsFile, LeavesThePolicyThatSetOptionsWasToChange) {
  for (const auto failure : kFailures) {
    SCOPED_TRACE(static_cast<int>(failure));
    Open();
    const std::string before = database_.Describe();
    files_->fails = failure;
    const Status status = database_.db()->SetOptions(database_.cf(), TwoDays());
    EXPECT_EQ(status.ok(), !GetParam()) << status.ToString();
    if (failure == NoOptionsFiles::Fails::kRenaming) {
      // RocksDB asks nobody afterwards: in force until the next start.
      EXPECT_EQ(RetentionOf(&database_), "2d");
    } else {
      EXPECT_EQ(database_.Describe(), before);
    }
    ASSERT_TRUE(database_.OpenFromItsOptions().ok());
    EXPECT_EQ(database_.Describe(), before);
  }
}

INSTANTIATE_TEST_SUITE_P(FailIfOptionsFileError, FailingOptionsFile,
                         testing::Bool());

// From 9.8 on RocksDB put another table in the place of the part table and
// persisted that: the next start by OPTIONS ended in Corruption, for every
// file that there was.
TEST(RefusedSetOptions, AnotherTableInThePlaceOfTheParts) {
  for (const char* const table :
       {"BlockBasedTable", "{id=BlockBasedTable;block_size=16384}",
        "PlainTable"}) {
    SCOPED_TRACE(table);
    TempDir dir;
    Database database(dir / "db");
    ASSERT_TRUE(database.Open(Configured(kYear)).ok());
    WriteSample(&database, 1700000000000, 1);
    ASSERT_TRUE(database.db()->Flush({}).ok());
    EXPECT_FALSE(database.db()
                     ->SetOptions(database.cf(), {{"table_factory", table}})
                     .ok());
    EXPECT_FALSE(
        database.db()
            ->SetOptions(database.cf(), {{"table_factory", table},
                                         {"write_buffer_size", "9999"}})
            .ok());
    EXPECT_STREQ(database.cf_options().table_factory->Name(), "VarvePartTable");
    ASSERT_TRUE(database.OpenFromItsOptions().ok());
    const std::unique_ptr<rocksdb::Iterator> rows(
        database.db()->NewIterator(rocksdb::ReadOptions()));
    rows->SeekToFirst();
    EXPECT_TRUE(rows->Valid()) << rows->status().ToString();
  }
}

// What is refused is the replacement, not a change of the table's options.
TEST(RefusedSetOptions, AChangeOfThePartTableIsTaken) {
  TempDir dir;
  Database database(dir / "db");
  ASSERT_TRUE(database.Open(Configured(kYear)).ok());
  ASSERT_TRUE(
      database.db()
          ->SetOptions(database.cf(), {{"table_factory.block_bytes", "16K"}})
          .ok());
  if (kTableFactoryIsSwapped) {
    const Status nested = database.db()->SetOptions(
        database.cf(), {{"table_factory.block_based",
                         "{id=BlockBasedTable;block_size=16384}"}});
    EXPECT_TRUE(nested.ok()) << nested.ToString();
  }
  ASSERT_TRUE(database.OpenFromItsOptions().ok());
  const auto* const table =
      database.cf_options().table_factory->GetOptions<PartTableOptions>();
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->block_bytes, 16u << 10);
}

}  // namespace
}  // namespace varve
