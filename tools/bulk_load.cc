#include "tools/bulk_load.h"

#include <algorithm>
#include <filesystem>

#include "format/row/row_key.h"
#include "plugin/samples/operand_encoder.h"
#include "rocksdb/sst_file_writer.h"

namespace varve::tools {
namespace {

// What a series costs besides its name and samples, about.
constexpr size_t kSeriesBytes = 160;

// Rows of different partitions lie in different files.
std::string PartitionOf(const RowShape& shape, const std::string& key) {
  return shape.partition == Partition::kNone ? ""
                                             : key.substr(0, kPartitionBytes);
}

}  // namespace

BulkLoad::BulkLoad(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                   const RowShape& shape, size_t held_bytes_max)
    : db_(db),
      cf_(cf),
      shape_(shape),
      held_bytes_max_(held_bytes_max),
      dir_(db->GetName() + "/varve-bulk") {}

Status BulkLoad::Open(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                      size_t held_bytes_max, std::unique_ptr<BulkLoad>* load) {
  Status status = CheckColumnFamily(db, cf);
  Policy policy;
  if (status.ok()) status = GetPolicy(db, cf, &policy);
  if (!status.ok()) return status;
  load->reset(new BulkLoad(db, cf, policy.shape, held_bytes_max));
  // What an earlier load that was killed may have left.
  std::error_code error;
  std::filesystem::remove_all((*load)->dir_, error);
  if (!error) std::filesystem::create_directory((*load)->dir_, error);
  return error ? Status::IOError((*load)->dir_, error.message()) : Status::OK();
}

BulkLoad::~BulkLoad() {
  std::error_code error;
  std::filesystem::remove_all(dir_, error);
}

Status BulkLoad::Add(const std::string& series, const Sample* samples,
                     size_t count) {
  const auto added = samples_.try_emplace(series);
  if (added.second) held_bytes_ += kSeriesBytes + series.size();
  std::vector<Sample>& held = added.first->second;
  held.insert(held.end(), samples, samples + count);
  held_bytes_ += count * sizeof(Sample);
  return held_bytes_ < held_bytes_max_ ? Status::OK() : Ingest();
}

Status BulkLoad::Finish() { return samples_.empty() ? Status::OK() : Ingest(); }

Status BulkLoad::Ingest() {
  std::vector<Row> rows;
  for (auto& [series, samples] : samples_) {
    EncodeSeries(series, std::move(samples), &rows);
  }
  samples_.clear();
  held_bytes_ = 0;
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.first < b.first; });
  std::vector<std::string> paths;
  const Status status = WriteFiles(rows, &paths);
  if (!status.ok()) return status;
  if (db_->GetOptions(cf_).compaction_style != rocksdb::kCompactionStyleLevel) {
    return IngestFiles(db_, cf_, paths);
  }
  // One by one: of levels, those that overlap nothing go to the last at once.
  for (const std::string& path : paths) {
    const Status ingested = IngestFiles(db_, cf_, {path});
    if (!ingested.ok()) return ingested;
  }
  return status;
}

void BulkLoad::EncodeSeries(const std::string& series,
                            std::vector<Sample> samples,
                            std::vector<Row>* rows) {
  // Stable: within a row the order of writes stays.
  const auto earlier_bucket = [this](const Sample& a, const Sample& b) {
    return shape_.BucketStart(a.timestamp_ms) <
           shape_.BucketStart(b.timestamp_ms);
  };
  if (!std::is_sorted(samples.begin(), samples.end(), earlier_bucket)) {
    std::stable_sort(samples.begin(), samples.end(), earlier_bucket);
  }
  SampleRun run;
  for (size_t i = 0; i < samples.size();) {
    const int64_t bucket = shape_.BucketStart(samples[i].timestamp_ms);
    const int64_t last = shape_.BucketLast(bucket);
    const size_t begin = i;
    while (i < samples.size() && samples[i].timestamp_ms <= last) ++i;
    run.Resize(i - begin);
    for (size_t j = begin; j < i; ++j) {
      run.timestamps()[j - begin] = samples[j].timestamp_ms;
      run.value_bits()[j - begin] = BitsOf(samples[j].value);
    }
    SortLastWriteWins(&run, &scratch_);
    std::string key;
    AppendRowKey(shape_, series, bucket, &key);
    rows->emplace_back(std::move(key), EncodeRow(bucket, &run));
  }
}

// A block, or a container of blocks where one cannot hold all.
std::string BulkLoad::EncodeRow(int64_t bucket_start_ms, SampleRun* run) {
  BlockSpec spec;
  spec.shape = shape_;
  spec.bucket_start_ms = bucket_start_ms;
  spec.profile = Profile::kCompact;
  ContainerWriter container;
  std::string operand;
  for (size_t i = 0; i < run->size(); i += kBlockSamplesMax) {
    const size_t count = std::min(kBlockSamplesMax, run->size() - i);
    operand.clear();
    encoder_.Encode(spec, run->timestamps() + i, run->value_bits() + i, count,
                    &operand);
    if (run->size() > kBlockSamplesMax) container.Add(operand);
  }
  if (container.entry_count() > 0) {
    operand.clear();
    container.Finish(&operand);
  }
  return operand;
}

Status BulkLoad::WriteFiles(const std::vector<Row>& rows,
                            std::vector<std::string>* paths) {
  const rocksdb::Options options = db_->GetOptions(cf_);
  for (size_t i = 0; i < rows.size();) {
    const std::string partition = PartitionOf(shape_, rows[i].first);
    const std::string path =
        dir_ + "/" + std::to_string(++file_count_) + ".sst";
    rocksdb::SstFileWriter file(rocksdb::EnvOptions(), options, cf_);
    Status status = file.Open(path);
    while (status.ok() && i < rows.size() &&
           PartitionOf(shape_, rows[i].first) == partition &&
           file.FileSize() < options.target_file_size_base) {
      status = file.Merge(rows[i].first, rows[i].second);
      ++i;
    }
    if (status.ok()) status = file.Finish();
    if (!status.ok()) return status;
    paths->push_back(path);
  }
  return Status::OK();
}

}  // namespace varve::tools
