// Samples to sorted SST files beside the database, which then ingests them:
// no write-ahead log, no memtable, no compaction of what was just written.
// Each row is a merge operand, so that what the database holds already counts
// as before; a later run of this object overwrites an earlier one.
//
// Samples are gathered up to a bound of memory, then become files: one or more
// a partition. They lie in DIR/varve-bulk until they are ingested.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compaction/sample_merge.h"
#include "format/row/sample_block.h"
#include "tools/sample_sink.h"
#include "varve/varve.h"

namespace varve::tools {

class BulkLoad : public SampleSink {
 public:
  // `db` and `cf` must outlive it.
  static Status Open(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                     size_t held_bytes_max, std::unique_ptr<BulkLoad>* load);
  // Removes what was not ingested.
  ~BulkLoad() override;

  Status Add(const std::string& series, const Sample* samples,
             size_t count) override;
  Status Finish() override;

 private:
  using Row = std::pair<std::string, std::string>;  // key, operand

  BulkLoad(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
           const RowShape& shape, size_t held_bytes_max);
  Status Ingest();
  void EncodeSeries(const std::string& series, std::vector<Sample> samples,
                    std::vector<Row>* rows);
  std::string EncodeRow(int64_t bucket_start_ms, SampleRun* run);
  Status WriteFiles(const std::vector<Row>& rows,
                    std::vector<std::string>* paths);

  rocksdb::DB* const db_;
  rocksdb::ColumnFamilyHandle* const cf_;
  const RowShape shape_;
  const size_t held_bytes_max_;
  const std::string dir_;
  std::map<std::string, std::vector<Sample>> samples_;
  size_t held_bytes_ = 0;
  uint64_t file_count_ = 0;
  MergeScratch scratch_;
  BlockEncoder encoder_;
};

}  // namespace varve::tools
