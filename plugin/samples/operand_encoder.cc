// See operand_encoder.h and, for EncodeRowKey, EncodeSamples and DecodeSamples, the
// public header.
#include "plugin/samples/operand_encoder.h"

#include <cstring>
#include <iterator>

#include "format/row/row_entries.h"
#include "format/row/row_key.h"
#include "plugin/host/no_throw.h"

namespace varve {

OperandEncoder& OperandEncoder::ForThisThread() {
  static thread_local OperandEncoder encoder;
  return encoder;
}

void OperandEncoder::Append(const Sample* samples, size_t count) {
  const size_t start = run_.size();
  run_.Resize(start + count);
  int64_t* const timestamps = run_.timestamps() + start;
  uint64_t* const value_bits = run_.value_bits() + start;
  for (size_t i = 0; i < count; ++i) {
    timestamps[i] = samples[i].timestamp_ms;
    value_bits[i] = BitsOf(samples[i].value);
  }
}

size_t OperandEncoder::Finish(const RowShape& shape, int64_t bucket_start_ms,
                              std::string* operand) {
  const size_t overwritten = SortLastWriteWins(&run_, &scratch_);
  BlockSpec spec;
  spec.shape = shape;
  spec.bucket_start_ms = bucket_start_ms;
  encoder_.Encode(spec, run_.timestamps(), run_.value_bits(), run_.size(),
                  operand);
  run_.clear();
  return overwritten;
}

void OperandEncoder::EncodeOne(const RowShape& shape, int64_t bucket_start_ms,
                               int64_t timestamp_ms, double value,
                               std::string* operand) {
  BlockSpec spec;
  spec.shape = shape;
  spec.bucket_start_ms = bucket_start_ms;
  const uint64_t bits = BitsOf(value);
  encoder_.Encode(spec, &timestamp_ms, &bits, 1, operand);
}

namespace {

// A run's samples one by one: a vector takes them from here without clearing
// their memory first.
class RunIterator {
 public:
  using iterator_category = std::random_access_iterator_tag;
  using value_type = Sample;
  using difference_type = ptrdiff_t;
  using pointer = const Sample*;
  using reference = Sample;

  RunIterator(const SampleRun& run, size_t i)
      : timestamp_(run.timestamps() + i), bits_(run.value_bits() + i) {}

  Sample operator*() const { return {*timestamp_, ValueOf(*bits_)}; }
  RunIterator& operator+=(ptrdiff_t n) {
    timestamp_ += n;
    bits_ += n;
    return *this;
  }
  RunIterator& operator++() { return *this += 1; }
  RunIterator& operator--() { return *this += -1; }
  ptrdiff_t operator-(const RunIterator& other) const {
    return timestamp_ - other.timestamp_;
  }
  bool operator==(const RunIterator& other) const {
    return timestamp_ == other.timestamp_;
  }
  bool operator!=(const RunIterator& other) const { return !(*this == other); }

 private:
  const int64_t* timestamp_;
  const uint64_t* bits_;
};

}  // namespace

void AppendSamples(const SampleRun& run, std::vector<Sample>* samples) {
  samples->insert(samples->end(), RunIterator(run, 0),
                  RunIterator(run, run.size()));
}

std::string NameSample(const Sample* samples, size_t index) {
  return "timestamp_ms " + std::to_string(samples[index].timestamp_ms) +
         " of sample " + std::to_string(index) + " ";
}

Status CheckTimestamp(const Sample* samples, size_t index) {
  if (IsValidTimestamp(samples[index].timestamp_ms)) return Status::OK();
  if (samples[index].timestamp_ms < kTimestampMin) {
    return Status::InvalidArgument(NameSample(samples, index) +
                                   "lies before 1970-01-01");
  }
  return Status::InvalidArgument(
      NameSample(samples, index) +
      "lies beyond 9999-12-31: micro- or nanoseconds taken for milliseconds?");
}

namespace {

Status DecodeEntries(const Slice& block, std::vector<Sample>* samples) {
  SampleRun run;
  MergeScratch scratch;
  BlockDecoder decoder;
  RowEntries entries(block);
  while (entries.Next()) {
    if (!entries.status().ok()) return entries.status();
    const Status status = decoder.DecodeRange(entries.entry(), entries.header(),
                                              INT64_MIN, INT64_MAX, &run);
    if (!status.ok()) return status;
  }
  SortLastWriteWins(&run, &scratch);
  AppendSamples(run, samples);
  return Status::OK();
}

Status EncodeOneBucket(const RowShape& shape, const Sample* samples,
                       size_t count, std::string* operand) {
  const int64_t bucket = shape.BucketStart(samples[0].timestamp_ms);
  const int64_t first = shape.BucketFirst(bucket);
  const int64_t last = shape.BucketLast(bucket);
  for (size_t i = 0; i < count; ++i) {
    const Status status = CheckTimestamp(samples, i);
    if (!status.ok()) return status;
    if (samples[i].timestamp_ms < first || samples[i].timestamp_ms > last) {
      return Status::InvalidArgument(
          NameSample(samples, i) + "lies outside the bucket from " +
          std::to_string(first) + " to " + std::to_string(last) +
          " of sample 0: one operand holds samples of one bucket");
    }
  }
  OperandEncoder& encoder = OperandEncoder::ForThisThread();
  encoder.run()->clear();  // what a failure may have left
  encoder.Append(samples, count);
  encoder.Finish(shape, bucket, operand);
  return Status::OK();
}

}  // namespace

Status EncodeRowKey(const RowShape& shape, const Slice& series,
                    int64_t timestamp_ms, std::string* key) {
  Status status = CheckRowShape(shape);
  if (status.ok()) status = CheckSeries(series);
  if (!status.ok()) return status;
  const Sample sample{timestamp_ms, 0};
  status = CheckTimestamp(&sample, 0);
  if (!status.ok()) return status;
  return NoThrow([&] {
    AppendRowKey(shape, series, shape.BucketStart(timestamp_ms), key);
    return Status::OK();
  });
}

Status EncodeSamples(const RowShape& shape, const Sample* samples, size_t count,
                     std::string* operand) {
  if (count == 0) {
    return Status::InvalidArgument("an operand holds at least one sample");
  }
  if (count > kBlockSamplesMax) {
    return Status::InvalidArgument(std::to_string(count) +
                                   " samples, an operand holds at most " +
                                   std::to_string(kBlockSamplesMax));
  }
  const Status status = CheckRowShape(shape);
  if (!status.ok()) return status;
  return NoThrow(
      [&] { return EncodeOneBucket(shape, samples, count, operand); });
}

Status DecodeSamples(const Slice& block, std::vector<Sample>* samples) {
  return NoThrow([&] { return DecodeEntries(block, samples); });
}

}  // namespace varve
