// The table format VarvePartTable: writes parts, reads parts and block-based
// SSTs, told apart by their magic numbers. Public RocksDB headers only.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "compaction/object_ids.h"
#include "plugin/host/version.h"
#include "plugin/part_table/part_table_options.h"
#include "rocksdb/table.h"

namespace varve {

class PartTableFactory : public rocksdb::TableFactory {
 public:
  explicit PartTableFactory(
      const PartTableOptions& options = PartTableOptions());

  static const char* kClassName() { return kPartTableId; }
  const char* Name() const override { return kClassName(); }
  // Whether it is "BlockBasedTable" is what RocksDB asks where it refuses ttl,
  // after it has told the policy objects of the same SetOptions.
  bool IsInstanceOf(const std::string& name) const override;

  using rocksdb::TableFactory::NewTableReader;
  Status NewTableReader(const rocksdb::ReadOptions& read_options,
                        const rocksdb::TableReaderOptions& reader_options,
                        std::unique_ptr<rocksdb::RandomAccessFileReader>&& file,
                        uint64_t file_size,
                        std::unique_ptr<rocksdb::TableReader>* reader,
                        bool prefetch_index_and_filter_in_cache) const override;
  rocksdb::TableBuilder* NewTableBuilder(
      const rocksdb::TableBuilderOptions& builder_options,
      rocksdb::WritableFileWriter* file) const override;
  bool IsDeleteRangeSupported() const override { return true; }
  // With the same caches and the same table for block-based files.
  std::unique_ptr<rocksdb::TableFactory> Clone() const VARVE_OVERRIDE_FROM_9_8;

  Status ValidateOptions(
      const rocksdb::DBOptions& db_options,
      const rocksdb::ColumnFamilyOptions& cf_options) const override;
  std::string GetPrintableOptions() const override;

 protected:
  std::string SerializeOptions(const rocksdb::ConfigOptions& config,
                               const std::string& header) const override;
  const void* GetOptionsPtr(const std::string& name) const override;

 private:
  // What the options amount to, made when first needed: options arrive one by
  // one, and not every way of loading them ends with a call.
  struct Resolved {
    std::shared_ptr<rocksdb::Cache> cache;
    std::shared_ptr<rocksdb::TableFactory> block_based;
  };
  Resolved Resolve() const;
  // The options with `block_cache` filled in.
  PartTableOptions EffectiveOptions() const;

  PartTableOptions options_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<rocksdb::Cache> own_cache_;
  mutable uint64_t own_cache_bytes_ = 0;
  mutable std::shared_ptr<rocksdb::TableFactory> own_block_based_;
};

std::shared_ptr<rocksdb::TableFactory> NewPartTableFactory(
    const PartTableOptions& options = PartTableOptions());

// One that treats block-based files as `block_based`, a BlockBasedTable, does,
// and caches its boxes where that caches its blocks.
std::shared_ptr<rocksdb::TableFactory> NewPartTableFactoryAround(
    const std::shared_ptr<rocksdb::TableFactory>& block_based,
    PartWriteFormat write_format);

}  // namespace varve
