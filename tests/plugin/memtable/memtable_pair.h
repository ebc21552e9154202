// A sample memtable and RocksDB's skip list, given the same entries, and walks
// over both that must show the same.
#pragma once

#include <gtest/gtest.h>

#include <cctype>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compaction/entry_reach.h"
#include "compaction/read_hint.h"
#include "plugin/host/rocksdb_internals.h"
#include "plugin/memtable/sample_memtable_factory.h"
#include "rocksdb/comparator.h"
#include "rocksdb/memtablerep.h"
#include "tests/random_source.h"

namespace varve {

// Calls keys equal whose bytes differ.
class CaselessComparator : public rocksdb::Comparator {
 public:
  const char* Name() const override { return "caseless"; }
  int Compare(const rocksdb::Slice& a, const rocksdb::Slice& b) const override {
    return rocksdb::Slice(Lower(a)).compare(Lower(b));
  }
  bool CanKeysWithDifferentByteContentsBeEqual() const override { return true; }
  void FindShortestSeparator(std::string*,
                             const rocksdb::Slice&) const override {}
  void FindShortSuccessor(std::string*) const override {}

 private:
  static std::string Lower(const rocksdb::Slice& key) {
    std::string lower = key.ToString();
    for (char& c : lower) c = static_cast<char>(tolower(c));
    return lower;
  }
};

// One memtable of a kind, with an arena of its own.
class BareMemtable {
 public:
  BareMemtable(rocksdb::MemTableRepFactory* factory,
               const rocksdb::Comparator* comparator)
      : comparator_(rocksdb::InternalKeyComparator(comparator)),
        rep_(factory->CreateMemTableRep(comparator_, &arena_, nullptr,
                                        nullptr)) {}

  rocksdb::MemTableRep* rep() { return rep_.get(); }
  const rocksdb::ConcurrentArena& arena() const { return arena_; }

  // As MemTable::Add does it. False: the key and sequence number are there.
  bool Add(uint64_t sequence, rocksdb::ValueType type, const std::string& key,
           const std::string& value, bool concurrently,
           const std::string& protection = "") {
    std::string entry;
    rocksdb::PutVarint32(&entry, static_cast<uint32_t>(key.size() + 8));
    entry += key;
    rocksdb::PutFixed64(&entry, rocksdb::PackSequenceAndType(sequence, type));
    rocksdb::PutVarint32(&entry, static_cast<uint32_t>(value.size()));
    entry += value + protection;
    char* buffer = nullptr;
    const rocksdb::KeyHandle handle = rep_->Allocate(entry.size(), &buffer);
    memcpy(buffer, entry.data(), entry.size());
    return concurrently ? rep_->InsertKeyConcurrently(handle)
                        : rep_->InsertKey(handle);
  }

 private:
  rocksdb::ConcurrentArena arena_;
  const rocksdb::MemTable::KeyComparator comparator_;
  const std::unique_ptr<rocksdb::MemTableRep> rep_;
};

inline std::string EntryText(const char* entry) {
  const rocksdb::Slice key = rocksdb::GetLengthPrefixedSlice(entry);
  const rocksdb::Slice value =
      rocksdb::GetLengthPrefixedSlice(key.data() + key.size());
  return std::string(entry, value.data() + value.size() - entry);
}

inline uint64_t EntrySequence(const char* entry) {
  return rocksdb::GetInternalKeySeqno(rocksdb::GetLengthPrefixedSlice(entry));
}

inline std::string PlainSample(uint64_t timestamp, uint64_t value_bits) {
  std::string plain("\xa7\x01", 2);
  rocksdb::PutFixed64(&plain, timestamp);
  rocksdb::PutFixed64(&plain, value_bits);
  return plain;
}

class MemtablePair {
 public:
  static constexpr int kMemtables = 2;  // 0: Varve's, 1: the skip list

  explicit MemtablePair(
      const rocksdb::Comparator* comparator,
      memtable::RowsBegin rows_begin = memtable::RowsBegin::kAtOnce)
      : sample_factory_(rows_begin),
        memtables_{{&sample_factory_, comparator},
                   {&skip_list_factory_, comparator}} {}

  BareMemtable& ours() { return memtables_[0]; }
  BareMemtable& stock() { return memtables_[1]; }

  bool Add(uint64_t sequence, rocksdb::ValueType type, const std::string& key,
           const std::string& value, bool concurrently = false,
           const std::string& protection = "") {
    bool added[kMemtables];
    for (int i = 0; i < kMemtables; ++i) {
      added[i] = memtables_[i].Add(sequence, type, key, value, concurrently,
                                   protection);
    }
    EXPECT_EQ(added[1], added[0]) << key << " " << sequence;
    return added[1];
  }

  // What a Get at that sequence number is shown, up to `most` entries.
  void ExpectSameGet(const std::string& key, uint64_t sequence, size_t most) {
    EXPECT_EQ(Shown(&stock(), key, sequence, most),
              Shown(&ours(), key, sequence, most))
        << key << " " << sequence;
  }

  // The same under a hint: ours is shown those merges only that meet it.
  void ExpectPickedGet(const std::string& key, uint64_t sequence,
                       const std::pair<int64_t, int64_t>& range_ms,
                       const RowShape& shape, RowReach* reach) {
    std::vector<std::string> picked;
    for (const std::string& text : Shown(&stock(), key, sequence, SIZE_MAX)) {
      const rocksdb::Slice internal_key =
          rocksdb::GetLengthPrefixedSlice(text.data());
      const rocksdb::Slice value = rocksdb::GetLengthPrefixedSlice(
          internal_key.data() + internal_key.size());
      if (rocksdb::ExtractValueType(internal_key) != rocksdb::kTypeMerge ||
          reach->OfOperand(value).Meets(range_ms.first, range_ms.second)) {
        picked.push_back(text);
      }
    }
    const ReadHint hint(range_ms.first, range_ms.second, &shape);
    EXPECT_EQ(picked, Shown(&ours(), key, sequence, SIZE_MAX))
        << key << " " << sequence;
  }

 private:
  static std::vector<std::string> Shown(BareMemtable* memtable,
                                        const std::string& key,
                                        uint64_t sequence, size_t most) {
    std::vector<std::string> shown;
    std::pair<std::vector<std::string>*, size_t> call(&shown, most);
    memtable->rep()->Get(rocksdb::LookupKey(key, sequence), &call,
                         [](void* argument, const char* entry) {
                           auto* const into =
                               static_cast<decltype(call)*>(argument);
                           into->first->push_back(EntryText(entry));
                           return into->first->size() < into->second;
                         });
    return shown;
  }

  SampleMemtableFactory sample_factory_;
  rocksdb::SkipListFactory skip_list_factory_;
  BareMemtable memtables_[kMemtables];
};

// Iterators over both that go the same way. Entries newer than `visible` are
// passed over: they may have been written since, and then either memtable may
// show them or not.
class PairedWalk {
 public:
  PairedWalk(MemtablePair* pair, uint64_t visible) : visible_(visible) {
    walks_[0].reset(pair->ours().rep()->GetIterator(nullptr));
    walks_[1].reset(pair->stock().rep()->GetIterator(nullptr));
  }

  // A write among the steps.
  void Note(const std::string& what) { path_ += " " + what; }

  bool Valid() const { return walks_[1]->Valid(); }
  std::string present() const { return EntryText(walks_[1]->key()); }
  const char* our_entry() const { return walks_[0]->key(); }

  void First() {
    path_ += " [";
    Both([](auto* it) { it->SeekToFirst(); }, kForward);
  }
  void Last() {
    path_ += " ]";
    Both([](auto* it) { it->SeekToLast(); }, kBackward);
  }
  void Next() {
    path_ += " >";
    Both([](auto* it) { it->Next(); }, kForward);
  }
  void Prev() {
    path_ += " <";
    Both([](auto* it) { it->Prev(); }, kBackward);
  }
  void Seek(const std::string& key, uint64_t sequence) {
    path_ += " +" + key + "@" + std::to_string(sequence);
    const rocksdb::LookupKey target(key, sequence);
    Both([&](auto* it) { it->Seek(target.internal_key(), nullptr); }, kForward);
  }
  void SeekForPrev(const std::string& key, uint64_t sequence) {
    path_ += " -" + key + "@" + std::to_string(sequence);
    const rocksdb::LookupKey target(key, sequence);
    Both(
        [&](auto* it) {
          it->SeekForPrev(target.internal_key(), target.memtable_key().data());
        },
        kBackward);
  }

 private:
  enum Direction { kForward, kBackward };

  template <typename Step>
  void Both(const Step& step, Direction direction) {
    for (auto& it : walks_) {
      step(it.get());
      while (it->Valid() && EntrySequence(it->key()) > visible_) {
        direction == kForward ? it->Next() : it->Prev();
      }
    }
    ASSERT_EQ(walks_[1]->Valid(), walks_[0]->Valid()) << path_;
    if (!Valid()) return;
    ASSERT_EQ(EntryText(walks_[1]->key()), EntryText(walks_[0]->key()))
        << path_;
    path_ += "=" + std::to_string(EntrySequence(walks_[0]->key()));
  }

  const uint64_t visible_;
  std::string path_;  // for whom it may concern
  std::unique_ptr<rocksdb::MemTableRep::Iterator> walks_[2];
};

}  // namespace varve
