// VarvePartTable by option strings, OPTIONS files and SetOptions.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "plugin/part_table_factory.h"
#include "plugin/part_table_options_info.h"
#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/table.h"
#include "rocksdb/utilities/options_util.h"
#include "tests/temp_dir.h"

namespace varve {
namespace {

using rocksdb::ColumnFamilyOptions;
using rocksdb::ConfigOptions;
using rocksdb::DB;
using rocksdb::Options;
using rocksdb::Status;

Status Parse(const std::string& table, ColumnFamilyOptions* options) {
  return GetColumnFamilyOptionsFromString(
      ConfigOptions(), ColumnFamilyOptions(),
      "table_factory={id=VarvePartTable;" + table + "}", options);
}

const PartTableOptions& TableOptions(const ColumnFamilyOptions& options) {
  return *options.table_factory->GetOptions<PartTableOptions>();
}

TEST(PartOptions, AreReadFromAString) {
  ColumnFamilyOptions options;
  ASSERT_TRUE(Parse("block_bytes=16K;restart_interval=8;zstd_level=-3;"
                    "filter_bits_per_key=12;whole_key_filter=false;"
                    "cache_bytes=5M;write_format=block_based;"
                    "block_based={id=BlockBasedTable;block_size=2K}",
                    &options)
                  .ok());
  EXPECT_STREQ("VarvePartTable", options.table_factory->Name());
  const PartTableOptions& table = TableOptions(options);
  EXPECT_EQ(16u << 10, table.block_bytes);
  EXPECT_EQ(8, table.restart_interval);
  EXPECT_EQ(-3, table.zstd_level);
  EXPECT_EQ(12, table.filter_bits_per_key);
  EXPECT_FALSE(table.whole_key_filter);
  EXPECT_EQ(PartWriteFormat::kBlockBased, table.write_format);
  ASSERT_NE(nullptr, table.block_based);
  const auto* nested =
      table.block_based->GetOptions<rocksdb::BlockBasedTableOptions>();
  EXPECT_EQ(2048u, nested->block_size);
  // One cache of the given size for both formats.
  const auto* cache = options.table_factory->GetOptions<rocksdb::Cache>(
      rocksdb::TableFactory::kBlockCacheOpts());
  ASSERT_NE(nullptr, cache);
  EXPECT_EQ(5u << 20, cache->GetCapacity());
  EXPECT_EQ(cache, nested->block_cache.get());
}

TEST(PartOptions, BadValuesAreRefusedWithTheReason) {
  ColumnFamilyOptions options;
  for (const char* bad :
       {"block_bytes=10", "block_bytes=1G", "restart_interval=0",
        "zstd_level=23", "filter_bits_per_key=-1", "write_format=plain",
        "cache_bytes=-5", "block_bytes=many", "checksum=kCRC32c",
        "index_block_bytes=1", "prefix_filter=perhaps"}) {
    const Status s = Parse(bad, &options);
    EXPECT_TRUE(s.IsInvalidArgument()) << bad << ": " << s.ToString();
    const std::string name =
        std::string(bad).substr(0, std::string(bad).find('='));
    EXPECT_NE(std::string::npos, s.ToString().find(name)) << s.ToString();
  }
  EXPECT_TRUE(Parse("no_such_option=1", &options).IsInvalidArgument());
}

TEST(PartOptions, EveryOneIsDocumented) {
  std::ifstream in(VARVE_SOURCE_DIR "/docs/OPTIONS.md");
  const std::string document((std::istreambuf_iterator<char>(in)), {});
  for (const auto& [name, info] : PartTableOptionsInfo()) {
    EXPECT_NE(std::string::npos, document.find("| `" + name + "` |")) << name;
  }
}

TEST(PartOptions, CachePropertiesAreAnswered) {
  TempDir dir;
  Options options;
  options.create_if_missing = true;
  ASSERT_TRUE(Parse("cache_bytes=3M", &options).ok());
  DB* raw = nullptr;
  ASSERT_TRUE(DB::Open(options, dir / "db", &raw).ok());
  const std::unique_ptr<DB> db(raw);
  ASSERT_TRUE(db->Put({}, "key", std::string(5000, 'x')).ok());
  ASSERT_TRUE(db->Flush({}).ok());
  std::string value;
  ASSERT_TRUE(db->Get({}, "key", &value).ok());
  uint64_t capacity = 0, usage = 0, pinned = 0;
  EXPECT_TRUE(db->GetIntProperty("rocksdb.block-cache-capacity", &capacity));
  EXPECT_TRUE(db->GetIntProperty("rocksdb.block-cache-usage", &usage));
  EXPECT_TRUE(db->GetIntProperty("rocksdb.block-cache-pinned-usage", &pinned));
  EXPECT_EQ(3u << 20, capacity);
  EXPECT_GT(usage, 5000u);
  EXPECT_GT(pinned, 0u);  // index and filter, held
  EXPECT_LT(pinned, usage);
}

TEST(PartOptions, BadValuesFromCppAreRefusedAtOpen) {
  TempDir dir;
  PartTableOptions table;
  table.block_bytes = 3;
  Options options;
  options.create_if_missing = true;
  options.table_factory = NewPartTableFactory(table);
  DB* db = nullptr;
  const Status s = DB::Open(options, dir / "db", &db);
  EXPECT_TRUE(s.IsInvalidArgument()) << s.ToString();
  EXPECT_NE(std::string::npos, s.ToString().find("block_bytes"));
}

TEST(PartOptions, SurviveTheOptionsFileAndSetOptions) {
  TempDir dir;
  Options options;
  options.create_if_missing = true;
  ASSERT_TRUE(Parse("block_bytes=2K;cache_bytes=1M;"
                    "block_based={id=BlockBasedTable;block_size=3K}",
                    &options)
                  .ok());
  DB* raw = nullptr;
  ASSERT_TRUE(DB::Open(options, dir / "db", &raw).ok());
  std::unique_ptr<DB> db(raw);
  ASSERT_TRUE(db->SetOptions({{"table_factory.block_bytes", "8K"},
                              {"table_factory.write_format", "block_based"}})
                  .ok());
  EXPECT_EQ(8192u, TableOptions(db->GetOptions()).block_bytes);
  const Status bad = db->SetOptions({{"table_factory.block_bytes", "1"}});
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(8192u, TableOptions(db->GetOptions()).block_bytes);
  EXPECT_FALSE(db->SetOptions({{"table_factory.cache_bytes", "2M"}}).ok());
  db.reset();

  rocksdb::DBOptions db_options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  ConfigOptions config;
  config.ignore_unknown_options = false;
  ASSERT_TRUE(
      LoadLatestOptions(config, dir / "db", &db_options, &families).ok());
  const PartTableOptions& loaded = TableOptions(families[0].options);
  EXPECT_EQ(8192u, loaded.block_bytes);
  EXPECT_EQ(1u << 20, loaded.cache_bytes);
  EXPECT_EQ(PartWriteFormat::kBlockBased, loaded.write_format);
  EXPECT_EQ(3072u,
            loaded.block_based->GetOptions<rocksdb::BlockBasedTableOptions>()
                ->block_size);
  const auto* cache =
      families[0].options.table_factory->GetOptions<rocksdb::Cache>(
          rocksdb::TableFactory::kBlockCacheOpts());
  EXPECT_EQ(1u << 20, cache->GetCapacity());
  ASSERT_TRUE(
      CheckOptionsCompatibility(config, dir / "db", db_options, families).ok());
}

}  // namespace
}  // namespace varve
