// A column family while ageing works on it.
#pragma once

#include "compaction/policy_agreement.h"
#include "plugin/ageing/ageing_worker.h"
#include "rocksdb/compaction_filter.h"
#include "rocksdb/merge_operator.h"
#include "varve/ageing_report.h"

namespace varve {

struct AgeingWorker::Family {
  Family(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* handle)
      : cf(handle),
        options(db->GetOptions(handle)),
        live(FindLivePolicy(options.merge_operator.get())) {}

  // Whether there is anything to age, and RocksDB's compactions fit.
  bool Ages() const {
    return live != nullptr && policy().ageing && policy().ThinsOrDrops() &&
           FindLivePolicy(options.compaction_filter_factory.get()) != nullptr &&
           WhyNotAged(options).empty();
  }
  const Policy& policy() const { return live->Get(); }
  int64_t NowMs() const { return live->NowMs(); }
  int64_t SteadyMs() const { return live->SteadyMs(); }

  rocksdb::ColumnFamilyHandle* const cf;
  const rocksdb::Options options;
  const LivePolicy* const live;      // options hold its owner
  const AgeingPlan* plan = nullptr;  // whose job is at work
};

}  // namespace varve
