// The sample memtable by itself, beside RocksDB's skip list.
#include "plugin/memtable/sample_memtable.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "compaction/entry_reach.h"
#include "compaction/read_hint.h"
#include "format/row/row_key.h"
#include "rocksdb/convenience.h"
#include "tests/plugin/memtable/memtable_pair.h"

namespace varve {
namespace {

constexpr uint64_t kStartMs = 1'700'000'000'000;

#ifdef VARVE_SANITIZED
constexpr int kRounds = 15;
#else
constexpr int kRounds = 150;
#endif

// Entries of all kinds for few keys, and walks among them.
class RandomEntries {
 public:
  RandomEntries(uint64_t seed, const rocksdb::Comparator* comparator)
      : random_(seed),
        pair_(comparator, random_.OneIn(3)
                              ? memtable::RowsBegin::kAtThirdOperand
                              : memtable::RowsBegin::kAtOnce),
        timestamp_bytes_(comparator->timestamp_size()),
        key_count_(1 + random_.Below(12)),
        sample_percent_(random_.Pick<uint64_t>({0, 50, 90, 100})),
        concurrently_(random_.OneIn(2)),
        in_order_(comparator->CanKeysWithDifferentByteContentsBeEqual() ||
                  !random_.OneIn(4)) {}

  void Write(int count) {
    for (int i = 0; i < count && !testing::Test::HasFailure(); ++i) {
      WriteOne(Order::kAny);
    }
  }

  void Read() {
    const uint64_t visible =
        random_.OneIn(3) ? random_.Below(sequence_ + 2) : sequence_;
    PairedWalk walk(&pair_, visible);
    std::vector<std::pair<const char*, std::string>> pinned;
    for (int i = 0; i < 60 && !testing::Test::HasFailure(); ++i) {
      Step(&walk, visible);
      if (walk.Valid()) pinned.emplace_back(walk.our_entry(), walk.present());
      if (!random_.OneIn(6)) continue;
      WriteOne(Order::kNewest);
      walk.Note("write");
    }
    for (const auto& [entry, text] : pinned) {
      ASSERT_EQ(text, EntryText(entry)) << "not pinned";
    }
  }

  // The same, by a reader who lets go of what it has read.
  void ReadLettingGo() {
    PairedWalk walk(&pair_, sequence_);
    for (int i = 0; i < 60 && !testing::Test::HasFailure(); ++i) {
      const ReadHint hint(0, 0);
      Step(&walk, sequence_);
    }
  }

  void GetAll() {
    for (uint64_t k = 0; k <= key_count_; ++k) {
      pair_.ExpectSameGet(Key(k), random_.Below(sequence_ + 2),
                          1 + random_.Below(100));
      pair_.ExpectSameGet(Key(k), rocksdb::kMaxSequenceNumber, 1000);
    }
  }

  void WalkAll() {
    PairedWalk walk(&pair_, sequence_);
    for (walk.First(); walk.Valid() && !testing::Test::HasFailure();) {
      walk.Next();
    }
    for (walk.Last(); walk.Valid() && !testing::Test::HasFailure();) {
      walk.Prev();
    }
  }

  RandomSource& random() { return random_; }

 private:
  std::string Key(uint64_t k) {
    std::string key = "k" + std::to_string(k / 2);
    // For a comparator without case another key, or another spelling.
    if (k % 2 == 1) key[0] = 'K';
    if (timestamp_bytes_ > 0) {
      rocksdb::PutFixed64(&key, random_.Below(3));
    }
    return key;
  }

  std::string Value() {
    const uint64_t timestamp =
        random_.OneIn(20) ? random_.Bits()
                          : kStartMs + random_.Below(1'000'000'000) *
                                           (random_.OneIn(9) ? 1000 : 1);
    std::string value = PlainSample(timestamp, random_.Bits());
    switch (random_.Below(20)) {
      case 0:
        value[1] = '\2';
        break;
      case 1:
        value.resize(random_.Below(value.size()));
        break;
      case 2:
        value += PlainSample(timestamp, 1).substr(2);
        break;
      case 3:
        value = std::string(random_.Below(600), 'x');
        break;
      default:
        break;
    }
    return value;
  }

  // What RocksDB writes while somebody reads has a number of its own that no
  // reader sees yet.
  enum class Order { kNewest, kAny };

  void WriteOne(Order order) {
    static const std::vector<rocksdb::ValueType> kTypes = {
        rocksdb::kTypeValue,          rocksdb::kTypeDeletion,
        rocksdb::kTypeSingleDeletion, rocksdb::kTypeMerge,
        rocksdb::kTypeBlobIndex,      rocksdb::kTypeWideColumnEntity};
    const bool sample = random_.Below(100) < sample_percent_;
    const auto type = sample ? rocksdb::kTypeMerge : random_.Pick(kTypes);
    uint64_t sequence = ++sequence_;
    // Jumps as other column families' writes make them, or a second write at
    // the same number, or one that comes late.
    if (random_.OneIn(50)) sequence_ = sequence += uint64_t{1} << 33;
    if (order == Order::kAny) {
      if (random_.OneIn(8)) --sequence;
      if (!in_order_ && random_.OneIn(2)) {
        sequence -= random_.Below(sequence + 1);
      }
    }
    const std::string protection = random_.OneIn(30) ? "12345678" : "";
    pair_.Add(sequence, type, Key(random_.Below(key_count_)), Value(),
              concurrently_, protection);
  }

  void Step(PairedWalk* walk, uint64_t visible) {
    const uint64_t at = random_.OneIn(4) ? rocksdb::kMaxSequenceNumber
                                         : random_.Below(visible + 2);
    const std::string key = Key(random_.Below(key_count_ + 2));
    switch (random_.Below(12)) {
      case 0:
        return walk->First();
      case 1:
        return walk->Last();
      case 2:
      case 3:
        return walk->Seek(key, at);
      case 4:
        return walk->SeekForPrev(key, at);
      default:
        if (!walk->Valid()) return walk->Seek(key, at);
        return random_.OneIn(2) ? walk->Next() : walk->Prev();
    }
  }

  RandomSource random_;
  MemtablePair pair_;
  const size_t timestamp_bytes_;
  const uint64_t key_count_;
  const uint64_t sample_percent_;
  const bool concurrently_;
  const bool in_order_;
  uint64_t sequence_ = 0;
};

void RunRounds(const rocksdb::Comparator* comparator) {
  const uint64_t base = RandomSource::BaseSeed();
  for (int round = 0; round < kRounds; ++round) {
    RandomEntries entries(base + round, comparator);
    SCOPED_TRACE(entries.random().Trace());
    for (int i = 0; i < 6; ++i) {
      entries.Write(static_cast<int>(entries.random().Below(80)));
      entries.Read();
      entries.ReadLettingGo();
    }
    entries.GetAll();
    entries.WalkAll();
    if (testing::Test::HasFailure()) return;
  }
}

TEST(SampleMemtable, ShowsWhatTheSkipListShows) {
  RunRounds(rocksdb::BytewiseComparator());
}

TEST(SampleMemtable, ShowsTheSameInReverse) {
  RunRounds(rocksdb::ReverseBytewiseComparator());
}

TEST(SampleMemtable, ShowsTheSameWhereKeysOfOtherBytesAreEqual) {
  const CaselessComparator caseless;
  RunRounds(&caseless);
}

TEST(SampleMemtable, ShowsTheSameWithUserTimestamps) {
  const rocksdb::Comparator* comparator = nullptr;
  ASSERT_TRUE(rocksdb::Comparator::CreateFromString(
                  rocksdb::ConfigOptions(), "leveldb.BytewiseComparator.u64ts",
                  &comparator)
                  .ok());
  RunRounds(comparator);
}

// Entries as a reader was shown them, with what they said then.
class Shown {
 public:
  void Add(const char* entry) { shown_.emplace_back(entry, EntryText(entry)); }
  void ExpectSame() const {
    for (const auto& [entry, text] : shown_) EXPECT_EQ(text, EntryText(entry));
  }
  size_t size() const { return shown_.size(); }

 private:
  std::vector<std::pair<const char*, std::string>> shown_;
};

void FillRows(MemtablePair* pair, uint64_t rows, uint64_t samples) {
  uint64_t sequence = 0;
  for (uint64_t i = 0; i < samples; ++i) {
    for (uint64_t row = 0; row < rows; ++row) {
      ++sequence;
      ASSERT_TRUE(pair->Add(sequence, rocksdb::kTypeMerge,
                            "row" + std::to_string(row),
                            PlainSample(kStartMs + sequence, sequence)));
    }
  }
}

// RocksDB merges the operands of a row at the end of a call that may have
// passed many rows since: those that a DeleteRange covers. It then wrote the
// third row's entries over the first's.
TEST(SampleMemtable, ACallsEntriesStayUntilAnotherCallGoesOn) {
  constexpr uint64_t kRows = 9;
  constexpr uint64_t kSamples = 40;
  MemtablePair pair(rocksdb::BytewiseComparator());
  FillRows(&pair, kRows, kSamples);
  const std::unique_ptr<rocksdb::MemTableRep::Iterator> it(
      pair.ours().rep()->GetIterator(nullptr));
  // Rows end within calls, and one call seeks twice.
  Shown now;
  it->SeekToFirst();
  for (uint64_t call = 0; it->Valid() && call < 30; ++call) {
    const ReadHint hint(0, 0);
    now = Shown();
    now.Add(it->key());
    if (call == 7) {
      it->Seek(rocksdb::LookupKey("row3", 1).internal_key(), nullptr);
      now.Add(it->key());
      it->Seek(rocksdb::LookupKey("row5", 0).internal_key(), nullptr);
    }
    for (uint64_t i = 0; it->Valid() && i < 3 * kSamples; ++i, it->Next()) {
      now.Add(it->key());
    }
    now.ExpectSame();
  }
  EXPECT_FALSE(it->Valid());
}

// A Get merges what it found in memtables when its iterators are gone.
TEST(SampleMemtable, EntriesThatAHintedGetFoundStay) {
  MemtablePair pair(rocksdb::BytewiseComparator());
  FillRows(&pair, 3, 40);
  const ReadHint hint(0, 0);
  Shown shown;
  for (int row = 0; row < 3; ++row) {
    pair.ours().rep()->Get(
        rocksdb::LookupKey("row" + std::to_string(row), 1000), &shown,
        [](void* argument, const char* entry) {
          static_cast<Shown*>(argument)->Add(entry);
          return true;
        });
  }
  EXPECT_EQ(shown.size(), 3 * 40 + 2 * 40 + 40u);
  shown.ExpectSame();
}

// A Get under a hint is shown the operands that its merge would pick, and no
// others, whatever the order of their timestamps and whatever lies between.
TEST(SampleMemtable, AHintedGetIsShownWhatItsMergeWouldPick) {
  constexpr uint64_t kOperands = 3000;
  const uint64_t seed = RandomSource::BaseSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomSource random(seed);
  const RowShape shape;
  const auto day = static_cast<int64_t>(kStartMs) / kMillisPerDay;
  const int64_t start_ms = day * kMillisPerDay;
  std::string key;
  AppendRowKey(shape, "series", start_ms, &key);
  for (const std::string& row : {key, std::string("foreign")}) {
    MemtablePair pair(rocksdb::BytewiseComparator());
    RowReach reach(shape, row);
    for (uint64_t i = 1; i <= kOperands; ++i) {
      // In order, but for a few that come late.
      const uint64_t step = random.OneIn(40) ? random.Below(i) : i;
      std::string operand =
          PlainSample(static_cast<uint64_t>(start_ms) + step * 15'000, i);
      if (random.OneIn(500)) operand.resize(random.Below(operand.size()));
      pair.Add(i, random.OneIn(200) ? rocksdb::kTypeValue : rocksdb::kTypeMerge,
               row, operand);
      if (i % 20 != 0) continue;
      const int64_t from_ms =
          start_ms + static_cast<int64_t>(random.Below(kOperands)) * 15'000;
      const int64_t to_ms =
          from_ms + static_cast<int64_t>(random.Below(i)) * 15'000;
      pair.ExpectPickedGet(row, 1 + random.Below(i), {from_ms, to_ms}, shape,
                           &reach);
      if (HasFailure()) return;
    }
  }
}

// A row long enough for chunks of every size.
TEST(SampleMemtable, ALongRowIsReadFromAnywhere) {
  constexpr uint64_t kSamples = 3000;
  MemtablePair pair(rocksdb::BytewiseComparator());
  for (uint64_t i = 1; i <= kSamples; ++i) {
    ASSERT_TRUE(pair.Add(i, rocksdb::kTypeMerge, i % 3 == 0 ? "b" : "a",
                         PlainSample(kStartMs + i * 15'000, i)));
  }
  PairedWalk walk(&pair, kSamples);
  for (uint64_t i = 1; i <= kSamples; ++i) {
    walk.Seek("a", i * 7 % kSamples);
    walk.SeekForPrev("b", i * 11 % kSamples);
  }
  for (walk.First(); walk.Valid(); walk.Next()) {
  }
  for (walk.Last(); walk.Valid(); walk.Prev()) {
  }
  pair.ExpectSameGet("a", kSamples, kSamples);
}

TEST(SampleMemtable, TakesHalfOfTheSkipListsMemory) {
  MemtablePair pair(rocksdb::BytewiseComparator());
  uint64_t sequence = 0;
  for (uint64_t i = 0; i < 200; ++i) {
    for (uint64_t series = 0; series < 200; ++series) {
      char key[31];
      snprintf(key, sizeof(key), "a series' name, and so on %04d",
               static_cast<int>(series));
      ASSERT_TRUE(pair.ours().Add(++sequence, rocksdb::kTypeMerge, key,
                                  PlainSample(kStartMs + i * 15'000, i),
                                  /*concurrently=*/false));
      ASSERT_TRUE(pair.stock().Add(sequence, rocksdb::kTypeMerge, key,
                                   PlainSample(kStartMs + i * 15'000, i),
                                   /*concurrently=*/false));
    }
  }
  const double ours =
      static_cast<double>(pair.ours().arena().ApproximateMemoryUsage() +
                          pair.ours().rep()->ApproximateMemoryUsage());
  // 18 of the operand and 3 of its record, with room and the row's own.
  EXPECT_LT(ours / 40'000, 30);
  EXPECT_LT(ours * 2,
            static_cast<double>(pair.stock().arena().ApproximateMemoryUsage()));
}

// A series that wrote once took 170 bytes of a row, and 66 in the skip list.
TEST(SampleMemtable, KeysThatAreHardlyWrittenTakeWhatTheSkipListTakes) {
  SampleMemtableFactory factory;
  rocksdb::SkipListFactory skip_list_factory;
  uint64_t sequence = 0;
  const auto fill = [&](rocksdb::MemTableRepFactory* by, int operands) {
    BareMemtable memtable(by, rocksdb::BytewiseComparator());
    for (int i = 0; i < operands; ++i) {
      for (uint64_t series = 0; series < 2'000; ++series) {
        char key[40];
        snprintf(key, sizeof(key), "a series' name, and so on %05d",
                 static_cast<int>(series));
        EXPECT_TRUE(memtable.Add(++sequence, rocksdb::kTypeMerge, key,
                                 PlainSample(kStartMs, series),
                                 /*concurrently=*/false));
      }
    }
    memtable.rep()->MarkReadOnly();
    return static_cast<double>(memtable.arena().ApproximateMemoryUsage());
  };
  for (int operands = 1; operands <= 2; ++operands) {
    EXPECT_LT(fill(&factory, operands),
              1.1 * fill(&skip_list_factory, operands));
  }
  // What it has learnt is what it does.
  const double unlearnt = fill(&factory, 10);
  EXPECT_LT(fill(&factory, 10), 0.8 * unlearnt);
  EXPECT_LT(fill(&factory, 10), 0.6 * fill(&skip_list_factory, 10));
  EXPECT_LT(fill(&factory, 1), 6 * fill(&skip_list_factory, 1));
  EXPECT_LT(fill(&factory, 1), 1.1 * fill(&skip_list_factory, 1));
}

// RocksDB remembers hints by a prefix that points into the first entry's
// buffer: an entry composed elsewhere left it pointing at other bytes, and the
// next lookup ended the process.
TEST(SampleMemtable, TheBufferOfAHintedEntryStays) {
  BareMemtable memtable(
      std::make_unique<SampleMemtableFactory>(memtable::RowsBegin::kAtOnce)
          .get(),
      rocksdb::BytewiseComparator());
  std::vector<std::pair<const char*, std::string>> buffers;
  void* hint = nullptr;
  for (uint64_t i = 1; i <= 3; ++i) {
    std::string entry;
    rocksdb::PutVarint32(&entry, 3 + 8);
    entry += "key";
    rocksdb::PutFixed64(&entry,
                        rocksdb::PackSequenceAndType(i, rocksdb::kTypeMerge));
    rocksdb::PutVarint32(&entry, 18);
    entry += PlainSample(i, i);
    char* buffer = nullptr;
    const rocksdb::KeyHandle handle =
        memtable.rep()->Allocate(entry.size(), &buffer);
    memcpy(buffer, entry.data(), entry.size());
    buffers.emplace_back(buffer, entry);
    ASSERT_TRUE(memtable.rep()->InsertKeyWithHint(handle, &hint));
  }
  for (const auto& [buffer, entry] : buffers) {
    EXPECT_EQ(entry, std::string(buffer, entry.size()));
  }
}

TEST(SampleMemtable, ThreadsThatWriteToTheSameRowsLoseNothing) {
  constexpr uint64_t kThreads = 4;
  constexpr uint64_t kSamples = 3000;  // a thread
  MemtablePair pair(rocksdb::BytewiseComparator());
  const auto add = [&](BareMemtable* memtable, uint64_t sequence) {
    const bool sample = sequence % 17 != 0;
    return memtable->Add(
        sequence, sample ? rocksdb::kTypeMerge : rocksdb::kTypeValue,
        "key" + std::to_string(sequence / kThreads % 50),
        PlainSample(kStartMs + sequence, sequence), /*concurrently=*/true);
  };
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t i = 0; i < kSamples; ++i) {
        EXPECT_TRUE(add(&pair.ours(), 1 + t + i * kThreads));
      }
    });
  }
  // A reader meanwhile, whose every step goes forward.
  threads.emplace_back([&] {
    for (int i = 0; i < 20; ++i) {
      const std::unique_ptr<rocksdb::MemTableRep::Iterator> it(
          pair.ours().rep()->GetIterator(nullptr));
      std::string before;
      uint64_t sequence = 0;
      for (it->SeekToFirst(); it->Valid(); it->Next()) {
        const rocksdb::Slice key =
            rocksdb::ExtractUserKey(rocksdb::GetLengthPrefixedSlice(it->key()));
        if (key != before) {
          EXPECT_LT(before, key.ToString());
        } else {
          EXPECT_LT(EntrySequence(it->key()), sequence);
        }
        before = key.ToString();
        sequence = EntrySequence(it->key());
      }
    }
  });
  for (std::thread& thread : threads) thread.join();
  for (uint64_t i = 1; i <= kThreads * kSamples; ++i) add(&pair.stock(), i);
  PairedWalk walk(&pair, kThreads * kSamples);
  for (walk.First(); walk.Valid(); walk.Next()) {
  }
}

}  // namespace
}  // namespace varve
