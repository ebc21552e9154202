// The options of a VarvePartTable, by their names in option strings.
#pragma once

#include <cstdint>
#include <memory>

#include "rocksdb/cache.h"
#include "rocksdb/status.h"
#include "rocksdb/table.h"

namespace varve {

using rocksdb::Status;

// On disk, as RocksDB numbers them.
enum class PartChecksum : char { kXXH3 = 4 };

enum class PartWriteFormat : char { kPart, kBlockBased };

struct PartTableOptions {
  static const char* kName() { return "VarvePartTableOptions"; }

  // Uncompressed bytes of a box of rows: what one point read reads.
  // 64 to 64 MiB. Mutable.
  uint32_t block_bytes = 4096;
  // Every n-th key of a box is stored whole. 1 to 1024. Mutable.
  int32_t restart_interval = 16;
  // False: all keys are stored whole, so that iterators with pin_data pin
  // keys. Mutable.
  bool prefix_compression = true;
  // Blocks of samples are taken apart into columns. Mutable.
  bool split_blocks = true;
  // Uncompressed bytes of a leaf of the index. 64 to 64 MiB. Mutable.
  uint32_t index_block_bytes = 4096;
  // zstd's level, -50 to 22, where the column family compresses at all (any
  // compression type but none means zstd). 0: compression_opts.level if set,
  // else 1 for files of level 0 and 1 and for the first MiB of others, then 3.
  // Mutable.
  int32_t zstd_level = 0;
  // The filter's size; 0: no filter. At most 100. Mutable.
  int32_t filter_bits_per_key = 10;
  // What the filter holds. Mutable.
  bool whole_key_filter = true;
  bool prefix_filter = true;

  // Of every box. Mutable.
  PartChecksum checksum = PartChecksum::kXXH3;

  // The block cache: this one if given (not persisted), else one of this
  // size of the factory's own; 0: no cache.
  std::shared_ptr<rocksdb::Cache> block_cache;
  uint64_t cache_bytes = 32 << 20;
  // False: leaves of the index and shards of the filter, once read, stay in
  // memory as long as the file is open, charged to the cache. True: they may be
  // evicted.
  bool cache_index_and_filter_blocks = false;
  // With cache_index_and_filter_blocks: not those of level 0.
  bool pin_l0_filter_and_index_blocks_in_cache = true;
  // Keep index and filter in the cache rather than rows.
  bool cache_index_and_filter_blocks_with_high_priority = true;

  // Readahead of iterators that read on. Mutable.
  uint64_t initial_auto_readahead_size = 8 * 1024;
  uint64_t max_auto_readahead_size = 256 * 1024;

  // What new files are: parts, or block-based SSTs by `block_based`. Both
  // are always read. Mutable.
  PartWriteFormat write_format = PartWriteFormat::kPart;
  // Reads and writes block-based SSTs; shares the block cache. Null: RocksDB's
  // defaults with a Bloom filter of 10 bits a key.
  std::shared_ptr<rocksdb::TableFactory> block_based;
};

}  // namespace varve
