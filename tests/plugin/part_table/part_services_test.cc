// What services build on RocksDB works on parts as on the stock table:
// external files, transactions, copies, checksums, other ways of opening and
// of compacting.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "rocksdb/sst_file_reader.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/unique_id.h"
#include "rocksdb/utilities/backup_engine.h"
#include "rocksdb/utilities/checkpoint.h"
#include "rocksdb/utilities/transaction.h"
#include "rocksdb/utilities/transaction_db.h"
#include "tests/plugin/part_table/part_cases.h"
#include "tests/plugin/part_table/twin_db.h"

namespace varve {
namespace {

using rocksdb::DB;
using rocksdb::Options;
using rocksdb::Slice;
using rocksdb::Status;
using Rows = TwinDb::Rows;

std::string Key(int i) {
  char key[16];
  snprintf(key, sizeof key, "key%05d", i);
  return key;
}

Rows RowsOf(DB* db) {
  Rows rows;
  std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    rows[it->key().ToString()] = it->value().ToString();
  }
  EXPECT_TRUE(it->status().ok()) << it->status().ToString();
  return rows;
}

// Plain values and blocks of samples.
Rows Fill(TwinDb* twins, int count) {
  Rows rows;
  for (int i = 0; i < count; ++i) {
    rows[Key(i)] = i % 3 == 0 ? part_cases::Row(i, 5)
                              : std::string(static_cast<size_t>(i % 90), 'v');
    twins->Put(Key(i), rows[Key(i)]);
  }
  twins->Flush();
  return rows;
}

TEST(PartExternalFiles, AreWrittenReadAndIngested) {
  TwinDb twins;
  Rows rows = Fill(&twins, 200);
  twins.Snapshot();
  const Rows before = rows;
  for (int i = 0; i < TwinDb::kDbs; ++i) {
    const std::string file = twins.path(i) + ".sst";
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), twins.OptionsOf(i));
    ASSERT_TRUE(writer.Open(file).ok());
    for (int k = 100; k < 300; ++k) {
      ASSERT_TRUE(writer.Put(Key(k), part_cases::Row(k, 7)).ok());
    }
    rocksdb::ExternalSstFileInfo info;
    ASSERT_TRUE(writer.Finish(&info).ok());
    EXPECT_EQ(200u, info.num_entries);
    rocksdb::SstFileReader reader(twins.OptionsOf(i));
    ASSERT_TRUE(reader.Open(file).ok());
    ASSERT_TRUE(reader.VerifyChecksum().ok());
    ASSERT_EQ(200u, reader.GetTableProperties()->num_entries);
    // In place, and by the manifest alone.
    rocksdb::IngestExternalFileOptions ingest;
    ingest.write_global_seqno = true;
    ingest.verify_checksums_before_ingest = true;
    ingest.verify_file_checksum = true;
    ASSERT_TRUE(twins.db(i)->IngestExternalFile({file}, ingest).ok());
    // The in-place number passes the checksums.
    ASSERT_TRUE(twins.db(i)->VerifyChecksum().ok());
  }
  for (int k = 100; k < 300; ++k) rows[Key(k)] = part_cases::Row(k, 7);
  twins.Expect(rows);
  twins.Expect(before, 0);  // the snapshot is older than the file
  twins.Put(Key(150), "newer");
  rows[Key(150)] = "newer";
  twins.Flush();
  twins.Reopen();
  twins.Expect(rows);
  twins.Compact();
  twins.Expect(rows);
}

TEST(PartExternalFiles, ColumnFamiliesAreExportedAndImported) {
  TwinDb twins;
  const Rows rows = Fill(&twins, 100);
  rocksdb::Checkpoint* raw = nullptr;
  ASSERT_TRUE(rocksdb::Checkpoint::Create(twins.part(), &raw).ok());
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
  rocksdb::ExportImportFilesMetaData* files = nullptr;
  ASSERT_TRUE(checkpoint
                  ->ExportColumnFamily(twins.part()->DefaultColumnFamily(),
                                       twins.path(0) + ".export", &files)
                  .ok());
  const std::unique_ptr<rocksdb::ExportImportFilesMetaData> owned(files);
  rocksdb::ColumnFamilyHandle* imported = nullptr;
  ASSERT_TRUE(twins.part()
                  ->CreateColumnFamilyWithImport(twins.OptionsOf(0), "imported",
                                                 {}, *files, &imported)
                  .ok());
  std::unique_ptr<rocksdb::Iterator> it(
      twins.part()->NewIterator({}, imported));
  Rows seen;
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    seen[it->key().ToString()] = it->value().ToString();
  }
  EXPECT_EQ(rows, seen);
  it.reset();
  ASSERT_TRUE(twins.part()->DestroyColumnFamilyHandle(imported).ok());
}

TEST(PartTransactions, CommitRollBackAndSurvive) {
  TempDir dir;
  TwinDb shape;
  const Options options = shape.OptionsOf(0);
  rocksdb::TransactionDBOptions transaction_options;
  rocksdb::TransactionDB* raw = nullptr;
  ASSERT_TRUE(rocksdb::TransactionDB::Open(options, transaction_options,
                                           dir / "db", &raw)
                  .ok());
  std::unique_ptr<rocksdb::TransactionDB> db(raw);
  ASSERT_TRUE(db->Put({}, "a", "1").ok());
  std::unique_ptr<rocksdb::Transaction> kept(db->BeginTransaction({}));
  ASSERT_TRUE(kept->SetName("kept").ok());
  std::string value;
  ASSERT_TRUE(kept->GetForUpdate({}, "a", &value).ok());
  ASSERT_TRUE(kept->Put("a", "2").ok());
  ASSERT_TRUE(db->Flush({}).ok());
  std::unique_ptr<rocksdb::Transaction> other(db->BeginTransaction({}));
  EXPECT_FALSE(other->Put("a", "3").ok());  // locked
  ASSERT_TRUE(other->Put("b", "3").ok());
  ASSERT_TRUE(other->Rollback().ok());
  ASSERT_TRUE(kept->Prepare().ok());
  ASSERT_TRUE(db->Flush({}).ok());
  other.reset();
  kept.reset();
  db.reset();
  ASSERT_TRUE(rocksdb::TransactionDB::Open(options, transaction_options,
                                           dir / "db", &raw)
                  .ok());
  db.reset(raw);
  EXPECT_EQ((Rows{{"a", "1"}}), RowsOf(db.get()));
  kept.reset(db->GetTransactionByName("kept"));
  ASSERT_NE(nullptr, kept);
  ASSERT_TRUE(kept->Commit().ok());
  kept.reset();
  ASSERT_TRUE(db->Flush({}).ok());
  ASSERT_TRUE(db->CompactRange({}, nullptr, nullptr).ok());
  EXPECT_EQ((Rows{{"a", "2"}}), RowsOf(db.get()));
}

TEST(PartCopies, BackupsAndCheckpointsAreWhole) {
  TwinDb twins("block_bytes=256", [](Options* options) {
    options->file_checksum_gen_factory =
        rocksdb::GetFileChecksumGenCrc32cFactory();
  });
  Rows rows = Fill(&twins, 300);
  TempDir dir;
  rocksdb::BackupEngineOptions backup_options(dir / "backup");
  rocksdb::BackupEngine* raw = nullptr;
  ASSERT_TRUE(
      rocksdb::BackupEngine::Open(backup_options, rocksdb::Env::Default(), &raw)
          .ok());
  const std::unique_ptr<rocksdb::BackupEngine> engine(raw);
  ASSERT_TRUE(engine->CreateNewBackup(twins.part(), true).ok());
  const Rows first = rows;
  twins.Put("later", "1");
  rows["later"] = "1";
  twins.Compact();
  ASSERT_TRUE(engine->CreateNewBackup(twins.part(), true).ok());
  ASSERT_TRUE(engine->VerifyBackup(1, true).ok());
  ASSERT_TRUE(engine->VerifyBackup(2, true).ok());
  for (int id = 1; id <= 2; ++id) {
    const std::string path = dir / ("restored" + std::to_string(id));
    ASSERT_TRUE(engine->RestoreDBFromBackup(id, path, path).ok());
    DB* db = nullptr;
    ASSERT_TRUE(DB::Open(twins.OptionsOf(0), path, &db).ok());
    const std::unique_ptr<DB> owned(db);
    EXPECT_EQ(id == 1 ? first : rows, RowsOf(db));
    EXPECT_TRUE(db->VerifyFileChecksums({}).ok());
    EXPECT_TRUE(db->VerifyChecksum().ok());
  }
}

TEST(PartCopies, AFileInTheWrongPlaceIsFoundByItsId) {
  TwinDb twins;
  Fill(&twins, 10);
  twins.Put("z", "1");
  twins.Flush();
  std::vector<rocksdb::LiveFileMetaData> files;
  twins.part()->GetLiveFilesMetaData(&files);
  ASSERT_EQ(2u, files.size());
  rocksdb::TablePropertiesCollection all;
  ASSERT_TRUE(twins.part()->GetPropertiesOfAllTables(&all).ok());
  std::vector<std::string> ids;
  for (const auto& file : all) {
    std::string id;
    ASSERT_TRUE(GetUniqueIdFromTableProperties(*file.second, &id).ok());
    ids.push_back(id);
  }
  EXPECT_NE(ids[0], ids[1]);
  twins.Close();
  const std::string path = twins.path(0);
  std::filesystem::copy_file(path + files[0].name, path + files[1].name,
                             std::filesystem::copy_options::overwrite_existing);
  DB* db = nullptr;
  const Status s = DB::Open(twins.OptionsOf(0), path, &db);
  EXPECT_TRUE(s.IsCorruption()) << s.ToString();
  delete db;
}

TEST(PartOpening, ReadOnlyAndSecondary) {
  TwinDb twins;
  const Rows rows = Fill(&twins, 50);
  DB* raw = nullptr;
  ASSERT_TRUE(
      DB::OpenForReadOnly(twins.OptionsOf(0), twins.path(0), &raw).ok());
  const std::unique_ptr<DB> read_only(raw);
  EXPECT_EQ(rows, RowsOf(read_only.get()));
  TempDir dir;
  Options options = twins.OptionsOf(0);
  options.max_open_files = -1;
  ASSERT_TRUE(
      DB::OpenAsSecondary(options, twins.path(0), dir / "second", &raw).ok());
  const std::unique_ptr<DB> secondary(raw);
  EXPECT_EQ(rows, RowsOf(secondary.get()));
  twins.Put("later", "1");
  twins.Compact();
  ASSERT_TRUE(secondary->TryCatchUpWithPrimary().ok());
  EXPECT_EQ(rows.size() + 1, RowsOf(secondary.get()).size());
}

TEST(PartOpening, WithDirectIo) {
  // O_DIRECT wants a disk; tests lie in memory else.
  ASSERT_EQ(0, setenv("TMPDIR", ".", 1));
  {
    TwinDb twins("block_bytes=500;cache_bytes=0", [](Options* options) {
      options->use_direct_reads = true;
      options->use_direct_io_for_flush_and_compaction = true;
      options->compaction_readahead_size = 64 << 10;
    });
    Rows rows = Fill(&twins, 2000);
    twins.Expect(rows);
    twins.Put("later", "1");
    rows["later"] = "1";
    twins.Compact();
    twins.Reopen();
    twins.Expect(rows);
    EXPECT_TRUE(twins.part()->VerifyChecksum().ok());
  }
  unsetenv("TMPDIR");
}

TEST(PartCompaction, FifoDropsTheOldestFiles) {
  TwinDb twins("block_bytes=256", [](Options* options) {
    options->compaction_style = rocksdb::kCompactionStyleFIFO;
    options->compaction_options_fifo.max_table_files_size = 60 << 10;
    options->compression = rocksdb::kNoCompression;
    options->num_levels = 1;
    options->disable_auto_compactions = false;
  });
  for (int file = 0; file < 10; ++file) {
    for (int i = 0; i < 100; ++i) {
      twins.Put(Key(file * 100 + i), std::string(100, 'v'));
    }
    twins.Flush();
  }
  twins.On("CompactRange",
           [](DB* db) { return db->CompactRange({}, nullptr, nullptr); });
  const size_t kept = RowsOf(twins.part()).size();
  EXPECT_GE(kept, 300u);
  EXPECT_LE(kept, 600u);
  std::string value;
  EXPECT_TRUE(twins.part()->Get({}, Key(999), &value).ok());
  EXPECT_TRUE(twins.part()->Get({}, Key(0), &value).IsNotFound());
}

TEST(PartCompaction, StylesAndSubcompactionsKeepEveryRow) {
  const rocksdb::CompactionStyle styles[] = {
      rocksdb::kCompactionStyleLevel, rocksdb::kCompactionStyleUniversal};
  for (const auto style : styles) {
    TwinDb twins("block_bytes=512", [style](Options* options) {
      options->compaction_style = style;
      options->max_subcompactions = 4;
      options->disable_auto_compactions = false;
      options->level0_file_num_compaction_trigger = 2;
      options->target_file_size_base = 16 << 10;
      options->max_bytes_for_level_base = 32 << 10;
    });
    Rows rows;
    for (int round = 0; round < 6; ++round) {
      for (int i = round; i < 1500; i += 1 + round) {
        rows[Key(i)] =
            i % 2 == 0 ? part_cases::Row(round, 9) : std::to_string(i * round);
        twins.Put(Key(i), rows[Key(i)]);
      }
      twins.Flush();
    }
    twins.Expect(rows);
    twins.Compact();
    twins.Expect(rows);
    twins.Reopen();
    twins.Expect(rows);
  }
}

TEST(PartCompaction, DeleteFilesInRangeTakesWholeFiles) {
  TwinDb twins("block_bytes=256", [](Options* options) {
    options->target_file_size_base = 8 << 10;
    options->compression = rocksdb::kNoCompression;
  });
  for (int i = 0; i < 1000; ++i) twins.Put(Key(i), std::string(50, 'v'));
  twins.Compact();
  // Into which level they were compacted is RocksDB's choice.
  const auto count = [&] {
    const std::vector<size_t> levels = twins.FilesPerLevel(0);
    return std::accumulate(levels.begin(), levels.end(), size_t{0});
  };
  const size_t files = count();
  EXPECT_GT(files, 4u);
  const std::string from_key = Key(300), to_key = Key(700);
  const Slice from = from_key, to = to_key;
  ASSERT_TRUE(rocksdb::DeleteFilesInRange(
                  twins.part(), twins.part()->DefaultColumnFamily(), &from, &to)
                  .ok());
  EXPECT_LT(count(), files);
  std::string value;
  EXPECT_TRUE(twins.part()->Get({}, Key(500), &value).IsNotFound());
  EXPECT_TRUE(twins.part()->Get({}, Key(100), &value).ok());
  EXPECT_TRUE(twins.part()->Get({}, Key(900), &value).ok());
}

// Properties that later versions of RocksDB have, where this one has them:
// ingestion of a database's own files asks for the sequence numbers.
template <typename Properties>
auto LargestSequence(const Properties& of, int)
    -> decltype(uint64_t{of.key_largest_seqno}) {
  return of.key_largest_seqno;
}
template <typename Properties>
uint64_t LargestSequence(const Properties& /*of*/, long) {
  return 0;
}
template <typename Properties>
auto NewestKeyTime(const Properties& of, int)
    -> decltype(uint64_t{of.newest_key_time}) {
  return of.newest_key_time;
}
template <typename Properties>
uint64_t NewestKeyTime(const Properties& /*of*/, long) {
  return 0;
}

TEST(PartProperties, LaterOnesAreThoseOfTheStockTable) {
  TwinDb twins;
  Fill(&twins, 100);
  uint64_t largest[TwinDb::kDbs] = {};
  bool newest[TwinDb::kDbs] = {};
  for (int i = 0; i < TwinDb::kDbs; ++i) {
    rocksdb::TablePropertiesCollection all;
    ASSERT_TRUE(twins.db(i)->GetPropertiesOfAllTables(&all).ok());
    ASSERT_EQ(all.size(), 1u);
    largest[i] = LargestSequence(*all.begin()->second, 0);
    newest[i] = NewestKeyTime(*all.begin()->second, 0) != 0;
  }
  EXPECT_EQ(largest[1], largest[0]);
  EXPECT_EQ(newest[1], newest[0]);
}

}  // namespace
}  // namespace varve
