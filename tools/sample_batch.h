// Gathers samples series by series, so that they reach the database as few
// large operands, and writes them when there are many. Samples of one series
// keep the order in which they were added.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tools/sample_sink.h"
#include "varve/varve.h"

namespace varve::tools {

class SampleBatch : public SampleSink {
 public:
  // `db` and `cf` must outlive the batch.
  static Status Open(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                     std::unique_ptr<SampleBatch>* batch);

  Status Add(const std::string& series, const Sample* samples,
             size_t count) override;
  Status Finish() override;

 private:
  SampleBatch(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
              std::unique_ptr<SampleWriter> writer);
  Status WriteAll();
  Status WriteSeries(const std::string& series,
                     const std::vector<Sample>& samples);
  Status WriteBatch();

  rocksdb::DB* const db_;
  rocksdb::ColumnFamilyHandle* const cf_;
  const std::unique_ptr<SampleWriter> writer_;
  std::map<std::string, std::vector<Sample>> samples_;
  std::map<std::string, std::vector<Sample>>::iterator last_;
  size_t bytes_ = 0;
  rocksdb::WriteBatch write_batch_;
};

}  // namespace varve::tools
