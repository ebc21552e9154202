// The one door to RocksDB's internal headers, and the one place that knows
// how they differ between versions. Only this room and plugin/part_table
// include it. What it reaches is not under RocksDB's promise of a stable API:
// it is built against the source of the very library that it runs with.
//
// What differs between versions is absorbed beside it, by subject: version.h,
// cache_entry.h, file_io.h, manifest_edit.h, table_overrides.h. Adding a
// version: CONTRIBUTING.md.
#pragma once

#include "cache/cache_entry_roles.h"
#include "cache/cache_key.h"
#include "db/column_family.h"
#include "db/db_impl/db_impl.h"
#include "db/dbformat.h"
#include "db/job_context.h"
#include "db/pinned_iterators_manager.h"
#include "db/range_tombstone_fragmenter.h"
#include "db/table_properties_collector.h"
#include "db/version_edit.h"
#include "db/version_set.h"
#include "file/file_prefetch_buffer.h"
#include "file/filename.h"
#include "file/random_access_file_reader.h"
#include "file/writable_file_writer.h"
#include "logging/logging.h"
#include "monitoring/perf_context_imp.h"
#include "options/cf_options.h"
#include "plugin/host/version.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/snapshot.h"
#include "table/block_based/block_based_table_factory.h"
#include "table/block_based/block_based_table_reader.h"
#include "table/format.h"
#include "table/get_context.h"
#include "table/internal_iterator.h"
#include "table/meta_blocks.h"
#include "table/multiget_context.h"
#include "table/sst_file_dumper.h"
#include "table/sst_file_writer_collectors.h"
#include "table/table_builder.h"
#include "table/table_reader.h"
#include "table/unique_id_impl.h"
#include "util/coding.h"
#include "util/string_util.h"
#include "util/vector_iterator.h"
#if VARVE_ROCKSDB_AT_LEAST(8, 3)
#include "memory/memory_allocator_impl.h"
#include "monitoring/statistics_impl.h"
#else
#include "memory/memory_allocator.h"
#include "monitoring/statistics.h"
#endif

namespace varve {

// Its macros (PERF_*, ROCKS_LOG_*) name these without their namespace.
using rocksdb::InfoLogLevel;
using rocksdb::perf_context;
using rocksdb::perf_level;
using rocksdb::PerfContextByLevel;
using rocksdb::PerfLevel;
using rocksdb::PerfStepTimer;

inline constexpr size_t kInternalKeyTrailerBytes = 8;
static_assert(rocksdb::kNumInternalBytes == kInternalKeyTrailerBytes);

// False for a key that no RocksDB writes. Unlike rocksdb::ParseInternalKey it
// asserts nothing: the bytes may come from a disk.
inline bool ParseRowInternalKey(const rocksdb::Slice& key,
                                rocksdb::ParsedInternalKey* parsed) {
  if (key.size() < kInternalKeyTrailerBytes) return false;
  const uint64_t packed = rocksdb::DecodeFixed64(key.data() + key.size() -
                                                 kInternalKeyTrailerBytes);
  const auto type = static_cast<rocksdb::ValueType>(packed & 0xff);
  // From 8.1 on RocksDB takes kTypeMaxValid itself for a type.
  if (type >= rocksdb::kTypeMaxValid || !rocksdb::IsExtendedValueType(type)) {
    return false;
  }
  parsed->user_key =
      rocksdb::Slice(key.data(), key.size() - kInternalKeyTrailerBytes);
  parsed->sequence = packed >> 8;
  parsed->type = type;
  return true;
}

}  // namespace varve
