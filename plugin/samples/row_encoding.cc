// EncodeRowKey and EncodeSamples of varve.h: rows for who builds them without
// a SampleWriter.
#include "format/row/row_key.h"
#include "plugin/host/no_throw.h"
#include "plugin/samples/operand_encoder.h"
#include "varve/varve.h"

namespace varve {
namespace {

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

}  // namespace varve
