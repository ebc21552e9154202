// The blocks below a data directory of Prometheus: what their meta.json says,
// and which of them count.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rocksdb/status.h"
#include "tools/series_text.h"

namespace varve::tools {

using rocksdb::Status;

struct TsdbBlock {
  std::string path;
  std::string ulid;
  int64_t min_time_ms = 0;
  std::vector<std::string> parents;  // that it was compacted from
  bool is_deletable = false;         // nothing is left in it
  // What Thanos adds to every series of the block.
  std::vector<Label> external_labels;
};

// 26 digits of Crockford's base 32.
bool IsUlid(std::string_view name);

// Whether the directory is a block, or a data directory with or without any.
bool IsTsdbBlock(const std::string& path);
bool IsTsdbDirectory(const std::string& path);

// meta.json of the block in `path`.
Status ReadTsdbBlock(const std::string& path, TsdbBlock* block);

// The blocks of a data directory, or the one that `path` is, by their first
// times and then by their making: of equal times in two blocks, Prometheus
// shows the sample of the later one in this order. *replaced: how many were
// left away because another block was made of them.
Status ListTsdbBlocks(const std::string& path, std::vector<TsdbBlock>* blocks,
                      uint64_t* replaced);

// Whether the directory has a write-ahead log with something in it.
bool HasTsdbHead(const std::string& path);

// The files of the block's chunks, in the order of their numbers.
Status ListTsdbChunkFiles(const TsdbBlock& block,
                          std::vector<std::string>* files, uint64_t* bytes);

}  // namespace varve::tools
