// The part table against RocksDB's block-based one: two databases take the
// same random writes, flushes, compactions, ingestions and reopens, and every
// way of reading must give the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "format/row/sample_block.h"
#include "rocksdb/convenience.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/sst_file_writer.h"
#include "tests/plugin/part_table/twin_db.h"

namespace varve {
namespace {

using rocksdb::DB;
using rocksdb::Options;
using rocksdb::ReadOptions;
using rocksdb::Slice;
using rocksdb::Status;

struct Shape {
  uint64_t seed;
  std::string table;  // options of the part table
  std::string db;     // options of both databases
  bool prefix = false;
  bool no_io = true;
  bool blocks = false;
};

void PrintTo(const Shape& shape, std::ostream* out) {
  *out << "seed " << shape.seed << " table " << shape.table << " db "
       << shape.db;
}

class Pair {
 public:
  explicit Pair(const Shape& shape)
      : shape_(shape),
        random_(shape.seed),
        twins_(shape.table, [&shape](Options* o) { SetOptions(shape, o); }) {}

  void Step();
  void Check();

 private:
  static constexpr int kDbs = TwinDb::kDbs;

  // Small files on many levels.
  static void SetOptions(const Shape& shape, Options* options) {
    options->disable_auto_compactions = false;
    options->num_levels = 7;
    options->force_consistency_checks = true;
    options->write_buffer_size = 64 << 10;
    options->target_file_size_base = 32 << 10;
    options->max_bytes_for_level_base = 128 << 10;
    if (shape.prefix) {
      options->prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(3));
    }
    const Options base = *options;
    EXPECT_TRUE(
        GetOptionsFromString(rocksdb::ConfigOptions(), base, shape.db, options)
            .ok());
  }

  std::string Key() {
    std::string key = "k" + std::to_string(random_() % 30);
    key.resize(3 + random_() % 3, 'x');
    key += std::to_string(random_() % 200);
    // Some that look like rows of samples.
    if (random_() % 4 == 0) {
      key = std::string("s") + static_cast<char>('a' + random_() % 5) +
            std::string("\0\1\x80\0\0\0\0\0\0", 9) +
            static_cast<char>(random_() % 32);
    }
    return key;
  }
  // A block of samples; its timestamps are often those of other blocks.
  std::string Block() {
    BlockSpec spec;
    const size_t count = random_() % 40;
    const int64_t step = 1000 + static_cast<int64_t>(random_() % 3);
    std::vector<int64_t> timestamps;
    std::vector<uint64_t> values;
    for (size_t i = 0; i < count; ++i) {
      timestamps.push_back(5000 + static_cast<int64_t>(i) * step);
      values.push_back(random_() % 3 == 0 ? random_() : i);
    }
    std::string block;
    encoder_.Encode(spec, timestamps.data(), values.data(), count, &block);
    // Cut short, or with bytes behind it: no block.
    if (random_() % 20 == 0) block.resize(random_() % block.size());
    if (random_() % 20 == 0) block += "x";
    return block;
  }
  std::string Value() {
    if (shape_.blocks && random_() % 3 != 0) return Block();
    const size_t bytes =
        random_() % 20 == 0 ? random_() % 9000 : random_() % 90;
    std::string value(bytes, 'v');
    for (size_t i = 0; i < bytes; i += 1 + random_() % 9) {
      value[i] = static_cast<char>(random_());
    }
    return value;
  }

  void Ingest();
  void CheckIterators(int snapshot);
  bool SpansFiles(const std::string& key);
  void CheckGets(int snapshot);
  ReadOptions Read(int i, int snapshot) {
    ReadOptions read = twins_.Read(i, snapshot);
    read.total_order_seek = true;
    return read;
  }

  const Shape shape_;
  TempDir dir_;
  std::mt19937_64 random_;
  BlockEncoder encoder_;
  TwinDb twins_;
  std::vector<std::string> once_;
  size_t single_deleted_ = 0;  // so many of them
};

void Pair::Ingest() {
  std::vector<std::string> keys;
  for (int k = 0; k < 40; ++k) keys.push_back(Key());
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  const std::string value = Value();
  const bool write_global_seqno = random_() % 2 == 0;
  for (int i = 0; i < kDbs; ++i) {
    const std::string file = dir_ / ("ingest" + std::to_string(i));
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), twins_.OptionsOf(i));
    ASSERT_TRUE(writer.Open(file).ok());
    for (size_t k = 0; k < keys.size(); ++k) {
      const Status s = k % 5 == 0   ? writer.Merge(keys[k], value)
                       : k % 7 == 0 ? writer.Delete(keys[k])
                                    : writer.Put(keys[k], value);
      ASSERT_TRUE(s.ok());
    }
    ASSERT_TRUE(writer.DeleteRange("k10", "k11").ok());
    ASSERT_TRUE(writer.Finish().ok());
    rocksdb::IngestExternalFileOptions ingest;
    ingest.write_global_seqno = write_global_seqno;
    ingest.verify_checksums_before_ingest = true;
    const Status s = twins_.db(i)->IngestExternalFile({file}, ingest);
    ASSERT_TRUE(s.ok()) << s.ToString();
  }
}

void Pair::Step() {
  const std::string other = Key(), value = Value();
  std::string key = Key();
  const auto from = std::min(key, other), to = std::max(key, other);
  switch (const uint64_t dice = random_() % 1000) {
    default:
      if (dice < 20) {  // put once, so that it may be deleted by SingleDelete
        key = "once" + std::to_string(once_.size() * 7919 % 1000);
        key += "-" + std::to_string(once_.size());
        once_.push_back(key);
      } else if (dice < 30 && single_deleted_ < once_.size()) {
        key = once_[single_deleted_++];
        twins_.On("single delete",
                  [&](DB* db) { return db->SingleDelete({}, key); });
        break;
      }
      twins_.On("put", [&](DB* db) {
        return dice < 600   ? db->Put({}, key, value)
               : dice < 800 ? db->Merge({}, key, value.substr(0, 20))
                            : db->Delete({}, key);
      });
      break;
    case 0:
    case 1:
      twins_.On("flush", [](DB* db) { return db->Flush({}); });
      break;
    case 2:
      twins_.On("compact", [&](DB* db) {
        const Slice a = from, b = to;
        return db->CompactRange({}, &a, &b);
      });
      break;
    case 3:
    case 4:
      twins_.On("delete range", [&](DB* db) {
        return db->DeleteRange({}, db->DefaultColumnFamily(), from, to);
      });
      break;
    case 5:
      if (twins_.snapshots() < 4) twins_.Snapshot();
      break;
    case 6:
      Ingest();
      break;
    case 7:
      twins_.Reopen();
      break;
  }
}

// RocksDB 7.8 cuts files of one level inside a user key when snapshots hold
// its versions, and its Get (of either table) then does not look into the
// second file; iterators and MultiGet do.
bool Pair::SpansFiles(const std::string& key) {
  for (int i = 0; i < kDbs; ++i) {
    rocksdb::ColumnFamilyMetaData meta;
    twins_.db(i)->GetColumnFamilyMetaData(&meta);
    for (const rocksdb::LevelMetaData& level : meta.levels) {
      for (size_t f = 1; level.level > 0 && f < level.files.size(); ++f) {
        if (level.files[f - 1].largestkey == key &&
            level.files[f].smallestkey == key) {
          return true;
        }
      }
    }
  }
  return false;
}

void Pair::CheckGets(int snapshot) {
  std::vector<std::string> keys;
  for (int k = 0; k < 40; ++k) keys.push_back(Key());
  std::vector<Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values[kDbs];
  std::vector<Status> statuses[kDbs];
  for (int i = 0; i < kDbs; ++i) {
    values[i].resize(keys.size());
    statuses[i].resize(keys.size());
    ReadOptions read = Read(i, snapshot);
    read.fill_cache = random_() % 2 == 0;
    twins_.db(i)->MultiGet(read, twins_.db(i)->DefaultColumnFamily(),
                           keys.size(), slices.data(), values[i].data(),
                           statuses[i].data());
  }
  for (size_t k = 0; k < keys.size(); ++k) {
    std::string one, other;
    const Status s = twins_.db(0)->Get(Read(0, snapshot), keys[k], &one);
    const Status t = twins_.db(1)->Get(Read(1, snapshot), keys[k], &other);
    if (one != other && SpansFiles(keys[k])) continue;
    ASSERT_EQ(t.ToString(), s.ToString()) << Slice(keys[k]).ToString(true);
    ASSERT_EQ(other, one);
    ASSERT_EQ(t.ToString(), statuses[0][k].ToString());
    ASSERT_EQ(t.ToString(), statuses[1][k].ToString());
    if (t.ok()) {
      ASSERT_EQ(other, values[0][k].ToString());
    }
    // No I/O: the same, or that it may exist. (With tables that are not open,
    // or with blobs, RocksDB's own answer is wrong or an assertion.)
    if (!shape_.no_io) continue;
    ReadOptions cached = Read(0, snapshot);
    cached.read_tier = rocksdb::kBlockCacheTier;
    const Status c = twins_.db(0)->Get(cached, keys[k], &one);
    ASSERT_TRUE(c.IsIncomplete() || c.ToString() == t.ToString());
    if (t.ok()) {
      ASSERT_TRUE(twins_.db(0)->KeyMayExist(Read(0, snapshot), keys[k], &one));
    }
  }
}

void Pair::CheckIterators(int snapshot) {
  std::unique_ptr<rocksdb::Iterator> it[kDbs];
  const std::string upper_key = Key(), lower_key = Key();
  const Slice upper = upper_key, lower = lower_key;
  const bool with_upper = random_() % 2, with_lower = random_() % 3 == 0;
  const bool pin = random_() % 2, readahead = random_() % 3 == 0;
  // In prefix mode only what has the target's prefix is promised.
  const bool prefix_mode = shape_.prefix && random_() % 2;
  const bool auto_prefix = shape_.prefix && !prefix_mode && random_() % 2;
  for (int i = 0; i < kDbs; ++i) {
    ReadOptions read = Read(i, snapshot);
    if (with_upper) read.iterate_upper_bound = &upper;
    if (with_lower) read.iterate_lower_bound = &lower;
    read.pin_data = pin;
    read.readahead_size = readahead ? 10000 : 0;
    if (prefix_mode) {
      read.total_order_seek = false;
      read.prefix_same_as_start = true;
    } else if (auto_prefix) {
      read.total_order_seek = false;
      read.auto_prefix_mode = true;
    }
    it[i] = twins_.NewIterator(i, read);
  }
  const auto same = [&](const char* what) {
    for (int i = 0; i < kDbs; ++i) {
      EXPECT_TRUE(it[i]->status().ok()) << i << it[i]->status().ToString();
    }
    EXPECT_EQ(it[1]->Valid(), it[0]->Valid()) << what;
    if (!it[0]->Valid() || !it[1]->Valid()) return false;
    EXPECT_EQ(it[1]->key().ToString(true), it[0]->key().ToString(true)) << what;
    EXPECT_EQ(it[1]->value().ToString(true), it[0]->value().ToString(true));
    return it[0]->key() == it[1]->key();
  };
  for (int round = 0; round < 6; ++round) {
    const std::string target = Key();
    const uint64_t start = random_() % (prefix_mode ? 1 : 6);
    for (int i = 0; i < kDbs; ++i) {
      if (start < 3) it[i]->Seek(target);
      if (start == 3) it[i]->SeekForPrev(target);
      if (start == 4) it[i]->SeekToFirst();
      if (start == 5) it[i]->SeekToLast();
    }
    bool valid = same("seek");
    for (int step = 0; step < 30 && valid; ++step) {
      const bool back = !prefix_mode && random_() % 3 == 0;
      for (int i = 0; i < kDbs; ++i) back ? it[i]->Prev() : it[i]->Next();
      valid = same(back ? "prev" : "next");
    }
    if (testing::Test::HasFailure()) return;
  }
  if (prefix_mode) return;
  // All of it, both ways.
  for (int i = 0; i < kDbs; ++i) it[i]->SeekToFirst();
  while (same("scan")) {
    for (int i = 0; i < kDbs; ++i) it[i]->Next();
  }
  for (int i = 0; i < kDbs; ++i) it[i]->SeekToLast();
  while (same("scan back")) {
    for (int i = 0; i < kDbs; ++i) it[i]->Prev();
  }
}

void Pair::Check() {
  // -1: now.
  const int snapshot =
      static_cast<int>(random_() % (twins_.snapshots() + 1)) - 1;
  CheckGets(snapshot);
  CheckIterators(snapshot);
}

class PartAgainstStock : public testing::TestWithParam<Shape> {};

TEST_P(PartAgainstStock, ReadsTheSame) {
  Pair pair(GetParam());
  for (int round = 0; round < 120; ++round) {
    for (int step = 0; step < 60; ++step) {
      pair.Step();
      if (HasFatalFailure()) return;
    }
    pair.Check();
    if (HasFailure()) FAIL() << "round " << round;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, PartAgainstStock,
    testing::Values(
        Shape{1, "", ""},
        Shape{2, "block_bytes=100;index_block_bytes=64;restart_interval=3", ""},
        Shape{3, "block_bytes=300;cache_bytes=0;filter_bits_per_key=0",
              "compression=kZSTD"},
        Shape{4,
              "block_bytes=500;cache_index_and_filter_blocks=true;"
              "cache_bytes=20K",
              "compression=kZSTD"},
        Shape{5, "prefix_compression=false", "allow_mmap_reads=true"},
        Shape{6, "block_bytes=200", "allow_mmap_reads=true;compression=kZSTD"},
        Shape{7, "",
              "max_open_files=2;compaction_style=kCompactionStyleUniversal",
              false, false},
        Shape{8, "block_bytes=128", "", true},
        Shape{9, "block_bytes=128;whole_key_filter=false", "", true},
        Shape{20, "block_bytes=1000", "", false, true, true},
        Shape{21, "block_bytes=300;restart_interval=2", "compression=kZSTD",
              false, true, true},
        Shape{22, "", "allow_mmap_reads=true", false, true, true},
        Shape{23, "block_bytes=2K;cache_bytes=0", "compression=kZSTD", true,
              true, true},
        Shape{24, "block_bytes=20K;cache_bytes=30K",
              "compaction_style=kCompactionStyleUniversal;"
              "compaction_readahead_size=64K",
              false, true, true},
        Shape{25, "block_bytes=500;split_blocks=false", "", false, true, true},
        Shape{10, "write_format=block_based", ""},
        Shape{11, "block_bytes=1000", "enable_blob_files=true;min_blob_size=50",
              false, false},
        Shape{12,
              "block_bytes=1000;cache_index_and_filter_blocks=true;"
              "pin_l0_filter_and_index_blocks_in_cache=false",
              "max_subcompactions=4;max_open_files=3", false, false}));

}  // namespace
}  // namespace varve
