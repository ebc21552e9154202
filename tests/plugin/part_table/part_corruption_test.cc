// Any byte of a part that is changed, and any byte that is missing, is found
// and named.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <string>

#include "format/part/part_file.h"
#include "format/row/sample_block.h"
#include "plugin/part_table/part_table_factory.h"
#include "rocksdb/db.h"
#include "rocksdb/sst_file_reader.h"
#include "rocksdb/sst_file_writer.h"
#include "tests/golden_file.h"
#include "tests/temp_dir.h"

namespace varve {
namespace {

using rocksdb::Options;
using rocksdb::ReadOptions;
using rocksdb::Status;

class PartCorruption : public testing::TestWithParam<rocksdb::CompressionType> {
 protected:
  PartCorruption() : file_(dir_ / "part.sst") {
    PartTableOptions table;
    table.block_bytes = 256;
    table.index_block_bytes = 64;
    table.cache_bytes = 0;
    options_.table_factory = NewPartTableFactory(table);
    options_.compression = GetParam();
  }

  // Rows, row keys, a range deletion.
  void Write() {
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options_);
    ASSERT_TRUE(writer.Open(file_).ok());
    for (int i = 100; i < 140; ++i) {
      const std::string key = "key" + std::to_string(i);
      ASSERT_TRUE(writer.Put(key, std::string(30, static_cast<char>(i))).ok());
    }
    ASSERT_TRUE(
        writer.Put(std::string("series\0\1\x80\0\0\0\0\0\0\1", 16), "row")
            .ok());
    // Rows of samples, two with the same timestamps, in one stripe and more.
    BlockEncoder encoder;
    const int64_t timestamps[] = {1000, 2000, 4000, 8000};
    for (int i = 0; i < 8; ++i) {
      const uint64_t values[] = {7u, static_cast<uint64_t>(i) << 50, 9u, ~0u};
      std::string block;
      encoder.Encode(BlockSpec(), timestamps, values, i % 5, &block);
      ASSERT_TRUE(writer.Put("t" + std::to_string(i), block).ok());
    }
    ASSERT_TRUE(writer.DeleteRange("key3", "key4").ok());
    ASSERT_TRUE(writer.Finish().ok());
  }

  // Everything that RocksDB reads of a file.
  Status ReadAll(std::string* content) {
    content->clear();
    rocksdb::SstFileReader reader(options_);
    Status s = reader.Open(file_);
    if (s.ok()) s = reader.VerifyChecksum();
    if (!s.ok()) return s;
    std::unique_ptr<rocksdb::Iterator> rows(reader.NewIterator(ReadOptions()));
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      *content += rows->key().ToString() + "=" + rows->value().ToString() + ";";
    }
    return rows->status();
  }

  // The eight bytes that ingestion may overwrite, which count as zero.
  std::pair<size_t, size_t> GlobalSequence(const std::string& bytes) {
    const std::string name = "rocksdb.external_sst_file.global_seqno";
    size_t at = bytes.find("global_seqno");
    if (at == std::string::npos) at = bytes.find(name);
    EXPECT_NE(std::string::npos, at);
    at += std::string("global_seqno").size();
    return {at, at + 8};
  }

  TempDir dir_;
  std::string file_;
  Options options_;
};

TEST_P(PartCorruption, EveryChangedByteIsFoundAndNamed) {
  Write();
  const std::string bytes = ReadFile(file_);
  std::string content;
  ASSERT_TRUE(ReadAll(&content).ok());
  const std::string good = content;
  const auto [skip_from, skip_to] = GlobalSequence(bytes);
  for (size_t at = 0; at < bytes.size(); ++at) {
    if (at >= skip_from && at < skip_to) continue;
    for (int flip : {0x01, 0x80, 0xff}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      WriteFile(file_, changed);
      const Status s = ReadAll(&content);
      ASSERT_TRUE(s.IsCorruption())
          << at << " of " << bytes.size() << ": " << s.ToString();
      ASSERT_NE(std::string::npos, s.ToString().find(file_)) << s.ToString();
      ASSERT_NE(std::string::npos, s.ToString().find("offset")) << s.ToString();
    }
  }
}

// Without VerifyChecksum: what a read of all rows touches is checked too, and
// what it does not touch does no harm.
TEST_P(PartCorruption, ReadingChangedBytesGivesCorruptionOrTheSameRows) {
  Write();
  const std::string bytes = ReadFile(file_);
  std::string good;
  ASSERT_TRUE(ReadAll(&good).ok());
  const auto [skip_from, skip_to] = GlobalSequence(bytes);
  for (size_t at = 0; at < bytes.size(); ++at) {
    if (at >= skip_from && at < skip_to) continue;
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x5a);
    WriteFile(file_, changed);
    rocksdb::SstFileReader reader(options_);
    const Status s = reader.Open(file_);
    if (!s.ok()) {
      ASSERT_TRUE(s.IsCorruption()) << s.ToString();
      continue;
    }
    std::unique_ptr<rocksdb::Iterator> rows(reader.NewIterator(ReadOptions()));
    std::string content;
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      content += rows->key().ToString() + "=" + rows->value().ToString() + ";";
    }
    if (rows->status().ok()) {
      ASSERT_EQ(good, content) << at;
    } else {
      ASSERT_TRUE(rows->status().IsCorruption()) << rows->status().ToString();
    }
  }
}

TEST_P(PartCorruption, EveryTruncationIsCorruption) {
  Write();
  const std::string bytes = ReadFile(file_);
  std::string content;
  for (size_t size = 0; size < bytes.size(); ++size) {
    WriteFile(file_, bytes.substr(0, size));
    const Status s = ReadAll(&content);
    ASSERT_TRUE(s.IsCorruption()) << size << ": " << s.ToString();
    ASSERT_NE(std::string::npos, s.ToString().find(file_)) << s.ToString();
    ASSERT_NE(std::string::npos, s.ToString().find("offset")) << s.ToString();
  }
}

TEST_P(PartCorruption, AnotherFormatVersionIsNotSupported) {
  Write();
  std::string bytes = ReadFile(file_);
  PartFooter footer;
  ASSERT_TRUE(DecodePartFooter(bytes, bytes.size(), &footer).ok());
  footer.part_version = 7;
  ASSERT_TRUE(
      EncodePartFooter(footer, &bytes[bytes.size() - kPartFooterBytes]).ok());
  WriteFile(file_, bytes);
  std::string content;
  const Status s = ReadAll(&content);
  EXPECT_TRUE(s.IsNotSupported()) << s.ToString();
  EXPECT_NE(std::string::npos, s.ToString().find("version 7"));
  EXPECT_NE(std::string::npos, s.ToString().find(file_));
}

TEST_P(PartCorruption, RandomBytesOfALargePartAreFound) {
  PartTableOptions table;
  table.cache_bytes = 0;
  options_.table_factory = NewPartTableFactory(table);
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options_);
  ASSERT_TRUE(writer.Open(file_).ok());
  std::mt19937_64 random(1);
  BlockEncoder encoder;
  for (int i = 0; i < 100000; ++i) {
    char key[16];
    snprintf(key, sizeof key, "%08d", i);
    std::string value(20, '\0');
    for (char& c : value) c = static_cast<char>(random() % 16);
    if (i % 1000 < 200) {  // stretches of blocks, some with the same columns
      int64_t timestamps[30];
      uint64_t values[30];
      for (int t = 0; t < 30; ++t) {
        timestamps[t] = t * 1000 + (i % 3 == 0 ? 0 : i * t % 13);
        values[t] = random() >> 12;
      }
      value.clear();
      encoder.Encode(BlockSpec(), timestamps, values, 30, &value);
    }
    ASSERT_TRUE(writer.Put(key, value).ok());
  }
  ASSERT_TRUE(writer.Finish().ok());
  const std::string bytes = ReadFile(file_);
  const auto [skip_from, skip_to] = GlobalSequence(bytes);
  std::string content;
  ASSERT_TRUE(ReadAll(&content).ok());
  for (int i = 0; i < 60; ++i) {
    const size_t at = random() % bytes.size();
    if (at >= skip_from && at < skip_to) continue;
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ (1 + random() % 255));
    WriteFile(file_, changed);
    const Status s = ReadAll(&content);
    ASSERT_TRUE(s.IsCorruption()) << at << " of " << bytes.size();
  }
}

INSTANTIATE_TEST_SUITE_P(Compressions, PartCorruption,
                         testing::Values(rocksdb::kNoCompression,
                                         rocksdb::kZSTD));

// In a database every byte counts: its files have no field that RocksDB
// overwrites.
TEST(PartCorruptionInDb, EveryChangedByteOfAFlushedFileIsFound) {
  TempDir dir;
  Options options;
  options.create_if_missing = true;
  options.paranoid_file_checks = true;
  PartTableOptions table;
  table.block_bytes = 256;
  table.cache_bytes = 0;
  options.table_factory = NewPartTableFactory(table);
  const std::string path = dir / "db";
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, path, &raw).ok());
  std::unique_ptr<rocksdb::DB> db(raw);
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(db->Put({}, "key" + std::to_string(i), "value").ok());
  }
  ASSERT_TRUE(db->Delete({}, "key7").ok());
  ASSERT_TRUE(db->DeleteRange({}, db->DefaultColumnFamily(), "a", "b").ok());
  ASSERT_TRUE(db->Flush({}).ok());
  std::vector<rocksdb::LiveFileMetaData> files;
  db->GetLiveFilesMetaData(&files);
  ASSERT_EQ(1u, files.size());
  const std::string file = path + files[0].name;
  db.reset();
  const std::string bytes = ReadFile(file);
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    WriteFile(file, changed);
    rocksdb::SstFileReader reader(options);
    Status s = reader.Open(file);
    if (s.ok()) s = reader.VerifyChecksum();
    ASSERT_TRUE(s.IsCorruption()) << at << " of " << bytes.size();
  }
}

}  // namespace
}  // namespace varve
