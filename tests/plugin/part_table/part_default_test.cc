// What a column family of samples gets without asking is what the documents
// say: parts, by the defaults of docs/OPTIONS.md, around what it had.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "format/part/part_file.h"
#include "plugin/part_table/part_table_factory.h"
#include "plugin/part_table/part_table_options_info.h"
#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/table.h"
#include "rocksdb/utilities/options_util.h"
#include "tests/golden_file.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

using rocksdb::BlockBasedTableOptions;
using rocksdb::ColumnFamilyOptions;
using rocksdb::DB;

std::string Document(const std::string& name) {
  return ReadFile(VARVE_SOURCE_DIR "/" + name);
}

void Configure(ColumnFamilyOptions* options,
               FileFormat format = FileFormat::kPart) {
  Options ours;
  ours.file_format = format;
  ours.compaction = CompactionPreset::kKeep;  // FIFO is refused by the others
  const Status s = ConfigureColumnFamily(ours, options);
  ASSERT_TRUE(s.ok()) << s.ToString();
}

// How many files a database has, and how many of them are parts.
struct Files {
  size_t all = 0, parts = 0;
};
Files FilesOf(DB* db) {
  Files files;
  std::vector<rocksdb::LiveFileMetaData> live;
  db->GetLiveFilesMetaData(&live);
  for (const auto& file : live) {
    ++files.all;
    if (PeekMagic(ReadFile(file.db_path + file.name)) == kPartMagic) {
      ++files.parts;
    }
  }
  return files;
}

// Opens, adds a sample, rewrites everything if asked.
Files WriteOneFile(const std::string& path, const ColumnFamilyOptions& cf,
                   int64_t timestamp_ms, bool compact) {
  rocksdb::Options options(rocksdb::DBOptions(), cf);
  options.create_if_missing = true;
  options.disable_auto_compactions = true;
  DB* raw = nullptr;
  const Status s = DB::Open(options, path, &raw);
  EXPECT_TRUE(s.ok()) << s.ToString();
  if (!s.ok()) return {};
  const std::unique_ptr<DB> db(raw);
  std::unique_ptr<SampleWriter> writer;
  std::unique_ptr<SampleReader> reader;
  auto* family = db->DefaultColumnFamily();
  EXPECT_TRUE(SampleWriter::Open(raw, family, &writer).ok());
  EXPECT_TRUE(SampleReader::Open(raw, family, &reader).ok());
  rocksdb::WriteBatch batch;
  EXPECT_TRUE(writer->Add("cpu", timestamp_ms, 1.5, &batch).ok());
  EXPECT_TRUE(db->Write({}, &batch).ok());
  EXPECT_TRUE(db->Flush({}).ok());
  rocksdb::CompactRangeOptions all;
  all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  if (compact) {
    EXPECT_TRUE(db->CompactRange(all, nullptr, nullptr).ok());
  }
  std::vector<Sample> samples;
  EXPECT_TRUE(reader->Read({}, "cpu", 0, timestamp_ms, &samples).ok());
  EXPECT_EQ(static_cast<size_t>(timestamp_ms), samples.size());  // 1, 2, ...
  return FilesOf(raw);
}

TEST(PartDefault, NewFilesAreParts) {
  for (const char* document : {"README.md", "docs/OPTIONS.md"}) {
    EXPECT_NE(std::string::npos,
              Document(document).find("`varve::ConfigureColumnFamily` sets "
                                      "`VarvePartTable`"))
        << document;
  }
  TempDir dir;
  ColumnFamilyOptions options;
  Configure(&options);
  EXPECT_STREQ("VarvePartTable", options.table_factory->Name());
  const Files files = WriteOneFile(dir / "db", options, 1, false);
  EXPECT_EQ(1u, files.all);
  EXPECT_EQ(1u, files.parts);
}

// Every default in the table of docs/OPTIONS.md, set by its text, is none.
TEST(PartDefault, DefaultsAreThoseOfTheDocument) {
  std::ifstream in(VARVE_SOURCE_DIR "/docs/OPTIONS.md");
  const rocksdb::ConfigOptions config;
  const auto untouched = NewPartTableFactory();
  size_t compared = 0;
  for (std::string line; std::getline(in, line);) {
    const size_t name_end = line.find("` |");
    if (line.compare(0, 3, "| `") != 0 || name_end == std::string::npos) {
      continue;
    }
    const std::string name = line.substr(3, name_end - 3);
    if (PartTableOptionsInfo().count(name) == 0) continue;
    const size_t at = line.find(" | ", name_end + 4) + 3;
    const std::string text = line.substr(at, line.find(" | ", at) - at);
    if (text[0] != '`') continue;  // described in words
    const auto table = NewPartTableFactory();
    const Status s =
        table->ConfigureOption(config, name, text.substr(1, text.size() - 2));
    ASSERT_TRUE(s.ok()) << s.ToString();
    std::string mismatch;
    EXPECT_TRUE(table->AreEquivalent(config, untouched.get(), &mismatch))
        << name << " is documented as " << text;
    ++compared;
  }
  EXPECT_EQ(PartTableOptionsInfo().size() - 2, compared)
      << "block_cache and block_based are described in words";
}

TEST(PartDefault, BlockBasedFilesAreReadAndOneOptionAway) {
  TempDir dir;
  const std::string path = dir / "db";
  ColumnFamilyOptions stock, parts, back;
  Configure(&stock);
  stock.table_factory.reset(rocksdb::NewBlockBasedTableFactory());
  Files files = WriteOneFile(path, stock, 1, false);
  EXPECT_EQ(0u, files.parts);

  // RocksDB has written ttl and periodic compaction into OPTIONS by now.
  rocksdb::DBOptions db_options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  ASSERT_TRUE(
      rocksdb::LoadLatestOptions({}, path, &db_options, &families).ok());
  parts = families[0].options;
  parts.ttl = 30 * 24 * 3600;
  parts.periodic_compaction_seconds = 30 * 24 * 3600;
  Configure(&parts);
  files = WriteOneFile(path, parts, 2, false);
  EXPECT_EQ(2u, files.all);
  EXPECT_EQ(1u, files.parts);
  files = WriteOneFile(path, parts, 3, true);
  EXPECT_EQ(1u, files.parts);
  EXPECT_EQ(1u, files.all);

  // Of options that have the part table already.
  ASSERT_TRUE(
      rocksdb::LoadLatestOptions({}, path, &db_options, &families).ok());
  back = families[0].options;
  ASSERT_STREQ("VarvePartTable", back.table_factory->Name());
  Configure(&back, FileFormat::kBlockBased);
  files = WriteOneFile(path, back, 4, true);
  EXPECT_EQ(0u, files.parts);
  EXPECT_EQ(1u, files.all);
}

TEST(PartDefault, TheServicesCacheAndBlockBasedOptionsStay) {
  BlockBasedTableOptions table;
  table.block_size = 12345;
  table.block_cache = rocksdb::NewLRUCache(1 << 20);
  ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  for (int twice = 0; twice < 2; ++twice) {
    Configure(&options);
    const auto* part = options.table_factory->GetOptions<PartTableOptions>();
    ASSERT_NE(nullptr, part);
    EXPECT_EQ(table.block_cache, part->block_cache);
    const auto* nested =
        part->block_based->GetOptions<BlockBasedTableOptions>();
    ASSERT_NE(nullptr, nested);
    EXPECT_EQ(12345u, nested->block_size);
    EXPECT_EQ(table.block_cache, nested->block_cache);
  }
  table.no_block_cache = true;
  table.block_cache = nullptr;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  Configure(&options);
  EXPECT_EQ(nullptr, options.table_factory->GetOptions<rocksdb::Cache>(
                         rocksdb::TableFactory::kBlockCacheOpts()));
}

// RocksDB expires data by ttl under FIFO compaction, on its own table only.
TEST(PartDefault, OtherTablesAndFifoStay) {
  ColumnFamilyOptions fifo;
  fifo.compaction_style = rocksdb::kCompactionStyleFIFO;
  fifo.ttl = 3600;
  Configure(&fifo);
  EXPECT_STREQ("BlockBasedTable", fifo.table_factory->Name());
  EXPECT_EQ(3600u, fifo.ttl);
  ColumnFamilyOptions plain;
  plain.table_factory.reset(rocksdb::NewPlainTableFactory());
  Configure(&plain);
  EXPECT_STREQ("PlainTable", plain.table_factory->Name());
}

}  // namespace
}  // namespace varve
