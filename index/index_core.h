// What the parts of an open series index share.
#pragma once

#include <cstdint>
#include <memory>

#include "compaction/index_age.h"
#include "index/hash_cache.h"
#include "index/pending_ids.h"
#include "index/write_gate.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "varve/series_index.h"

namespace varve {

// The label that is a series' name.
inline constexpr char kMetricName[] = "__name__";

// A series in the cache: its id, and the latest day that it is known to be
// registered for.
struct KnownSeries {
  static constexpr unsigned kDayBits = 22;  // 9999-12-31 is day 2,932,896

  uint64_t id = 0;
  int64_t day = -1;  // none

  uint64_t Pack() const {
    return id << kDayBits | static_cast<uint64_t>(day + 1);
  }
  static KnownSeries Unpack(uint64_t number) {
    return {number >> kDayBits,
            static_cast<int64_t>(number & ((uint64_t{1} << kDayBits) - 1)) - 1};
  }
};

struct IndexCore {
  IndexCore(rocksdb::DB* index_db, rocksdb::ColumnFamilyHandle* index_cf,
            const SeriesIndexOptions& index_options)
      : db(index_db),
        cf(index_cf),
        options(index_options),
        series_cache(options.series_cache_bytes),
        pair_cache(options.pair_cache_bytes) {}

  rocksdb::DB* const db;
  rocksdb::ColumnFamilyHandle* const cf;
  const SeriesIndexOptions options;
  // Keeps `age` alive.
  std::shared_ptr<rocksdb::CompactionFilterFactory> filter;
  IndexAge* age = nullptr;

  // Label sets and pairs that the database has, and that are not dead.
  HashCache series_cache;
  HashCache pair_cache;
  PendingIds pending_series;
  PendingIds pending_pairs;
  WriteGate gate;
};

}  // namespace varve
