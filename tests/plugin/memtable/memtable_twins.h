// Two databases with the same options and the same writes, one with Varve's
// memtable and one with RocksDB's skip list. Everything that can be read of
// them must be the same, down to sequence numbers and entry types.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/memtablerep.h"
#include "rocksdb/utilities/debug.h"
#include "rocksdb/utilities/optimistic_transaction_db.h"
#include "rocksdb/utilities/transaction_db.h"
#include "tests/temp_dir.h"

namespace varve {

enum class DbKind { kPlain, kPessimistic, kOptimistic };

class MemtableTwins {
 public:
  static constexpr int kDbs = 2;  // 0: Varve's memtable, 1: the skip list

  // `options` have a sample memtable.
  MemtableTwins(const rocksdb::Options& options, DbKind kind,
                rocksdb::TxnDBWritePolicy write_policy)
      : options_(options), kind_(kind) {
    options_.create_if_missing = true;
    transaction_options_.write_policy = write_policy;
    transaction_options_.transaction_lock_timeout = 0;
    transaction_options_.default_lock_timeout = 0;
    Open();
  }
  ~MemtableTwins() { Close(); }

  rocksdb::DB* db(int i) { return dbs_[i].get(); }
  std::string path(int i) const { return dir_ / ("db" + std::to_string(i)); }

  void Open() {
    for (int i = 0; i < kDbs; ++i) {
      rocksdb::Options options = options_;
      if (i == 1) {
        options.memtable_factory = std::make_shared<rocksdb::SkipListFactory>();
      }
      rocksdb::Status s;
      if (kind_ == DbKind::kPessimistic) {
        rocksdb::TransactionDB* db = nullptr;
        s = rocksdb::TransactionDB::Open(options, transaction_options_, path(i),
                                         &db);
        dbs_[i].reset(db);
      } else if (kind_ == DbKind::kOptimistic) {
        rocksdb::OptimisticTransactionDB* db = nullptr;
        s = rocksdb::OptimisticTransactionDB::Open(options, path(i), &db);
        dbs_[i].reset(db);
      } else {
        rocksdb::DB* db = nullptr;
        s = rocksdb::DB::Open(options, path(i), &db);
        dbs_[i].reset(db);
      }
      ASSERT_TRUE(s.ok()) << i << ": " << s.ToString();
    }
  }
  void Close() {
    for (int i = 0; i < kDbs; ++i) {
      held_[i].clear();
      // RocksDB asserts that what was prepared comes to an end.
      for (const auto& t : transactions_[i]) {
        t->Rollback().PermitUncheckedError();
      }
      transactions_[i].clear();
      for (const rocksdb::Snapshot* s : snapshots_[i]) {
        dbs_[i]->ReleaseSnapshot(s);
      }
      snapshots_[i].clear();
      dbs_[i].reset();
    }
  }

  // Does it to both, and expects one status.
  void On(const std::string& what,
          const std::function<rocksdb::Status(int, rocksdb::DB*)>& action) {
    const rocksdb::Status ours = action(0, db(0));
    const rocksdb::Status stock = action(1, db(1));
    ASSERT_EQ(stock.ToString(), ours.ToString()) << what;
  }

  void TakeSnapshot() {
    for (int i = 0; i < kDbs; ++i) {
      snapshots_[i].push_back(db(i)->GetSnapshot());
    }
  }
  // RocksDB's iterators look at their snapshot as long as they live.
  void ReleaseSnapshot(size_t which) {
    for (int i = 0; i < kDbs; ++i) {
      held_[i].clear();
      db(i)->ReleaseSnapshot(snapshots_[i][which]);
      snapshots_[i].erase(snapshots_[i].begin() + static_cast<long>(which));
    }
  }
  size_t snapshots() const { return snapshots_[0].size(); }
  // At the snapshot of that number; none of them: now.
  rocksdb::ReadOptions Read(int i, size_t which) const {
    rocksdb::ReadOptions read;
    if (which < snapshots()) read.snapshot = snapshots_[i][which];
    return read;
  }

  // Transactions that are open.
  void Begin() {
    for (int i = 0; i < kDbs; ++i) {
      transactions_[i].emplace_back(
          kind_ == DbKind::kPessimistic
              ? static_cast<rocksdb::TransactionDB*>(db(i))->BeginTransaction(
                    {}, {})
              : static_cast<rocksdb::OptimisticTransactionDB*>(db(i))
                    ->BeginTransaction({}, {}));
      transactions_[i].back()->SetSnapshot();
    }
  }
  size_t transactions() const { return transactions_[0].size(); }
  rocksdb::Transaction* transaction(int i, size_t which) {
    return transactions_[i][which].get();
  }
  void End(size_t which) {
    for (auto& all : transactions_) {
      all.erase(all.begin() + static_cast<long>(which));
    }
  }

  // Iterators that stay open while others write.
  void HoldIterator(const std::function<rocksdb::ReadOptions(int)>& read) {
    for (int i = 0; i < kDbs; ++i) {
      held_[i].emplace_back(db(i)->NewIterator(read(i)));
    }
  }
  size_t held() const { return held_[0].size(); }
  rocksdb::Iterator* held(int i, size_t which) { return held_[i][which].get(); }
  void LetGo(size_t which) {
    for (auto& all : held_) all.erase(all.begin() + static_cast<long>(which));
  }

  // Every entry of memtables and files, with its number and type.
  void ExpectSameEntries() {
    std::string texts[kDbs];
    for (int i = 0; i < kDbs; ++i) {
      std::vector<rocksdb::KeyVersion> entries;
      ASSERT_TRUE(rocksdb::GetAllKeyVersions(db(i), rocksdb::Slice(),
                                             rocksdb::Slice(), 1 << 20,
                                             &entries)
                      .ok());
      for (const auto& entry : entries) {
        texts[i] += rocksdb::Slice(entry.user_key).ToString(true) + "@" +
                    std::to_string(entry.sequence) + ":" +
                    std::to_string(entry.type) + "=" +
                    rocksdb::Slice(entry.value).ToString(true) + "\n";
      }
    }
    ASSERT_EQ(texts[1], texts[0]);
  }

 private:
  TempDir dir_;
  rocksdb::Options options_;
  const DbKind kind_;
  rocksdb::TransactionDBOptions transaction_options_;
  std::unique_ptr<rocksdb::DB> dbs_[kDbs];
  std::vector<const rocksdb::Snapshot*> snapshots_[kDbs];
  std::vector<std::unique_ptr<rocksdb::Transaction>> transactions_[kDbs];
  std::vector<std::unique_ptr<rocksdb::Iterator>> held_[kDbs];
};

}  // namespace varve
