// Databases on the sample memtable and on the skip list, with whatever options
// and writes RocksDB has for a memtable, show the same.
#include "tests/plugin/memtable/memtable_twins.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "plugin/memtable/sample_memtable_factory.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/sst_file_writer.h"
#include "tests/random_source.h"
#include "varve/varve.h"

namespace varve {
namespace {

using rocksdb::DB;
using rocksdb::Status;
using rocksdb::WriteBatch;

#ifdef VARVE_SANITIZED
constexpr int kRounds = 10;
constexpr bool kDrawsEverything = false;
#else
constexpr int kRounds = 60;
constexpr bool kDrawsEverything = true;
#endif

// What was drawn, so that a test can say that all of it was.
std::map<std::string, uint64_t>& Drawn() {
  static std::map<std::string, uint64_t> drawn;
  return drawn;
}

class Draw {
 public:
  explicit Draw(RandomSource* random) : random_(*random) {}

  bool Flag(const std::string& name, uint64_t one_in) {
    const bool set = random_.OneIn(one_in);
    Drawn()[name] += set;
    return set;
  }

  DbKind Kind() {
    static const char* const kNames[] = {"plain", "pessimistic", "optimistic"};
    const uint64_t kind = random_.Below(3);
    ++Drawn()[kNames[kind]];
    return static_cast<DbKind>(kind);
  }

  rocksdb::Options Options(DbKind kind) {
    rocksdb::Options options;
    if (Flag("varve", 2)) {
      varve::Options varve_options;
      EXPECT_TRUE(ConfigureColumnFamily(varve_options, &options).ok());
    } else {
      EXPECT_TRUE(
          rocksdb::MergeOperator::CreateFromString(
              rocksdb::ConfigOptions(), "stringappend", &options.merge_operator)
              .ok());
    }
    // They would come at other moments in either.
    options.disable_auto_compactions = true;
    options.write_buffer_size = 1 << 20;
    options.arena_block_size = random_.Pick<size_t>({0, 4096, 1 << 16});
    // It wants concurrent writes, and no pipeline.
    options.unordered_write = kind == DbKind::kPlain && Flag("unordered", 3);
    const bool any = !options.unordered_write;
    options.allow_concurrent_memtable_write = !(any && Flag("one writer", 3));
    if (Flag("prefix", 2)) {
      options.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(2));
      if (Flag("prefix bloom", 2))
        options.memtable_prefix_bloom_size_ratio = .1;
    }
    if (Flag("whole key bloom", 3)) {
      options.memtable_prefix_bloom_size_ratio = .1;
      options.memtable_whole_key_filtering = true;
    }
    if (any && Flag("insert hints", 4)) {
      options.memtable_insert_with_hint_prefix_extractor.reset(
          rocksdb::NewFixedPrefixTransform(2));
      options.allow_concurrent_memtable_write = false;
    }
    if (Flag("protection bytes", 4)) {
      options.memtable_protection_bytes_per_key =
          random_.Pick<uint32_t>({1, 2, 4, 8});
    }
    if (any && kind == DbKind::kPlain && Flag("in place", 4)) {
      options.inplace_update_support = true;
      options.allow_concurrent_memtable_write = false;
    }
    if (any && Flag("successive merges", 4)) {
      options.max_successive_merges = 1 + random_.Below(5);
      options.allow_concurrent_memtable_write = false;
    }
    options.enable_pipelined_write = any && Flag("pipelined", 4);
    options.avoid_flush_during_recovery = Flag("no flush in recovery", 2);
    options.avoid_flush_during_shutdown = true;
    options.atomic_flush =
        !options.enable_pipelined_write && Flag("atomic flush", 4);
    if (kind == DbKind::kPessimistic && !options.enable_pipelined_write) {
      options.two_write_queues = Flag("two queues", 2);
    }
    if (Flag("mempurge", 6)) options.experimental_mempurge_threshold = 1.0;
    options.memtable_factory = Flag("rows at once", 2)
                                   ? std::make_shared<SampleMemtableFactory>(
                                         memtable::RowsBegin::kAtOnce)
                                   : std::make_shared<SampleMemtableFactory>();
    options.paranoid_file_checks = true;
    options.max_write_buffer_number = 4;
    return options;
  }

  rocksdb::TxnDBWritePolicy WritePolicy(const rocksdb::Options& options) {
    if (options.enable_pipelined_write) return rocksdb::WRITE_COMMITTED;
    static const char* const kNames[] = {"committed", "prepared", "unprepared"};
    const uint64_t policy = random_.Below(3);
    ++Drawn()[kNames[policy]];
    return static_cast<rocksdb::TxnDBWritePolicy>(policy);
  }

 private:
  RandomSource& random_;
};

class TwinSequence {
 public:
  explicit TwinSequence(uint64_t seed)
      : random_(seed),
        draw_(&random_),
        kind_(draw_.Kind()),
        options_(draw_.Options(kind_)),
        in_place_(options_.inplace_update_support),
        // TransactionDB refuses them. RocksDB 7.8 has one map of hints for
        // points and range deletions, and ends the process on its skip list.
        deletes_ranges_(kind_ != DbKind::kPessimistic &&
                        options_.memtable_insert_with_hint_prefix_extractor ==
                            nullptr),
        twins_(options_, kind_, draw_.WritePolicy(options_)) {}

  const RandomSource& random() const { return random_; }

  void Run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) Step();
    if (testing::Test::HasFailure()) return;
    ReadAll(twins_.snapshots());
    twins_.ExpectSameEntries();
  }

 private:
  // Rows of one series and of another, and keys that are none.
  std::string Key() {
    const uint64_t k = random_.Below(14);
    std::string key;
    if (k < 8) {
      RowShape shape;
      EXPECT_TRUE(
          EncodeRowKey(shape, "series " + std::to_string(k / 3),
                       kTestNowMs + static_cast<int64_t>(k % 3) * kMillisPerDay,
                       &key)
              .ok());
      return key;
    }
    return "key " + std::to_string(k);
  }

  std::string Value() {
    switch (random_.Below(12)) {
      case 0:
        return std::string(random_.Below(3000), 'v');
      case 1:
        return "";
      default: {
        // A plain block of a sample or of some.
        std::string value("\xa7\x01", 2);
        for (uint64_t i = 1 + random_.Below(2) * random_.Below(20); i > 0;
             --i) {
          const uint64_t time =
              static_cast<uint64_t>(kTestNowMs) + random_.Below(90'000'000);
          const uint64_t bits = random_.Bits();
          value.append(reinterpret_cast<const char*>(&time), 8);
          value.append(reinterpret_cast<const char*>(&bits), 8);
        }
        return value;
      }
    }
  }

  // Into anything that has a batch's functions.
  template <typename Batch>
  Status WriteTo(Batch* batch, uint64_t what, const std::string& key,
                 const std::string& value) {
    switch (what) {
      case 0:
      case 1:
        return batch->Put(key, value);
      case 2:
        return batch->Delete(key);
      default:
        return batch->Merge(key, value);
    }
  }

  void WriteBatchOf(uint64_t count) {
    WriteBatch batch;
    for (; count > 0; --count) {
      const std::string key = Key(), other = Key();
      if (deletes_ranges_ && random_.OneIn(40)) {
        EXPECT_TRUE(
            batch.DeleteRange(std::min(key, other), std::max(key, other)).ok());
      } else if (random_.OneIn(40)) {
        EXPECT_TRUE(batch.SingleDelete("single").ok());
        EXPECT_TRUE(batch.Put("single", Value()).ok());
      } else {
        EXPECT_TRUE(
            WriteTo(&batch, random_.Below(in_place_ ? 12 : 20), key, Value())
                .ok());
      }
    }
    rocksdb::WriteOptions write;
    // The same with a batch's hints.
    write.memtable_insert_hint_per_batch =
        !batch.HasDeleteRange() && random_.OneIn(3);
    twins_.On("write", [&](int, DB* db) {
      WriteBatch copy(batch);
      return db->Write(write, &copy);
    });
  }

  void Transact() {
    if (kind_ == DbKind::kPlain) return WriteBatchOf(1);
    if (twins_.transactions() < 2) twins_.Begin();
    const size_t which = random_.Below(twins_.transactions());
    const std::string key = Key(), value = Value();
    const uint64_t what = random_.Below(14);
    twins_.On("transaction", [&](int i, DB*) -> Status {
      rocksdb::Transaction* const t = twins_.transaction(i, which);
      if (what == 10) return t->Rollback();
      if (what == 11 && kind_ == DbKind::kPessimistic) {
        const Status s = t->SetName("t" + std::to_string(name_));
        return s.ok() ? t->Prepare() : s;
      }
      if (what >= 11) return t->Commit();
      if (what == 9) {
        std::string got;
        const Status s = t->GetForUpdate({}, key, &got);
        return s.ok() ? Status::NotFound(got) : s;
      }
      return WriteTo(t, what, key, value);
    });
    if (what == 11) ++name_;
    if (what == 10 || what > 11 ||
        (what == 11 && kind_ == DbKind::kOptimistic)) {
      twins_.End(which);
    }
  }

  void Ingest() {
    const std::string a = Key(), b = Key(), value = Value();
    twins_.On("ingest", [&](int i, DB* db) -> Status {
      const std::string file = twins_.path(i) + "-file";
      rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), db->GetOptions());
      Status s = writer.Open(file);
      if (s.ok()) s = writer.Put(std::min(a, b), value);
      if (s.ok() && a != b) s = writer.Merge(std::max(a, b), value);
      if (s.ok()) s = writer.Finish();
      return s.ok() ? db->IngestExternalFile({file}, {}) : s;
    });
  }

  void Step() {
    const uint64_t what = random_.Below(100);
    if (what < 60) return WriteBatchOf(1 + random_.Below(20));
    if (what < 75) return Transact();
    if (what < 79) return twins_.TakeSnapshot();
    if (what < 81) {
      if (twins_.snapshots() == 0) return;
      return twins_.ReleaseSnapshot(random_.Below(twins_.snapshots()));
    }
    if (what < 83) {
      return twins_.On("flush", [](int, DB* db) { return db->Flush({}); });
    }
    if (what < 84 && random_.OneIn(2)) {
      return twins_.On("compact", [](int, DB* db) {
        return db->CompactRange({}, nullptr, nullptr);
      });
    }
    if (what < 84 && !in_place_) return Ingest();
    if (what < 85) {
      twins_.Close();
      return twins_.Open();
    }
    // In place updates change what iterators point to.
    if (what < 92 && !in_place_) return WalkHeld();
    if (what < 96) twins_.ExpectSameEntries();
    if (what < 98) ReadAll(random_.Below(twins_.snapshots() + 1));
  }

  rocksdb::ReadOptions DrawnRead(int i, size_t snapshot, uint64_t bits) {
    rocksdb::ReadOptions read = twins_.Read(i, snapshot);
    read.pin_data = bits % 2 == 1;
    read.total_order_seek = bits / 2 % 2 == 1;
    read.prefix_same_as_start = !read.total_order_seek && bits / 4 % 4 == 0;
    return read;
  }

  void WalkHeld() {
    if (twins_.held() < 3) {
      const size_t snapshot = random_.Below(twins_.snapshots() + 1);
      const uint64_t bits = random_.Bits();
      twins_.HoldIterator(
          [&](int i) { return DrawnRead(i, snapshot, bits | 2); });
    }
    const size_t which = random_.Below(twins_.held());
    for (uint64_t i = random_.Below(12); i > 0; --i) {
      Walk(twins_.held(0, which), twins_.held(1, which), kEveryWay);
    }
    if (random_.OneIn(4)) twins_.LetGo(which);
  }

  static constexpr uint64_t kEveryWay = 7;
  static constexpr uint64_t kForward = 5;  // prefix seeks go nowhere else

  void Walk(rocksdb::Iterator* ours, rocksdb::Iterator* stock, uint64_t ways) {
    const uint64_t way = stock->Valid() ? random_.Below(ways) : 3;
    const std::string key = Key();
    for (rocksdb::Iterator* it : {ours, stock}) {
      switch (way) {
        case 3:
        case 4:
          it->Seek(key);
          break;
        case 5:
          it->SeekForPrev(key);
          break;
        case 6:
          it->Prev();
          break;
        default:
          it->Next();
      }
    }
    ExpectSamePlace(ours, stock);
  }

  static void ExpectSamePlace(rocksdb::Iterator* ours,
                              rocksdb::Iterator* stock) {
    ASSERT_EQ(stock->status().ToString(), ours->status().ToString());
    ASSERT_EQ(stock->Valid(), ours->Valid());
    if (!stock->Valid()) return;
    ASSERT_EQ(stock->key().ToString(true), ours->key().ToString(true));
    ASSERT_EQ(stock->value().ToString(true), ours->value().ToString(true));
  }

  // `snapshot` as Read has it.
  void ReadAll(size_t snapshot) {
    const uint64_t bits = random_.Bits();
    std::unique_ptr<rocksdb::Iterator> its[2];
    for (int i = 0; i < 2; ++i) {
      its[i].reset(twins_.db(i)->NewIterator(DrawnRead(i, snapshot, bits | 2)));
    }
    rocksdb::Iterator *const ours = its[0].get(), *const stock = its[1].get();
    std::vector<std::pair<rocksdb::Slice, std::string>> pinned;
    ours->SeekToFirst();
    for (stock->SeekToFirst(); stock->Valid(); stock->Next(), ours->Next()) {
      ASSERT_NO_FATAL_FAILURE(ExpectSamePlace(ours, stock));
      std::string is_pinned;
      if (ours->GetProperty("rocksdb.iterator.is-key-pinned", &is_pinned)
              .ok() &&
          is_pinned == "1") {
        pinned.emplace_back(ours->key(), ours->key().ToString());
      }
    }
    ASSERT_NO_FATAL_FAILURE(ExpectSamePlace(ours, stock));
    // RocksDB asserts that values stay where they are when it goes backward.
    const bool backward = !in_place_;
    if (backward) {
      ours->SeekToLast();
      stock->SeekToLast();
    }
    for (; backward && stock->Valid(); stock->Prev(), ours->Prev()) {
      ASSERT_NO_FATAL_FAILURE(ExpectSamePlace(ours, stock));
    }
    for (int i = 0; i < 20; ++i) {
      ASSERT_NO_FATAL_FAILURE(
          Walk(ours, stock, backward ? kEveryWay : kForward));
    }
    for (const auto& [slice, text] : pinned) ASSERT_EQ(text, slice);
    for (int i = 0; i < 2; ++i) {
      its[i].reset(twins_.db(i)->NewIterator(DrawnRead(i, snapshot, bits)));
    }
    for (int i = 0; i < 20; ++i) {
      ASSERT_NO_FATAL_FAILURE(Walk(its[0].get(), its[1].get(), kForward));
    }
    for (int i = 0; i < 12; ++i) GetOne(snapshot);
  }

  void GetOne(size_t snapshot) {
    const std::string key = Key(), other = Key();
    std::string texts[2];
    for (int i = 0; i < 2; ++i) {
      DB* const db = twins_.db(i);
      const rocksdb::ReadOptions read = twins_.Read(i, snapshot);
      std::string value;
      texts[i] = db->Get(read, key, &value).ToString() + value;
      std::vector<std::string> values;
      for (const Status& s :
           db->MultiGet(read, {key, other, "none"}, &values)) {
        texts[i] += s.ToString();
      }
      for (const std::string& each : values) texts[i] += each + ",";
      // In place of operands that it has not read, it says how many there are.
      std::vector<rocksdb::PinnableSlice> operands(5000);
      rocksdb::GetMergeOperandsOptions most;
      most.expected_max_number_of_operands = 5000;
      int count = 0;
      texts[i] += db->GetMergeOperands(read, db->DefaultColumnFamily(), key,
                                       operands.data(), &most, &count)
                      .ToString();
      for (int o = 0; o < count; ++o) texts[i] += operands[o].ToString() + ";";
      texts[i] += db->KeyMayExist(read, key, &value) ? "may" : "not";
    }
    ASSERT_EQ(texts[1], texts[0]);
  }

  RandomSource random_;
  Draw draw_;
  const DbKind kind_;
  const rocksdb::Options options_;
  const bool in_place_;
  const bool deletes_ranges_;
  MemtableTwins twins_;
  uint64_t name_ = 0;
};

TEST(SampleMemtableTwins, ShowTheSameWhateverIsWrittenAndRead) {
  const uint64_t base = RandomSource::BaseSeed();
  for (int round = 0; round < kRounds; ++round) {
    TwinSequence sequence(base + static_cast<uint64_t>(round));
    SCOPED_TRACE(sequence.random().Trace());
    sequence.Run(120);
    if (testing::Test::HasFailure()) return;
  }
  if (base != 1 || !kDrawsEverything) return;
  for (const auto& [name, times] : Drawn()) EXPECT_GT(times, 0) << name;
}

}  // namespace
}  // namespace varve
