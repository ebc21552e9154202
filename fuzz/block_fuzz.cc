// Any bytes as a block: an error, or samples that keep every promise of
// sample_block.h. Aborts where one is broken.
#include <cstdint>
#include <cstring>
#include <string>

#include "format/row/block_dump.h"
#include "format/row/sample_block.h"
#include "fuzz/fuzz_check.h"

namespace varve {
namespace {

constexpr int kDepthMax = 4;
// Larger claims are decoded by one narrow range only, to stay quick.
constexpr size_t kWholeSamplesMax = 32 * kPieceSamplesMax;

void CheckError(const Status& status) {
  VARVE_CHECK(status.IsCorruption() || status.IsNotSupported());
}

void CheckHeader(const Slice& block, const BlockHeader& header) {
  if (header.form == BlockForm::kPlain) {
    VARVE_CHECK(header.sample_count * kPlainSampleBytes + kBlockTagBytes ==
                block.size());
    return;
  }
  VARVE_CHECK(header.header_bytes + header.timestamp_bytes +
                  header.value_bytes ==
              block.size());
  // What a few bytes can claim is bounded.
  VARVE_CHECK(header.sample_count <= kBlockSamplesMax);
  VARVE_CHECK(header.sample_count <= block.size() * kPieceSamplesMax);
  VARVE_CHECK(header.shape.IsBucketStart(header.bucket_start_ms));
  VARVE_CHECK(header.thinned_count <= kThinnedIntervalsMax);
  const int64_t bucket_end =
      header.bucket_start_ms + header.shape.bucket_width_ms;
  for (size_t i = 0; i < header.thinned_count; ++i) {
    const ThinnedInterval& thinned = header.thinned[i];
    VARVE_CHECK(thinned.interval_ms > 0);
    VARVE_CHECK(header.shape.bucket_width_ms % thinned.interval_ms == 0);
    VARVE_CHECK(thinned.up_to_ms > header.bucket_start_ms);
    VARVE_CHECK(thinned.up_to_ms <= bucket_end);
    if (i == 0) continue;
    VARVE_CHECK(thinned.interval_ms > header.thinned[i - 1].interval_ms);
    VARVE_CHECK(thinned.up_to_ms < header.thinned[i - 1].up_to_ms);
  }
  if (header.sample_count == 0) return;
  VARVE_CHECK(header.last_timestamp_ms - header.first_timestamp_ms >=
              static_cast<int64_t>(header.sample_count) - 1);
  VARVE_CHECK(header.first_timestamp_ms >=
              header.shape.BucketFirst(header.bucket_start_ms));
  VARVE_CHECK(header.last_timestamp_ms <=
              header.shape.BucketLast(header.bucket_start_ms));
}

void CheckSamples(const BlockHeader& header, const SampleRun& run) {
  VARVE_CHECK(run.size() == header.sample_count);
  if (run.empty()) return;
  int64_t smallest = run.timestamps()[0];
  int64_t largest = smallest;
  for (size_t i = 1; i < run.size(); ++i) {
    const int64_t t = run.timestamps()[i];
    if (header.form == BlockForm::kBlock) VARVE_CHECK(t > largest);
    if (t < smallest) smallest = t;
    if (t > largest) largest = t;
  }
  VARVE_CHECK(smallest == header.first_timestamp_ms);
  VARVE_CHECK(largest == header.last_timestamp_ms);
  VARVE_CHECK(smallest >= kTimestampMin && largest <= kTimestampMax);
}

bool Same(const SampleRun& a, const SampleRun& b) {
  return a.size() == b.size() &&
         (a.empty() ||
          (memcmp(a.timestamps(), b.timestamps(), a.size() * 8) == 0 &&
           memcmp(a.value_bits(), b.value_bits(), a.size() * 8) == 0));
}

void CheckRanges(const Slice& block, const SampleRun& whole,
                 BlockDecoder* decoder) {
  const size_t n = whole.size();
  if (n == 0) return;
  for (const size_t i : {n / 3, n - 1}) {
    const int64_t from = whole.timestamps()[i];
    const int64_t to = whole.timestamps()[n - 1 - i / 2];
    SampleRun expected;
    for (size_t s = 0; s < n; ++s) {
      const int64_t t = whole.timestamps()[s];
      if (t >= from && t <= to) expected.Append(t, whole.value_bits()[s]);
    }
    SampleRun range;
    VARVE_CHECK(decoder->DecodeRange(block, from, to, &range).ok());
    VARVE_CHECK(Same(range, expected));
  }
}

void CheckLast(const Slice& block, const BlockHeader& header,
               const SampleRun& run, BlockDecoder* decoder) {
  if (run.empty()) return;
  uint64_t last = 0;
  VARVE_CHECK(decoder->DecodeLast(block, header, &last).ok());
  size_t at = run.size() - 1;
  while (run.timestamps()[at] != header.last_timestamp_ms) --at;
  VARVE_CHECK(last == run.value_bits()[at]);
}

void CheckEncodesAgain(const BlockHeader& header, const SampleRun& run,
                       BlockDecoder* decoder) {
  BlockSpec spec;
  spec.shape = header.shape;
  spec.bucket_start_ms = header.bucket_start_ms;
  spec.thinned_count = header.thinned_count;
  for (size_t i = 0; i < header.thinned_count; ++i) {
    spec.thinned[i] = header.thinned[i];
  }
  std::string block;
  BlockEncoder().Encode(spec, run.timestamps(), run.value_bits(), run.size(),
                        &block);
  BlockHeader again;
  VARVE_CHECK(PeekBlock(block, &again).ok());
  VARVE_CHECK(again.shape == header.shape);
  VARVE_CHECK(again.bucket_start_ms == header.bucket_start_ms);
  VARVE_CHECK(again.thinned_count == header.thinned_count);
  for (size_t i = 0; i < header.thinned_count; ++i) {
    VARVE_CHECK(again.thinned[i] == header.thinned[i]);
  }
  SampleRun decoded;
  VARVE_CHECK(decoder->Decode(block, &decoded).ok());
  VARVE_CHECK(Same(decoded, run));
}

void CheckBlock(const Slice& block, int depth) {
  BlockHeader header;
  BlockDecoder decoder;
  SampleRun run;
  run.Append(1, 2);
  const Status peeked = PeekBlock(block, &header);
  if (!peeked.ok()) {
    CheckError(peeked);
    VARVE_CHECK(decoder.Decode(block, &run).code() == peeked.code());
    VARVE_CHECK(run.size() == 1);
    return;
  }
  if (header.form == BlockForm::kContainer) {
    ContainerReader reader(block);
    Slice entry;
    size_t entries = 0;
    for (; reader.Next(&entry); ++entries) {
      if (depth < kDepthMax) CheckBlock(entry, depth + 1);
    }
    VARVE_CHECK(entries == header.entry_count);
    return;
  }
  CheckHeader(block, header);
  if (header.sample_count > kWholeSamplesMax) {
    const int64_t t = header.first_timestamp_ms;
    const Status status = decoder.DecodeRange(block, header, t, t, &run);
    if (!status.ok()) CheckError(status);
    VARVE_CHECK(run.size() == (status.ok() ? 2 : 1));
    return;
  }
  const Status status = decoder.Decode(block, &run);
  if (!status.ok()) {
    CheckError(status);
    VARVE_CHECK(run.size() == 1);
    uint64_t last = 0;
    if (header.sample_count > 0 &&
        !decoder.DecodeLast(block, header, &last).ok()) {
      VARVE_CHECK(run.size() == 1);
    }
    return;
  }
  run.clear();
  VARVE_CHECK(
      decoder.DecodeRange(block, header, INT64_MIN, INT64_MAX, &run).ok());
  CheckSamples(header, run);
  CheckLast(block, header, run, &decoder);
  CheckRanges(block, run, &decoder);
  if (header.form == BlockForm::kBlock) {
    CheckEncodesAgain(header, run, &decoder);
  }
}

}  // namespace
}  // namespace varve

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const varve::Slice block(reinterpret_cast<const char*>(data), size);
  varve::CheckBlock(block, 0);
  std::string text;
  varve::BlockDumpLimits limits;
  limits.column_bytes_max = 64;
  limits.samples_max = 4;
  varve::BlockHeader header;
  if (!varve::PeekBlock(block, &header).ok() ||
      header.sample_count <= varve::kWholeSamplesMax) {
    varve::DumpBlock(block, limits, &text);
  }
  return 0;
}
