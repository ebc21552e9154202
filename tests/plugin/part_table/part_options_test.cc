// VarvePartTable by option strings, OPTIONS files and SetOptions.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "plugin/host/cache_class.h"
#include "plugin/part_table/part_table_factory.h"
#include "plugin/part_table/part_table_options_info.h"
#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/table.h"
#include "rocksdb/utilities/options_util.h"
#include "tests/random_source.h"
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

// What is refused, and what the message says besides option and value.
struct BadValue {
  const char* option;
  const char* value;
  const char* reason;
};
const BadValue kBadValues[] = {
    {"block_bytes", "63", "from 64 to 67108864"},
    {"block_bytes", "1G", "from 64 to 67108864"},
    {"block_bytes", "many", "a whole number"},
    {"block_bytes", "8Kb", "a whole number"},
    {"block_bytes", "4096.5", "a whole number"},
    {"restart_interval", "0", "from 1 to 1024"},
    {"restart_interval", "1025", "from 1 to 1024"},
    {"prefix_compression", "maybe", "true or false"},
    {"split_blocks", "2", "true or false"},
    {"index_block_bytes", "1", "from 64 to 67108864"},
    {"zstd_level", "23", "from -50 to 22"},
    {"zstd_level", "-51", "from -50 to 22"},
    {"filter_bits_per_key", "-1", "from 0 to 100"},
    {"filter_bits_per_key", "101", "from 0 to 100"},
    {"whole_key_filter", "TRUE", "true or false"},
    {"prefix_filter", "perhaps", "true or false"},
    {"checksum", "kCRC32c", "kXXH3"},
    {"block_cache", "{capacity=much}", "a cache"},
    {"block_cache", "{id=NoCache}", "a cache"},
    {"cache_bytes", "-5", "from 0 to"},
    {"cache_bytes", "16777216T", "a whole number"},  // 2^64
    {"cache_bytes", "9223372036854775808", "a whole number"},
    {"cache_index_and_filter_blocks", "x", "true or false"},
    {"pin_l0_filter_and_index_blocks_in_cache", "x", "true or false"},
    {"cache_index_and_filter_blocks_with_high_priority", "x", "true or false"},
    {"initial_auto_readahead_size", "-1", "from 0 to"},
    {"max_auto_readahead_size", "1KK", "a whole number"},
    {"write_format", "plain", "block_based"},
    {"block_based", "{id=NoTable}", "a BlockBasedTable"},
    {"block_based", "{id=PlainTable}", "a BlockBasedTable"},
    {"block_based", "{id=BlockBasedTable;block_size=big}", "block_size"},
};

TEST(PartOptions, BadValuesAreRefusedWithTheReason) {
  std::set<std::string> tried;
  for (const auto& [option, value, reason] : kBadValues) {
    ColumnFamilyOptions options;
    const std::string bad = std::string(option) + "=" + value;
    const Status s = Parse(bad, &options);
    const std::string text = s.ToString();
    EXPECT_TRUE(s.IsInvalidArgument()) << text;
    // RocksDB hands on an object's value without its braces.
    EXPECT_NE(std::string::npos, text.find(std::string(option) + "="))
        << bad << ": " << text;
    EXPECT_NE(std::string::npos, text.find(reason)) << bad << ": " << text;
    tried.insert(option);
  }
  for (const auto& [name, info] : PartTableOptionsInfo()) {
    EXPECT_EQ(1u, tried.count(name)) << name << " takes everything?";
  }
  ColumnFamilyOptions options;
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
  const std::pair<const char*, void (*)(PartTableOptions*)> bad[] = {
      {"block_bytes=3", [](PartTableOptions* o) { o->block_bytes = 3; }},
      {"restart_interval=-1",
       [](PartTableOptions* o) { o->restart_interval = -1; }},
      {"index_block_bytes=0",
       [](PartTableOptions* o) { o->index_block_bytes = 0; }},
      {"zstd_level=100", [](PartTableOptions* o) { o->zstd_level = 100; }},
      {"filter_bits_per_key=101",
       [](PartTableOptions* o) { o->filter_bits_per_key = 101; }},
      {"cache_bytes=",
       [](PartTableOptions* o) { o->cache_bytes = UINT64_MAX; }},
      {"initial_auto_readahead_size=",
       [](PartTableOptions* o) {
         o->initial_auto_readahead_size = UINT64_MAX;
       }},
      {"max_auto_readahead_size=",
       [](PartTableOptions* o) { o->max_auto_readahead_size = UINT64_MAX; }},
      {"checksum=1",
       [](PartTableOptions* o) { o->checksum = PartChecksum{1}; }},
      {"write_format=7",
       [](PartTableOptions* o) { o->write_format = PartWriteFormat{7}; }},
      {"cache_index_and_filter_blocks=true",
       [](PartTableOptions* o) {
         o->cache_index_and_filter_blocks = true;
         o->cache_bytes = 0;
       }},
      {"block_based=PlainTable",
       [](PartTableOptions* o) {
         o->block_based.reset(rocksdb::NewPlainTableFactory());
       }},
  };
  TempDir dir;
  for (const auto& [what, set] : bad) {
    PartTableOptions table;
    set(&table);
    Options options;
    options.create_if_missing = true;
    options.table_factory = NewPartTableFactory(table);
    DB* db = nullptr;
    const Status s = DB::Open(options, dir / "db", &db);
    EXPECT_TRUE(s.IsInvalidArgument()) << what << ": " << s.ToString();
    EXPECT_NE(std::string::npos, s.ToString().find(what)) << s.ToString();
  }
}

// The level that the only file of a database was written with.
std::string ZstdLevelOfFile(DB* db) {
  rocksdb::TablePropertiesCollection files;
  EXPECT_TRUE(db->GetPropertiesOfAllTables(&files).ok());
  EXPECT_EQ(1u, files.size());
  return files.begin()->second->compression_options;
}

std::string ZstdLevelAfter(const Options& options, size_t bytes, bool compact) {
  TempDir dir;
  DB* raw = nullptr;
  EXPECT_TRUE(DB::Open(options, dir / "db", &raw).ok());
  const std::unique_ptr<DB> db(raw);
  RandomSource random(1);
  for (size_t i = 0; i < bytes / 1000; ++i) {
    std::string value;
    while (value.size() < 1000) value += static_cast<char>(random.Below(256));
    EXPECT_TRUE(db->Put({}, "key" + std::to_string(i), value).ok());
  }
  EXPECT_TRUE(db->Flush({}).ok());
  rocksdb::CompactRangeOptions to_bottom;
  to_bottom.change_level = true;
  to_bottom.target_level = 6;
  to_bottom.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForce;
  if (compact) {
    EXPECT_TRUE(db->CompactRange(to_bottom, nullptr, nullptr).ok());
    // The first call only moves a single file.
    EXPECT_TRUE(db->CompactRange(to_bottom, nullptr, nullptr).ok());
  }
  return ZstdLevelOfFile(db.get());
}

TEST(PartOptions, ZstdLevelGoesByLevelAndSize) {
  constexpr size_t kSmall = 100 << 10;
  constexpr size_t kLarge = 3 << 20;
  Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kZSTD;
  options.table_factory = NewPartTableFactory();
  EXPECT_EQ("zstd_level=1; ", ZstdLevelAfter(options, kSmall, false));
  EXPECT_EQ("zstd_level=1; ", ZstdLevelAfter(options, kLarge, false));
  EXPECT_EQ("zstd_level=1; ", ZstdLevelAfter(options, kSmall, true));
  EXPECT_EQ("zstd_level=3; ", ZstdLevelAfter(options, kLarge, true));
  options.compression_opts.level = 5;
  EXPECT_EQ("zstd_level=5; ", ZstdLevelAfter(options, kLarge, true));
  PartTableOptions table;
  table.zstd_level = -2;
  options.table_factory = NewPartTableFactory(table);
  EXPECT_EQ("zstd_level=-2; ", ZstdLevelAfter(options, kLarge, true));
  options.compression = rocksdb::kNoCompression;
  EXPECT_EQ("zstd_level=0; ", ZstdLevelAfter(options, kLarge, true));
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
  EXPECT_EQ(kTableFactoryIsSwapped,
            db->SetOptions({{"table_factory.cache_bytes", "2M"}}).ok());
  db.reset();

  rocksdb::DBOptions db_options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  ConfigOptions config;
  config.ignore_unknown_options = false;
  ASSERT_TRUE(
      LoadLatestOptions(config, dir / "db", &db_options, &families).ok());
  const PartTableOptions& loaded = TableOptions(families[0].options);
  EXPECT_EQ(8192u, loaded.block_bytes);
  const uint64_t cache_bytes = (kTableFactoryIsSwapped ? 2u : 1u) << 20;
  EXPECT_EQ(cache_bytes, loaded.cache_bytes);
  EXPECT_EQ(PartWriteFormat::kBlockBased, loaded.write_format);
  EXPECT_EQ(3072u,
            loaded.block_based->GetOptions<rocksdb::BlockBasedTableOptions>()
                ->block_size);
  const auto* cache =
      families[0].options.table_factory->GetOptions<rocksdb::Cache>(
          rocksdb::TableFactory::kBlockCacheOpts());
  EXPECT_EQ(cache_bytes, cache->GetCapacity());
  ASSERT_TRUE(
      CheckOptionsCompatibility(config, dir / "db", db_options, families).ok());
}

// Where SetOptions swaps a table for a clone, the files that are open keep the
// one that they were opened by: with a cache of its own, the clone's would be
// memory beside the first, and a warm cache would be cold.
TEST(PartOptions, ASwappedTableHasTheSameCacheInAnotherSize) {
  if (!kTableFactoryIsSwapped) return;
  TempDir dir;
  Options options;
  options.create_if_missing = true;
  ASSERT_TRUE(Parse("cache_bytes=1M", &options).ok());
  DB* raw = nullptr;
  ASSERT_TRUE(DB::Open(options, dir / "db", &raw).ok());
  const std::unique_ptr<DB> db(raw);
  const auto cache = [&] {
    return db->GetOptions().table_factory->GetOptions<rocksdb::Cache>(
        rocksdb::TableFactory::kBlockCacheOpts());
  };
  const auto* const before = cache();
  ASSERT_TRUE(db->SetOptions({{"table_factory.block_bytes", "8K"}}).ok());
  EXPECT_EQ(before, cache());
  EXPECT_EQ(1u << 20, cache()->GetCapacity());
  ASSERT_TRUE(db->SetOptions({{"table_factory.cache_bytes", "2M"}}).ok());
  EXPECT_EQ(before, cache());
  EXPECT_EQ(2u << 20, cache()->GetCapacity());
}

}  // namespace
}  // namespace varve
