// Samples out of the blocks of Prometheus: of a data directory, a snapshot, or
// one block. A chunk is a record. Tombstones are honoured; what no float64
// holds (native histograms) is counted; the head, which is no block yet, is
// not read, and the warning says how to make one of it.
//
// Blocks come in the order of their first times, then of their making, so that
// with last write wins a time that two of them have shows the sample that
// Prometheus shows.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tools/sample_source.h"
#include "tools/tsdb_block.h"
#include "tools/tsdb_index.h"
#include "tools/tsdb_tombstones.h"

namespace varve::tools {

class TsdbSource : public SampleSource {
 public:
  // InvalidArgument for a directory without blocks.
  static Status Open(const std::string& path, ImportRemarks* remarks,
                     std::unique_ptr<SampleSource>* source);

  Result Next() override;
  const char* record_name() const override { return "chunk"; }
  std::string Where() const override { return where_; }
  const Status& status() const override { return status_; }
  const std::string& name() const override { return path_; }
  uint64_t done_bytes() const override;
  uint64_t total_bytes() const override { return total_bytes_; }

 private:
  TsdbSource(std::string path, ImportRemarks* remarks)
      : path_(std::move(path)), remarks_(remarks) {}
  Status OpenBlock(const TsdbBlock& block);
  Status OpenChunkFile(uint32_t number);
  // The bad line of a Corruption; the end for another error.
  Result Fault(const Status& status);
  Result ReadChunk(uint32_t file_number, uint64_t offset);
  Result DecodeChunk(uint8_t encoding, std::string_view data);

  const std::string path_;
  ImportRemarks* const remarks_;
  std::vector<TsdbBlock> blocks_;
  size_t next_block_ = 0;
  uint64_t total_bytes_ = 0, done_bytes_ = 0;
  Status status_;
  std::string where_;

  // Of the present block.
  std::unique_ptr<TsdbIndex> index_;
  TsdbTombstones tombstones_;
  std::vector<std::string> chunk_files_;
  std::unique_ptr<FileBytes> chunk_file_;
  uint32_t chunk_file_number_ = 0;
  uint64_t block_bytes_ = 0;
  bool in_series_ = false;
};

}  // namespace varve::tools
