// The compaction filter of a series index's column family: takes dead ids out
// of every value and operand that a compaction meets, and removes days past
// retention. Keeps what it cannot decode.
//
// Options, as durations: retention_period (0: days are kept for ever, the
// default) and safety_lag (1h). Both are fixed while a database is open.
#pragma once

#include <memory>

#include "compaction/index_age.h"
#include "rocksdb/compaction_filter.h"

namespace varve {

class IndexFilterFactory : public rocksdb::CompactionFilterFactory {
 public:
  IndexFilterFactory();

  static const char* kClassName() { return kIndexFilterId; }
  const char* Name() const override { return kClassName(); }

  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context& context) override;

 private:
  IndexAge age_;
};

}  // namespace varve
