// See operand_encoder.h.
#include "plugin/samples/operand_encoder.h"

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

}  // namespace varve
