#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "compaction/kept_table.h"
#include "plugin/host/rocksdb_internals.h"
#include "plugin/part_table/part_table_options_info.h"
#include "rocksdb/utilities/options_type.h"

namespace varve {

using rocksdb::ConfigOptions;
using rocksdb::OptionType;
using rocksdb::OptionTypeFlags;
using rocksdb::OptionTypeInfo;
using rocksdb::OptionVerificationType;

namespace {

Status Bad(const std::string& name, const std::string& value,
           const std::string& rule) {
  return Status::InvalidArgument("VarvePartTable: " + name + "=" + value +
                                 ": must be " + rule);
}

Status CheckBounds(const std::string& name, int64_t value, int64_t min,
                   int64_t max, const std::string& text) {
  if (value >= min && value <= max) return Status::OK();
  return Bad(name, text,
             "from " + std::to_string(min) + " to " + std::to_string(max));
}

Status CheckBounds(const char* name, int64_t value, int64_t min, int64_t max) {
  return CheckBounds(name, value, min, max, std::to_string(value));
}

// A whole number, with a unit of 1024 or its powers: K, M, G, T. RocksDB's own
// takes "8Kb" for 8K and lets "99999999T" overflow.
bool ParseNumber(const std::string& text, int64_t* number) {
  const char* begin = text.c_str();
  char* end = nullptr;
  errno = 0;
  const long long digits = std::strtoll(begin, &end, 10);
  if (end == begin || errno != 0 || *begin == ' ') return false;
  int64_t unit = 1;
  if (*end != '\0') {
    const char* const units = "KMGT";
    const char* const found =
        std::strchr(units, *end >= 'a' ? *end - ('a' - 'A') : *end);
    if (found == nullptr || *++end != '\0') return false;
    unit <<= 10 * (found - units + 1);
  }
  return *end == '\0' && !__builtin_mul_overflow(digits, unit, number);
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
        if (!ParseNumber(value, &parsed)) {
          return Bad(name, value, "a whole number, as 4096 or 4K");
        }
        Status status = CheckBounds(name, parsed, min, max, value);
        if (status.ok()) *static_cast<T*>(address) = static_cast<T>(parsed);
        return status;
      });
}

Status ParseFlag(const ConfigOptions& /*config*/, const std::string& name,
                 const std::string& value, void* address) {
  const bool on = value == "true" || value == "1";
  if (!on && value != "false" && value != "0") {
    return Bad(name, value, "true or false");
  }
  *static_cast<bool*>(address) = on;
  return Status::OK();
}

OptionTypeInfo Flag(size_t offset, OptionTypeFlags flags) {
  return OptionTypeInfo(static_cast<int>(offset), OptionType::kBoolean,
                        OptionVerificationType::kNormal, flags, ParseFlag);
}

template <typename T>
using Names = std::unordered_map<std::string, T>;

template <typename T>
std::string ChoicesOf(const Names<T>& names) {
  std::string choices;
  for (const auto& name : names) {
    choices += (choices.empty() ? "" : " or ") + name.first;
  }
  return choices;
}

template <typename T>
OptionTypeInfo Choice(size_t offset, const Names<T>* names,
                      OptionTypeFlags flags) {
  OptionTypeInfo info =
      OptionTypeInfo::Enum<T>(static_cast<int>(offset), names, flags);
  info.SetParseFunc([names](const ConfigOptions&, const std::string& name,
                            const std::string& value, void* address) {
    const auto found = names->find(value);
    if (found == names->end()) return Bad(name, value, ChoicesOf(*names));
    *static_cast<T*>(address) = found->second;
    return Status::OK();
  });
  return info;
}

template <typename T>
Status CheckChoice(const char* option, T value, const Names<T>& names) {
  for (const auto& name : names) {
    if (name.second == value) return Status::OK();
  }
  return Bad(option, std::to_string(static_cast<int>(value)), ChoicesOf(names));
}

Status CheckBlockBased(const rocksdb::TableFactory* table) {
  if (table == nullptr ||
      table->IsInstanceOf(rocksdb::TableFactory::kBlockBasedTableName())) {
    return Status::OK();
  }
  return Bad("block_based", table->Name(), "a BlockBasedTable");
}

// An unknown table is refused, which RocksDB's own parser leaves at null.
OptionTypeInfo BlockBased(size_t offset) {
  using rocksdb::TableFactory;
  OptionTypeInfo info = OptionTypeInfo::AsCustomSharedPtr<TableFactory>(
      static_cast<int>(offset), OptionVerificationType::kNormal,
      OptionTypeFlags::kAllowNull);
  info.SetParseFunc([](const ConfigOptions& config, const std::string& name,
                       const std::string& value, void* address) {
    ConfigOptions strict = config;
    strict.ignore_unsupported_options = false;
    auto* table = static_cast<std::shared_ptr<TableFactory>*>(address);
    std::shared_ptr<TableFactory> parsed = *table;
    const KeptTable::Nested nested;
    Status status = TableFactory::CreateFromString(strict, value, &parsed);
    if (!status.ok())
      return Bad(name, value, "a BlockBasedTable: " + status.ToString());
    status = CheckBlockBased(parsed.get());
    if (status.ok()) *table = std::move(parsed);
    return status;
  });
  return info;
}

constexpr int64_t kBlockBytesMin = 64;
constexpr int64_t kBlockBytesMax = 64 << 20;
constexpr int64_t kRestartMax = 1024;
constexpr int64_t kZstdMin = -50;
constexpr int64_t kZstdMax = 22;
constexpr int64_t kFilterBitsMax = 100;
constexpr int64_t kBytesMax = INT64_MAX;

const Names<PartWriteFormat>& WriteFormats() {
  static const auto* names =
      new Names<PartWriteFormat>{{"part", PartWriteFormat::kPart},
                                 {"block_based", PartWriteFormat::kBlockBased}};
  return *names;
}

const Names<PartChecksum>& Checksums() {
  static const auto* names =
      new Names<PartChecksum>{{"kXXH3", PartChecksum::kXXH3}};
  return *names;
}

#define VARVE_AT(field) offsetof(PartTableOptions, field)

std::unordered_map<std::string, OptionTypeInfo> MakeInfo() {
  // Where SetOptions swaps factories, every option may be changed, and those
  // marked would be changed in place while they are read.
  constexpr auto kMutable = kTableFactoryIsSwapped ? OptionTypeFlags::kNone
                                                   : OptionTypeFlags::kMutable;
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
      {"checksum", Choice(VARVE_AT(checksum), &Checksums(), kMutable)},
      {"block_cache",
       {static_cast<int>(VARVE_AT(block_cache)), OptionType::kUnknown,
        OptionVerificationType::kNormal,
        OptionTypeFlags::kCompareNever | OptionTypeFlags::kDontSerialize,
        [](const ConfigOptions& config, const std::string& name,
           const std::string& value, void* address) {
          Status status = rocksdb::Cache::CreateFromString(
              config, value,
              static_cast<std::shared_ptr<rocksdb::Cache>*>(address));
          return status.ok()
                     ? status
                     : Bad(name, value, "a cache: " + status.ToString());
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
       Choice(VARVE_AT(write_format), &WriteFormats(), kMutable)},
      {"block_based", BlockBased(VARVE_AT(block_based))},
  };
}

#undef VARVE_AT

Status CheckBytes(const char* name, uint64_t bytes) {
  return bytes <= uint64_t{kBytesMax}
             ? Status::OK()
             : Bad(name, std::to_string(bytes),
                   "at most " + std::to_string(kBytesMax));
}

}  // namespace

const std::unordered_map<std::string, OptionTypeInfo>& PartTableOptionsInfo() {
  static const auto* info =
      new std::unordered_map<std::string, OptionTypeInfo>(MakeInfo());
  return *info;
}

Status CheckPartTableOptions(const PartTableOptions& options) {
  for (const Status& status : {
           CheckBounds("block_bytes", options.block_bytes, kBlockBytesMin,
                       kBlockBytesMax),
           CheckBounds("restart_interval", options.restart_interval, 1,
                       kRestartMax),
           CheckBounds("index_block_bytes", options.index_block_bytes,
                       kBlockBytesMin, kBlockBytesMax),
           CheckBounds("zstd_level", options.zstd_level, kZstdMin, kZstdMax),
           CheckBounds("filter_bits_per_key", options.filter_bits_per_key, 0,
                       kFilterBitsMax),
           CheckBytes("cache_bytes", options.cache_bytes),
           CheckBytes("initial_auto_readahead_size",
                      options.initial_auto_readahead_size),
           CheckBytes("max_auto_readahead_size",
                      options.max_auto_readahead_size),
           CheckChoice("checksum", options.checksum, Checksums()),
           CheckChoice("write_format", options.write_format, WriteFormats()),
       }) {
    if (!status.ok()) return status;
  }
  if (options.cache_index_and_filter_blocks && options.block_cache == nullptr &&
      options.cache_bytes == 0) {
    return Bad("cache_index_and_filter_blocks", "true",
               "false without a cache (cache_bytes=0)");
  }
  return CheckBlockBased(options.block_based.get());
}

}  // namespace varve
