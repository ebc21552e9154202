#include <cstddef>

#include "plugin/part_table_options_info.h"
#include "plugin/rocksdb_internals.h"
#include "rocksdb/utilities/options_type.h"

namespace varve {

using rocksdb::ConfigOptions;
using rocksdb::OptionType;
using rocksdb::OptionTypeFlags;
using rocksdb::OptionTypeInfo;
using rocksdb::OptionVerificationType;
using rocksdb::Status;

namespace {

Status OutOfBounds(const std::string& name, int64_t min, int64_t max) {
  return Status::InvalidArgument("VarvePartTable: " + name + " must be from " +
                                 std::to_string(min) + " to " +
                                 std::to_string(max));
}

// Parsed and checked in one step: SetOptions calls nothing else.
template <typename T>
OptionTypeInfo Bounded(size_t offset, OptionType type, int64_t min, int64_t max,
                       OptionTypeFlags flags) {
  return OptionTypeInfo(
      static_cast<int>(offset), type, OptionVerificationType::kNormal, flags,
      [min, max](const ConfigOptions&, const std::string& name,
                 const std::string& value, void* address) {
        int64_t parsed = 0;
        try {
          parsed = rocksdb::ParseInt64(value);
        } catch (const std::exception&) {
          return Status::InvalidArgument("VarvePartTable: " + name + "=" +
                                         value + " is no number");
        }
        if (parsed < min || parsed > max) return OutOfBounds(name, min, max);
        *static_cast<T*>(address) = static_cast<T>(parsed);
        return Status::OK();
      });
}

constexpr int64_t kBlockBytesMin = 64;
constexpr int64_t kBlockBytesMax = 64 << 20;
constexpr int64_t kRestartMax = 1024;
constexpr int64_t kZstdMin = -50;
constexpr int64_t kZstdMax = 22;
constexpr int64_t kFilterBitsMax = 100;
constexpr int64_t kBytesMax = INT64_MAX;

std::unordered_map<std::string, PartWriteFormat>* WriteFormats() {
  static std::unordered_map<std::string, PartWriteFormat> formats = {
      {"part", PartWriteFormat::kPart},
      {"block_based", PartWriteFormat::kBlockBased}};
  return &formats;
}

std::unordered_map<std::string, PartChecksum>* Checksums() {
  static std::unordered_map<std::string, PartChecksum> kinds = {
      {"kXXH3", PartChecksum::kXXH3}};
  return &kinds;
}

#define VARVE_AT(field) offsetof(PartTableOptions, field)

OptionTypeInfo Flag(size_t offset, OptionTypeFlags flags) {
  return OptionTypeInfo(static_cast<int>(offset), OptionType::kBoolean,
                        OptionVerificationType::kNormal, flags);
}

std::unordered_map<std::string, OptionTypeInfo> MakeInfo() {
  constexpr auto kMutable = OptionTypeFlags::kMutable;
  constexpr auto kNone = OptionTypeFlags::kNone;
  return {
      {"block_bytes",
       Bounded<uint32_t>(VARVE_AT(block_bytes), OptionType::kUInt32T,
                         kBlockBytesMin, kBlockBytesMax, kMutable)},
      {"restart_interval",
       Bounded<int32_t>(VARVE_AT(restart_interval), OptionType::kInt32T, 1,
                        kRestartMax, kMutable)},
      {"prefix_compression", Flag(VARVE_AT(prefix_compression), kMutable)},
      {"split_blocks", Flag(VARVE_AT(split_blocks), kMutable)},
      {"index_block_bytes",
       Bounded<uint32_t>(VARVE_AT(index_block_bytes), OptionType::kUInt32T,
                         kBlockBytesMin, kBlockBytesMax, kMutable)},
      {"zstd_level", Bounded<int32_t>(VARVE_AT(zstd_level), OptionType::kInt32T,
                                      kZstdMin, kZstdMax, kMutable)},
      {"filter_bits_per_key",
       Bounded<int32_t>(VARVE_AT(filter_bits_per_key), OptionType::kInt32T, 0,
                        kFilterBitsMax, kMutable)},
      {"whole_key_filter", Flag(VARVE_AT(whole_key_filter), kMutable)},
      {"prefix_filter", Flag(VARVE_AT(prefix_filter), kMutable)},
      {"checksum",
       OptionTypeInfo::Enum<PartChecksum>(static_cast<int>(VARVE_AT(checksum)),
                                          Checksums(), kMutable)},
      {"block_cache",
       {static_cast<int>(VARVE_AT(block_cache)), OptionType::kUnknown,
        OptionVerificationType::kNormal,
        OptionTypeFlags::kCompareNever | OptionTypeFlags::kDontSerialize,
        [](const ConfigOptions& config, const std::string&,
           const std::string& value, void* address) {
          return rocksdb::Cache::CreateFromString(
              config, value,
              static_cast<std::shared_ptr<rocksdb::Cache>*>(address));
        }}},
      {"cache_bytes",
       Bounded<uint64_t>(VARVE_AT(cache_bytes), OptionType::kUInt64T, 0,
                         kBytesMax, kNone)},
      {"cache_index_and_filter_blocks",
       Flag(VARVE_AT(cache_index_and_filter_blocks), kNone)},
      {"pin_l0_filter_and_index_blocks_in_cache",
       Flag(VARVE_AT(pin_l0_filter_and_index_blocks_in_cache), kNone)},
      {"cache_index_and_filter_blocks_with_high_priority",
       Flag(VARVE_AT(cache_index_and_filter_blocks_with_high_priority), kNone)},
      {"initial_auto_readahead_size",
       Bounded<uint64_t>(VARVE_AT(initial_auto_readahead_size),
                         OptionType::kUInt64T, 0, kBytesMax, kMutable)},
      {"max_auto_readahead_size",
       Bounded<uint64_t>(VARVE_AT(max_auto_readahead_size),
                         OptionType::kUInt64T, 0, kBytesMax, kMutable)},
      {"write_format",
       OptionTypeInfo::Enum<PartWriteFormat>(
           static_cast<int>(VARVE_AT(write_format)), WriteFormats(), kMutable)},
      {"block_based",
       OptionTypeInfo::AsCustomSharedPtr<rocksdb::TableFactory>(
           static_cast<int>(VARVE_AT(block_based)),
           OptionVerificationType::kNormal, OptionTypeFlags::kAllowNull)},
  };
}

#undef VARVE_AT

Status CheckBounds(const char* name, int64_t value, int64_t min, int64_t max) {
  return value >= min && value <= max ? Status::OK()
                                      : OutOfBounds(name, min, max);
}

}  // namespace

const std::unordered_map<std::string, OptionTypeInfo>& PartTableOptionsInfo() {
  static const auto* info =
      new std::unordered_map<std::string, OptionTypeInfo>(MakeInfo());
  return *info;
}

Status CheckPartTableOptions(const PartTableOptions& options) {
  Status s = CheckBounds("block_bytes", options.block_bytes, kBlockBytesMin,
                         kBlockBytesMax);
  if (s.ok()) {
    s = CheckBounds("restart_interval", options.restart_interval, 1,
                    kRestartMax);
  }
  if (s.ok()) {
    s = CheckBounds("index_block_bytes", options.index_block_bytes,
                    kBlockBytesMin, kBlockBytesMax);
  }
  if (s.ok()) {
    s = CheckBounds("zstd_level", options.zstd_level, kZstdMin, kZstdMax);
  }
  if (s.ok()) {
    s = CheckBounds("filter_bits_per_key", options.filter_bits_per_key, 0,
                    kFilterBitsMax);
  }
  if (s.ok() && options.cache_index_and_filter_blocks &&
      options.block_cache == nullptr && options.cache_bytes == 0) {
    s = Status::InvalidArgument(
        "VarvePartTable: cache_index_and_filter_blocks without a cache");
  }
  if (s.ok() && options.block_based != nullptr &&
      !options.block_based->IsInstanceOf(
          rocksdb::TableFactory::kBlockBasedTableName())) {
    s = Status::InvalidArgument(
        "VarvePartTable: block_based must be a BlockBasedTable");
  }
  return s;
}

}  // namespace varve
