// A listener of the database (listeners={id=VarveTierScheduler}). Writes one
// line into RocksDB's LOG for each flush and compaction that touched samples:
// what was merged, thinned and dropped.
//
// RocksDB makes and destroys extra listeners when it verifies an OPTIONS
// file: a constructor here starts nothing. One listener may serve several
// databases. Compactions that a program starts by DB::CompactFiles have no
// line: RocksDB 7.8 tells listeners nothing of them that leads to a LOG.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "compaction/counters.h"
#include "compaction/object_ids.h"
#include "rocksdb/listener.h"

namespace varve {

class TierScheduler : public rocksdb::EventListener {
 public:
  TierScheduler() = default;
  ~TierScheduler() override;

  static const char* kClassName() { return kTierSchedulerId; }
  const char* Name() const override { return kClassName(); }

  void OnFlushBegin(rocksdb::DB* db,
                    const rocksdb::FlushJobInfo& info) override;
  void OnFlushCompleted(rocksdb::DB* db,
                        const rocksdb::FlushJobInfo& info) override;
  void OnCompactionBegin(rocksdb::DB* db,
                         const rocksdb::CompactionJobInfo& info) override;
  void OnSubcompactionBegin(const rocksdb::SubcompactionJobInfo& info) override;
  void OnCompactionCompleted(rocksdb::DB* db,
                             const rocksdb::CompactionJobInfo& info) override;

 private:
  // RocksDB numbers jobs by database and tells a subcompaction's thread no
  // database: where databases that share a listener run jobs of one number at
  // one time, their lines may hold each other's work.
  std::shared_ptr<AtomicCounters> Begin(int job_id);
  Counters End(int job_id);

  std::mutex mutex_;
  std::map<int, std::shared_ptr<AtomicCounters>> jobs_;  // guarded by mutex_
};

}  // namespace varve
