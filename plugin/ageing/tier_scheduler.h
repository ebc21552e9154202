// A listener of the database (listeners={id=VarveTierScheduler}). Writes one
// line into RocksDB's LOG for each flush and compaction that touched samples:
// what was merged, thinned and dropped.
//
// Ages the database: a thread of its own for each open database looks for
// work now and then (AgeingWorker). It starts at the first callback that
// brings a DB*, or by Attach of varve.h, and is joined while the database
// closes, before its handle of the default column family goes. RocksDB makes
// and destroys extra listeners when it verifies an OPTIONS file: a constructor
// here starts nothing. One listener may serve several databases. Read-only
// databases make no callbacks and are not attached.
//
// Options: see ageing_options.h. Compactions that a program starts by
// DB::CompactFiles have no line: RocksDB 7.8 tells listeners nothing of them
// that leads to a LOG.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "compaction/object_ids.h"
#include "plugin/ageing/ageing_options.h"
#include "plugin/ageing/ageing_worker.h"
#include "rocksdb/listener.h"
#include "varve/counters.h"

namespace varve {

class TierScheduler : public rocksdb::EventListener {
 public:
  TierScheduler();
  ~TierScheduler() override;

  static const char* kClassName() { return kTierSchedulerId; }
  const char* Name() const override { return kClassName(); }

  // The worker of a database; it is made, and its thread started, if there is
  // none. nullptr where memory or threads ran out, or the database closes.
  // REQUIRES: RootOf a database that is open for writing.
  std::shared_ptr<AgeingWorker> Attach(rocksdb::DB* root);

  // The same, nullptr if there is none.
  std::shared_ptr<AgeingWorker> Find(rocksdb::DB* root);

  const AgeingOptions& ageing_options() const { return ageing_; }

  void OnColumnFamilyHandleDeletionStarted(
      rocksdb::ColumnFamilyHandle* handle) override;
  void OnFlushBegin(rocksdb::DB* db,
                    const rocksdb::FlushJobInfo& info) override;
  void OnFlushCompleted(rocksdb::DB* db,
                        const rocksdb::FlushJobInfo& info) override;
  void OnCompactionBegin(rocksdb::DB* db,
                         const rocksdb::CompactionJobInfo& info) override;
  void OnSubcompactionBegin(const rocksdb::SubcompactionJobInfo& info) override;
  void OnCompactionCompleted(rocksdb::DB* db,
                             const rocksdb::CompactionJobInfo& info) override;
  void OnExternalFileIngested(
      rocksdb::DB* db, const rocksdb::ExternalFileIngestionInfo& info) override;

 private:
  static void RaiseSequence(rocksdb::DB* root);
  void LetGoOf(const rocksdb::ColumnFamilyHandle* dropped);

  // RocksDB numbers jobs by database and tells a subcompaction's thread no
  // database: where databases that share a listener run jobs of one number at
  // one time, their lines may hold each other's work.
  std::shared_ptr<AtomicCounters> Begin(int job_id);
  Counters End(int job_id);

  std::mutex mutex_;
  std::map<int, std::shared_ptr<AtomicCounters>> jobs_;  // guarded by mutex_
  std::map<rocksdb::DB*, std::shared_ptr<AgeingWorker>> workers_;  // as well
  AgeingOptions ageing_;
};

}  // namespace varve
