#include "plugin/part_table/part_cache_stats.h"

namespace varve {

using rocksdb::GetContext;
using rocksdb::GetContextStats;
using rocksdb::RecordTick;
using rocksdb::Statistics;

void CountCacheHit(BoxKind kind, GetContext* get_context, Statistics* stats,
                   int level, size_t bytes) {
  PERF_COUNTER_ADD(block_cache_hit_count, 1);
  PERF_COUNTER_BY_LEVEL_ADD(block_cache_hit_count, 1,
                            static_cast<uint32_t>(level));
  if (kind == BoxKind::kFilter)
    PERF_COUNTER_ADD(block_cache_filter_hit_count, 1);
  if (kind == BoxKind::kIndex) PERF_COUNTER_ADD(block_cache_index_hit_count, 1);
  if (get_context != nullptr) {
    GetContextStats& s = get_context->get_context_stats_;
    ++s.num_cache_hit;
    s.num_cache_bytes_read += bytes;
    ++(kind == BoxKind::kFilter  ? s.num_cache_filter_hit
       : kind == BoxKind::kIndex ? s.num_cache_index_hit
                                 : s.num_cache_data_hit);
    return;
  }
  if (stats == nullptr) return;
  RecordTick(stats, rocksdb::BLOCK_CACHE_HIT);
  RecordTick(stats, rocksdb::BLOCK_CACHE_BYTES_READ, bytes);
  RecordTick(stats, kind == BoxKind::kFilter  ? rocksdb::BLOCK_CACHE_FILTER_HIT
                    : kind == BoxKind::kIndex ? rocksdb::BLOCK_CACHE_INDEX_HIT
                                              : rocksdb::BLOCK_CACHE_DATA_HIT);
}

void CountCacheMiss(BoxKind kind, GetContext* get_context, Statistics* stats,
                    int level) {
  PERF_COUNTER_BY_LEVEL_ADD(block_cache_miss_count, 1,
                            static_cast<uint32_t>(level));
  if (get_context != nullptr) {
    GetContextStats& s = get_context->get_context_stats_;
    ++s.num_cache_miss;
    ++(kind == BoxKind::kFilter  ? s.num_cache_filter_miss
       : kind == BoxKind::kIndex ? s.num_cache_index_miss
                                 : s.num_cache_data_miss);
    return;
  }
  if (stats == nullptr) return;
  RecordTick(stats, rocksdb::BLOCK_CACHE_MISS);
  RecordTick(stats, kind == BoxKind::kFilter  ? rocksdb::BLOCK_CACHE_FILTER_MISS
                    : kind == BoxKind::kIndex ? rocksdb::BLOCK_CACHE_INDEX_MISS
                                              : rocksdb::BLOCK_CACHE_DATA_MISS);
}

void CountCacheAdd(BoxKind kind, GetContext* get_context, Statistics* stats,
                   size_t bytes) {
  if (get_context != nullptr) {
    GetContextStats& s = get_context->get_context_stats_;
    ++s.num_cache_add;
    s.num_cache_bytes_write += bytes;
    if (kind == BoxKind::kFilter) {
      ++s.num_cache_filter_add;
      s.num_cache_filter_bytes_insert += bytes;
    } else if (kind == BoxKind::kIndex) {
      ++s.num_cache_index_add;
      s.num_cache_index_bytes_insert += bytes;
    } else {
      ++s.num_cache_data_add;
      s.num_cache_data_bytes_insert += bytes;
    }
    return;
  }
  if (stats == nullptr) return;
  RecordTick(stats, rocksdb::BLOCK_CACHE_ADD);
  RecordTick(stats, rocksdb::BLOCK_CACHE_BYTES_WRITE, bytes);
  if (kind == BoxKind::kFilter) {
    RecordTick(stats, rocksdb::BLOCK_CACHE_FILTER_ADD);
    RecordTick(stats, rocksdb::BLOCK_CACHE_FILTER_BYTES_INSERT, bytes);
  } else if (kind == BoxKind::kIndex) {
    RecordTick(stats, rocksdb::BLOCK_CACHE_INDEX_ADD);
    RecordTick(stats, rocksdb::BLOCK_CACHE_INDEX_BYTES_INSERT, bytes);
  } else {
    RecordTick(stats, rocksdb::BLOCK_CACHE_DATA_ADD);
    RecordTick(stats, rocksdb::BLOCK_CACHE_DATA_BYTES_INSERT, bytes);
  }
}

}  // namespace varve
