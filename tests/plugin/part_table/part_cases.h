// Small parts of every shape: for golden files, hostile bytes and seeds of
// fuzz/part_fuzz.cc.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "format/row/sample_block.h"
#include "plugin/part_table/part_table_factory.h"
#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/merge_operator.h"
#include "tests/golden_file.h"
#include "tests/temp_dir.h"

namespace varve {
namespace part_cases {

// The row of one hour of one series, 15 s apart.
inline std::string Row(int series, size_t count) {
  BlockSpec spec;
  spec.shape.bucket_width_ms = 3600 * 1000;
  spec.shape.partition = Partition::kNone;
  spec.bucket_start_ms = spec.shape.BucketStart(1728000000000);
  std::vector<int64_t> timestamps;
  std::vector<uint64_t> values;
  for (size_t i = 0; i < count; ++i) {
    timestamps.push_back(spec.bucket_start_ms +
                         static_cast<int64_t>(i) * 15000 +
                         static_cast<int64_t>(i * i % 7));
    values.push_back(
        0x4045000000000000 +
        (uint64_t{i * 7 % 5 + static_cast<uint64_t>(series)} << 44));
  }
  std::string block;
  BlockEncoder().Encode(spec, timestamps.data(), values.data(), count, &block);
  return block;
}

struct Shape {
  std::string name;
  std::string table;  // options
  rocksdb::CompressionType compression = rocksdb::kNoCompression;
  bool rows = true;      // plain ones
  bool blocks = true;    // rows of samples
  bool versions = true;  // of one key, in several boxes
};

inline std::vector<Shape> Shapes() {
  using rocksdb::kNoCompression;
  using rocksdb::kZSTD;
  const std::string small = "block_bytes=64;index_block_bytes=64";
  return {
      {"whole", "block_bytes=100", kNoCompression, true, true, true},
      {"packed", "block_bytes=512", kZSTD, true, true, true},
      {"rows", small, kNoCompression, true, false, false},
      {"stripes", small, kNoCompression, false, true, false},
      {"stripes_packed", "block_bytes=1024", kZSTD, false, true, false},
      {"versions", small, kNoCompression, false, false, true},
      {"no_filter", small + ";filter_bits_per_key=0;restart_interval=2",
       kNoCompression, true, false, false},
      {"empty", "", kNoCompression, false, false, false},
  };
}

inline rocksdb::Options OptionsOf(const Shape& shape) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.disable_auto_compactions = true;
  options.paranoid_file_checks = true;
  options.compression = shape.compression;
  options.db_host_id = "host";  // else the name of this machine
  const rocksdb::ConfigOptions config;
  EXPECT_TRUE(rocksdb::MergeOperator::CreateFromString(config, "stringappend",
                                                       &options.merge_operator)
                  .ok());
  EXPECT_TRUE(rocksdb::TableFactory::CreateFromString(
                  config,
                  "id=VarvePartTable;cache_bytes=0" +
                      (shape.table.empty() ? "" : ";" + shape.table),
                  &options.table_factory)
                  .ok());
  return options;
}

using Rows = std::map<std::string, std::string>;

// What a reader of the part sees.
inline Rows RowsOf(const Shape& shape) {
  Rows rows;
  for (int i = 0; shape.rows && i < 6; ++i) {
    rows["key" + std::to_string(i)] = std::string(10 * i, 'a' + i);
  }
  if (shape.rows) {
    rows.erase("key2");
    rows.erase("key4");
    rows["key5"] = "one,two";
  }
  // All series but one have the same timestamps; one row is no block.
  for (int i = 0; shape.blocks && i < 6; ++i) {
    rows["t" + std::to_string(i)] = i == 3 ? "foreign" : Row(i, i != 1 ? 9 : 6);
  }
  if (shape.versions) rows["v"] = std::string(30, '5');
  return rows;
}

// A part that holds them, among deletions, a range deletion and older
// versions that a snapshot keeps.
inline std::string PartOf(const Shape& shape) {
  TempDir dir;
  rocksdb::DB* raw = nullptr;
  EXPECT_TRUE(rocksdb::DB::Open(OptionsOf(shape), dir / "db", &raw).ok());
  const std::unique_ptr<rocksdb::DB> db(raw);
  for (const auto& [key, value] : RowsOf(shape)) {
    if (key != "v" && key != "key5") {
      EXPECT_TRUE(db->Put({}, key, value).ok());
    }
  }
  if (shape.rows) {
    EXPECT_TRUE(db->Delete({}, "key2").ok());
    EXPECT_TRUE(db->SingleDelete({}, "key4").ok());
    EXPECT_TRUE(db->Put({}, "key5", "one").ok());
    EXPECT_TRUE(db->Merge({}, "key5", "two").ok());
  }
  std::vector<const rocksdb::Snapshot*> snapshots;
  for (char c = '0'; shape.versions && c < '6'; ++c) {
    EXPECT_TRUE(db->Put({}, "v", std::string(30, c)).ok());
    snapshots.push_back(db->GetSnapshot());
  }
  EXPECT_TRUE(db->DeleteRange({}, db->DefaultColumnFamily(), "x", "y").ok());
  EXPECT_TRUE(db->Flush({}).ok());
  for (const rocksdb::Snapshot* snapshot : snapshots) {
    db->ReleaseSnapshot(snapshot);
  }
  std::vector<rocksdb::LiveFileMetaData> files;
  db->GetLiveFilesMetaData(&files);
  EXPECT_EQ(1u, files.size());
  return ReadFile(dir / "db" + files[0].name);
}

}  // namespace part_cases
}  // namespace varve
