// ConfigureIndexColumnFamily of series_index.h. The objects come from the
// registry, where libvarve puts them: an OPTIONS file finds the same.
#include <exception>
#include <memory>

#include "compaction/object_ids.h"
#include "rocksdb/compaction_filter.h"
#include "rocksdb/convenience.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/table.h"
#include "varve/policy.h"
#include "varve/series_index.h"

namespace varve {
namespace {

constexpr size_t kBlockBytes = size_t{16} << 10;
constexpr double kFilterBitsPerKey = 10;
constexpr int kCompressionLevel = 3;

void SetTable(rocksdb::ColumnFamilyOptions* options) {
  const auto* const table =
      options->table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  if (table == nullptr) return;  // the service's own choice
  rocksdb::BlockBasedTableOptions changed = *table;
  changed.block_size = kBlockBytes;
  if (changed.filter_policy == nullptr) {
    changed.filter_policy.reset(
        rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
  }
  options->table_factory.reset(rocksdb::NewBlockBasedTableFactory(changed));
}

Status Configure(const IndexColumnFamilyOptions& options,
                 rocksdb::ColumnFamilyOptions* cf_options) {
  if (options.retention_ms < 0 || options.safety_lag_ms < 0) {
    return Status::InvalidArgument("a negative retention or safety lag");
  }
  rocksdb::ColumnFamilyOptions result = *cf_options;
  rocksdb::ConfigOptions config;
  config.ignore_unsupported_options = false;
  Status status = rocksdb::MergeOperator::CreateFromString(
      config, kIndexMergeId, &result.merge_operator);
  if (status.ok()) {
    status = rocksdb::CompactionFilterFactory::CreateFromString(
        config,
        std::string("id=") + kIndexFilterId +
            ";retention_period=" + FormatDuration(options.retention_ms) +
            ";safety_lag=" + FormatDuration(options.safety_lag_ms),
        &result.compaction_filter_factory);
  }
  if (!status.ok()) return status;
  SetTable(&result);
  result.compression = rocksdb::kZSTD;
  result.bottommost_compression = rocksdb::kZSTD;
  result.compression_opts.level = kCompressionLevel;
  *cf_options = std::move(result);
  return status;
}

}  // namespace

Status ConfigureIndexColumnFamily(const IndexColumnFamilyOptions& options,
                                  rocksdb::ColumnFamilyOptions* cf_options) {
  try {
    return Configure(options, cf_options);
  } catch (const std::exception& error) {
    return Status::MemoryLimit(error.what());
  }
}

}  // namespace varve
