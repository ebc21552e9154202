#include "plugin/part_table/part_table_factory.h"

#include <algorithm>

#include "compaction/kept_table.h"
#include "compaction/set_options_call.h"
#include "plugin/host/cache_class.h"
#include "plugin/host/file_io.h"
#include "plugin/host/rocksdb_match.h"
#include "plugin/part_table/part_table_builder.h"
#include "plugin/part_table/part_table_options_info.h"
#include "plugin/part_table/part_table_reader.h"
#include "rocksdb/filter_policy.h"

namespace rocksdb {
extern const uint64_t kBlockBasedTableMagicNumber;
extern const uint64_t kLegacyBlockBasedTableMagicNumber;
}  // namespace rocksdb

namespace varve {

using rocksdb::BlockBasedTableOptions;

namespace {

// What opening reads at once: footer, metaindex, properties, root, and the
// index and filter of a small part.
constexpr uint64_t kTailBytes = 16 * 1024;

Status ReadTail(const rocksdb::ReadOptions& read_options,
                rocksdb::RandomAccessFileReader* file, uint64_t file_bytes,
                PartTail* tail) {
  const size_t bytes = static_cast<size_t>(std::min(file_bytes, kTailBytes));
  tail->offset = file_bytes - bytes;
  tail->bytes.resize(bytes);
  rocksdb::IOOptions io;
  Status status = file->PrepareIOOptions(read_options, io);
  if (!status.ok() || bytes == 0) return status;
  Slice result;
  status = ReadFile(
      *file, {io, tail->offset, bytes, read_options.rate_limiter_priority},
      &result, &tail->bytes[0], nullptr);
  if (!status.ok()) return status;
  if (result.size() != bytes) {
    return Status::Corruption(
        file->file_name(), "truncated: expected " + std::to_string(file_bytes) +
                               " bytes, got " +
                               std::to_string(tail->offset + result.size()));
  }
  if (result.data() != tail->bytes.data()) {
    tail->bytes.assign(result.data(), result.size());
  }
  return status;
}

}  // namespace

PartTableFactory::PartTableFactory(const PartTableOptions& options)
    : options_(options) {
  RegisterOptions(&options_, &PartTableOptionsInfo());
}

bool PartTableFactory::IsInstanceOf(const std::string& name) const {
  if (name == kBlockBasedTableName()) SetOptionsCall::Refused();
  return TableFactory::IsInstanceOf(name);
}

PartTableFactory::Resolved PartTableFactory::Resolve() const {
  std::lock_guard<std::mutex> lock(mutex_);
  Resolved resolved;
  resolved.cache = options_.block_cache;
  if (resolved.cache == nullptr && options_.cache_bytes > 0) {
    const auto bytes = static_cast<size_t>(options_.cache_bytes);
    if (own_cache_ == nullptr) {
      own_cache_ = rocksdb::NewLRUCache(bytes);
    } else if (own_cache_bytes_ != options_.cache_bytes) {
      // A clone's, which open files have too: a second one would come beside
      // it.
      own_cache_->SetCapacity(bytes);
    }
    own_cache_bytes_ = options_.cache_bytes;
    resolved.cache = own_cache_;
  }
  resolved.block_based = options_.block_based;
  if (resolved.block_based == nullptr) {
    if (own_block_based_ == nullptr) {
      BlockBasedTableOptions defaults;
      defaults.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
      own_block_based_.reset(rocksdb::NewBlockBasedTableFactory(defaults));
    }
    resolved.block_based = own_block_based_;
  }
  // One cache for both formats.
  auto* nested = resolved.block_based->GetOptions<BlockBasedTableOptions>();
  if (nested != nullptr && nested->block_cache != resolved.cache) {
    nested->block_cache = resolved.cache;
    nested->no_block_cache = resolved.cache == nullptr;
  }
  return resolved;
}

// Made ready first, so that there is one cache and one nested table, and no
// second one as soon as SetOptions has swapped the two.
std::unique_ptr<rocksdb::TableFactory> PartTableFactory::Clone() const {
  Resolve();
  auto clone = std::make_unique<PartTableFactory>(options_);
  std::lock_guard<std::mutex> lock(mutex_);
  clone->own_cache_ = own_cache_;
  clone->own_cache_bytes_ = own_cache_bytes_;
  clone->own_block_based_ = own_block_based_;
  return clone;
}

PartTableOptions PartTableFactory::EffectiveOptions() const {
  PartTableOptions options = options_;
  options.block_cache = Resolve().cache;
  return options;
}

Status PartTableFactory::NewTableReader(
    const rocksdb::ReadOptions& read_options,
    const rocksdb::TableReaderOptions& reader_options,
    std::unique_ptr<rocksdb::RandomAccessFileReader>&& file, uint64_t file_size,
    std::unique_ptr<rocksdb::TableReader>* reader,
    bool prefetch_index_and_filter_in_cache) const {
  PartTail tail;
  Status status = ReadTail(read_options, file.get(), file_size, &tail);
  if (!status.ok()) return status;
  const uint64_t magic = PeekMagic(tail.bytes);
  if (magic == rocksdb::kBlockBasedTableMagicNumber ||
      magic == rocksdb::kLegacyBlockBasedTableMagicNumber) {
    return Resolve().block_based->NewTableReader(
        read_options, reader_options, std::move(file), file_size, reader,
        prefetch_index_and_filter_in_cache);
  }
  return PartTableReader::Open(read_options, reader_options, EffectiveOptions(),
                               std::move(file), file_size, std::move(tail),
                               reader);
}

rocksdb::TableBuilder* PartTableFactory::NewTableBuilder(
    const rocksdb::TableBuilderOptions& builder_options,
    rocksdb::WritableFileWriter* file) const {
  if (options_.write_format == PartWriteFormat::kBlockBased) {
    return Resolve().block_based->NewTableBuilder(builder_options, file);
  }
  return new PartTableBuilder(options_, builder_options, file);
}

Status PartTableFactory::ValidateOptions(
    const rocksdb::DBOptions& db_options,
    const rocksdb::ColumnFamilyOptions& cf_options) const {
  Status status = CheckRocksDB();
  if (status.ok()) status = CheckPartTableOptions(options_);
  if (status.ok()) {
    status = Resolve().block_based->ValidateOptions(db_options, cf_options);
  }
  return status.ok() ? TableFactory::ValidateOptions(db_options, cf_options)
                     : status;
}

std::string PartTableFactory::GetPrintableOptions() const {
  rocksdb::ConfigOptions config;
  config.delimiter = "\n  ";
  config.depth = rocksdb::ConfigOptions::kDepthShallow;
  std::string text;
  Status status = GetOptionString(config, &text);
  const Resolved resolved = Resolve();
  return "  " + (status.ok() ? text : status.ToString()) + "\n  block_cache: " +
         (resolved.cache != nullptr
              ? std::string(resolved.cache->Name()) + " of " +
                    std::to_string(resolved.cache->GetCapacity()) + " bytes"
              : "none") +
         "\n";
}

std::string PartTableFactory::SerializeOptions(
    const rocksdb::ConfigOptions& config, const std::string& header) const {
  KeptTable::PartTableIsPrinted(config);
  return TableFactory::SerializeOptions(config, header);
}

const void* PartTableFactory::GetOptionsPtr(const std::string& name) const {
  if (name == kBlockCacheOpts()) return Resolve().cache.get();
  return TableFactory::GetOptionsPtr(name);
}

std::shared_ptr<rocksdb::TableFactory> NewPartTableFactory(
    const PartTableOptions& options) {
  return std::make_shared<PartTableFactory>(options);
}

std::shared_ptr<rocksdb::TableFactory> NewPartTableFactoryAround(
    const std::shared_ptr<rocksdb::TableFactory>& block_based,
    PartWriteFormat write_format) {
  PartTableOptions options;
  options.block_based = block_based;
  options.write_format = write_format;
  const auto* stock = block_based->GetOptions<BlockBasedTableOptions>();
  if (stock != nullptr) {
    options.block_cache = stock->block_cache;
    if (stock->no_block_cache) options.cache_bytes = 0;
  }
  return NewPartTableFactory(options);
}

}  // namespace varve
