// The one door to RocksDB's internal headers, and the one place that knows
// how they differ between versions. Only this room and plugin/part_table
// include it. What it reaches is not under RocksDB's promise of a stable API:
// it is built against the source of the very library that it runs with.
//
// Known differences, absorbed here when a second version is built:
//   8.3   ReadOptions in ApproximateOffsetOf, ApproximateSize (later in more)
//   8.11  IOOptions in WritableFileWriter's calls
//   9.0   IntTblPropCollector* became InternalTblPropColl*
//   9.4   GetContext::SaveValue(key, value, matched, Status*, Cleanable*): the
//         old call with nullptr compiles and crashes
//   9.8   TableFactory::Clone is pure virtual
//   8.x, 9.x  ReadOptions, then WriteOptions in VersionSet::LogAndApply
#pragma once

#include "rocksdb/version.h"

#if ROCKSDB_MAJOR != 7 || ROCKSDB_MINOR != 8
#error "rocksdb_internals.h knows RocksDB 7.8; see the list of differences"
#endif

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
#include "file/filename.h"
#include "file/file_prefetch_buffer.h"
#include "file/random_access_file_reader.h"
#include "file/writable_file_writer.h"
#include "logging/logging.h"
#include "memory/memory_allocator.h"
#include "monitoring/perf_context_imp.h"
#include "monitoring/statistics.h"
#include "options/cf_options.h"
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
  if (type > rocksdb::kTypeMaxValid || !rocksdb::IsExtendedValueType(type)) {
    return false;
  }
  parsed->user_key =
      rocksdb::Slice(key.data(), key.size() - kInternalKeyTrailerBytes);
  parsed->sequence = packed >> 8;
  parsed->type = type;
  return true;
}

}  // namespace varve
