#include "tools/sample_batch.h"

#include <algorithm>
#include <utility>

namespace varve::tools {
namespace {

// Held before they are written.
constexpr size_t kHeldBytesMax = 64 << 20;

// What a series costs besides its name and samples, about.
constexpr size_t kSeriesBytes = 160;

// Samples handed to the writer at once, and bytes of one write.
constexpr size_t kSamplesPerAdd = 1 << 20;
constexpr size_t kWriteBytes = 4 << 20;

}  // namespace

SampleBatch::SampleBatch(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                         std::unique_ptr<SampleWriter> writer)
    : db_(db), cf_(cf), writer_(std::move(writer)), last_(samples_.end()) {}

Status SampleBatch::Open(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                         std::unique_ptr<SampleBatch>* batch) {
  std::unique_ptr<SampleWriter> writer;
  const Status status = SampleWriter::Open(db, cf, &writer);
  if (status.ok()) batch->reset(new SampleBatch(db, cf, std::move(writer)));
  return status;
}

Status SampleBatch::Add(const std::string& series, const Sample* samples,
                        size_t count) {
  if (last_ == samples_.end() || last_->first != series) {
    const auto added = samples_.try_emplace(series);
    last_ = added.first;
    if (added.second) bytes_ += kSeriesBytes + series.size();
  }
  last_->second.insert(last_->second.end(), samples, samples + count);
  bytes_ += count * sizeof(Sample);
  return bytes_ < kHeldBytesMax ? Status::OK() : WriteAll();
}

Status SampleBatch::WriteAll() {
  for (const auto& [series, samples] : samples_) {
    const Status status = WriteSeries(series, samples);
    if (!status.ok()) return status;
  }
  samples_.clear();
  last_ = samples_.end();
  bytes_ = 0;
  return WriteBatch();
}

Status SampleBatch::WriteSeries(const std::string& series,
                                const std::vector<Sample>& samples) {
  for (size_t i = 0; i < samples.size(); i += kSamplesPerAdd) {
    const size_t count = std::min(kSamplesPerAdd, samples.size() - i);
    Status status = writer_->Add(series, &samples[i], count, &write_batch_);
    if (status.ok() && write_batch_.GetDataSize() >= kWriteBytes) {
      status = WriteBatch();
    }
    if (!status.ok()) return status;
  }
  return Status::OK();
}

Status SampleBatch::WriteBatch() {
  if (write_batch_.Count() == 0) return Status::OK();
  const Status status = db_->Write(rocksdb::WriteOptions(), &write_batch_);
  write_batch_.Clear();
  return status;
}

Status SampleBatch::Finish() {
  const Status status = WriteAll();
  return status.ok() ? db_->Flush(rocksdb::FlushOptions(), cf_) : status;
}

}  // namespace varve::tools
