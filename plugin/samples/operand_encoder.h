// From samples in write order to the bytes of one merge operand. What
// EncodeSamples (varve.h) and SampleWriter share.
// Pure but for the scratch memory: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compaction/sample_merge.h"
#include "format/coding/value_bits.h"
#include "format/row/sample_block.h"
#include "format/row/sample_run.h"
#include "varve/row_shape.h"
#include "varve/varve.h"

namespace varve {

class OperandEncoder {
 public:
  // The calling thread's own.
  static OperandEncoder& ForThisThread();

  // The samples to encode, to be filled in write order.
  SampleRun* run() { return &run_; }
  void Append(const Sample* samples, size_t count);

  // Appends an operand with what run() holds and empties run(). Returns how
  // many samples a later one of the same operand has overwritten.
  // REQUIRES: 1 to kBlockSamplesMax samples, all in that bucket.
  size_t Finish(const RowShape& shape, int64_t bucket_start_ms,
                std::string* operand);

  // Appends an operand with one sample, without a sort or a copy.
  void EncodeOne(const RowShape& shape, int64_t bucket_start_ms,
                 int64_t timestamp_ms, double value, std::string* operand);

 private:
  SampleRun run_;
  MergeScratch scratch_;
  BlockEncoder encoder_;
};

inline bool IsValidTimestamp(int64_t timestamp_ms) {
  return timestamp_ms >= kTimestampMin && timestamp_ms <= kTimestampMax;
}

// "timestamp_ms T of sample I ": how a refusal begins.
std::string NameSample(const Sample* samples, size_t index);

// OK, or InvalidArgument that names sample `index` and likely causes.
Status CheckTimestamp(const Sample* samples, size_t index);

}  // namespace varve
