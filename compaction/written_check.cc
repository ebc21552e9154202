// See written_check.h.
#include "compaction/written_check.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "compaction/row_merge.h"

namespace varve {
namespace {

Status Differs(const std::string& what) {
  return Status::Corruption("what was written reads otherwise: " + what);
}

Status SameHeader(const BlockHeader& header, const BlockSpec& spec) {
  if (header.form != BlockForm::kBlock) return Differs("no block");
  if (header.thinned_count != spec.thinned_count) {
    return Differs(std::to_string(header.thinned_count) +
                   " thinned intervals, meant were " +
                   std::to_string(spec.thinned_count));
  }
  for (size_t i = 0; i < spec.thinned_count; ++i) {
    if (header.thinned[i] == spec.thinned[i]) continue;
    return Differs("the thinned interval of " +
                   std::to_string(spec.thinned[i].interval_ms) + " ms");
  }
  return Status::OK();
}

Status SameSamples(const SampleRun& found, const SampleRun& meant) {
  if (found.size() != meant.size()) {
    return Differs(std::to_string(found.size()) + " samples, meant were " +
                   std::to_string(meant.size()));
  }
  for (size_t i = 0; i < found.size(); ++i) {
    if (found.timestamps()[i] == meant.timestamps()[i] &&
        found.value_bits()[i] == meant.value_bits()[i]) {
      continue;
    }
    return Differs("the sample at " + std::to_string(meant.timestamps()[i]));
  }
  return Status::OK();
}

// Every window that ends by up_to holds at most one sample.
Status IsThinnedAsStated(const BlockSpec& spec, const SampleRun& run) {
  for (size_t n = 0; n < spec.thinned_count; ++n) {
    const ThinnedInterval& fact = spec.thinned[n];
    int64_t before = INT64_MIN;
    for (size_t i = 0; i < run.size(); ++i) {
      const int64_t window =
          spec.shape.WindowStart(run.timestamps()[i], fact.interval_ms);
      if (window + fact.interval_ms > fact.up_to_ms) break;
      if (window == before) {
        return Differs("two samples in the window of " +
                       std::to_string(fact.interval_ms) + " ms at " +
                       std::to_string(window));
      }
      before = window;
    }
  }
  return Status::OK();
}

}  // namespace

Status BlockReadsBack(const Slice& block, const BlockSpec& spec,
                      const BlockPiece* pieces, size_t piece_count,
                      const int64_t* timestamps, const uint64_t* value_bits,
                      size_t count) {
  BlockHeader header;
  BlockDecoder decoder;
  SampleRun found;
  SampleRun meant;
  Status status = PeekBlock(block, &header);
  if (status.ok()) status = SameHeader(header, spec);
  if (status.ok()) {
    status = CheckBlockOfRow(spec.shape, spec.bucket_start_ms, header);
  }
  if (status.ok()) status = decoder.Decode(block, &found);
  for (size_t i = 0; i < piece_count && status.ok(); ++i) {
    status = decoder.DecodePiece(pieces[i], &meant);
  }
  if (!status.ok()) return status;
  meant.Append(timestamps, value_bits, count);
  status = SameSamples(found, meant);
  return status.ok() ? IsThinnedAsStated(spec, found) : status;
}

Status PropertiesReadBack(const rocksdb::UserCollectedProperties& properties) {
  SampleProperties parsed;
  const Status status = ParseSampleProperties(properties, &parsed);
  if (!status.ok()) return status;
  rocksdb::UserCollectedProperties again;
  parsed.AppendTo(&again);
  for (const auto& [name, value] : again) {
    const auto written = properties.find(name);
    if (written == properties.end() || written->second != value) {
      return Differs("property " + name + " is then '" + value + "'");
    }
  }
  return Status::OK();
}

void EndUnlessReadBack(const char* what, const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "Varve's standing check: %s: %s\n", what,
               status.ToString().c_str());
  std::abort();
}

}  // namespace varve
