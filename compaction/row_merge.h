// Merges the writes of one row: what the merge operator does, without
// RocksDB's classes.
//
// Entries are the row's blocks from the oldest to the newest write, each in
// any form (sample_block.h). The result holds the same View at every time
// from `now_ms` on, and the policy has been applied to it as of now_ms less
// its safety_lag (not at all with ageing off). A merge never fails: entries
// that cannot be decoded, or that do not belong to this row (another shape or
// bucket, samples outside it), are kept verbatim and in order in a container,
// around which the decodable segments are merged apart. Containers in
// containers are opened.
//
// Full or long pieces of the first entries, behind which all others lie in
// time, are taken over without decoding (held_blocks.h): the bytes of a result
// depend on how its entries were cut, the samples do not.
//
// Law: Merge(Merge(a, b), c) and Merge(a, Merge(b, c)) hold the same samples
// as Merge(a, b, c).
// Not thread-safe: keeps scratch memory, one RowMerger a thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compaction/downsample.h"
#include "compaction/held_blocks.h"
#include "compaction/sample_merge.h"
#include "compaction/thinned_decode.h"
#include "format/row/row_entries.h"
#include "format/row/row_key.h"
#include "format/row/sample_block.h"
#include "format/row/sample_run.h"
#include "varve/counters.h"
#include "varve/policy.h"

namespace varve {

// OK when the block with this header belongs to the row: form, shape and
// bucket agree, all samples lie within. Corruption says what does not.
// REQUIRES: not a container.
Status CheckBlockOfRow(const RowShape& shape, int64_t bucket_start_ms,
                       const BlockHeader& header);

// What becomes of a row's only entry that the policy leaves as it is.
enum class LoneEntry {
  kStays,
  kIsEncoded,  // in the profile asked for
};

struct RowMergeInput {
  const Policy& policy;
  int64_t now_ms;  // the clock's
  Slice key;
  const Slice* entries;  // oldest first; they do not point into the result
  size_t entry_count;    // at least 1
  Profile profile;       // of the blocks that are written
  LoneEntry lone = LoneEntry::kStays;
};

// The merged row in *out, or the only entry as it stands: `unchanged` is then
// that entry and *out empty.
struct RowMergeResult {
  std::string* out;
  Slice unchanged = Slice();

  Slice row() const { return unchanged.empty() ? Slice(*out) : unchanged; }
};

class RowMerger {
 public:
  // Replaces what *result held; adds what was done to *counters.
  void Merge(const RowMergeInput& input, RowMergeResult* result,
             Counters* counters);

  // Whether merges read back what they have written: written_check.h.
  static bool ChecksWritten();

 private:
  // The row at work.
  struct Row;

  // Where a segment lies: what is decoded between two entries that are kept
  // verbatim.
  enum class Segment { kInner, kLast };

  static bool IsResult(const Row& row, const Slice& entry);
  void Collect(Row* row, const Slice& entry);
  void CollectForeign(Row* row, const Slice& entry);
  bool Decode(Row* row, const Slice& entry, const BlockHeader& header);
  void ReleaseHeld(Row* row);
  size_t KeepPieces(Row* row);
  void KeepVerbatim(Row* row, const Slice& entry);
  void FinishSegment(Row* row, Segment segment);
  void Encode(const Row& row, Segment segment, size_t kept);
  void CheckWritten(const BlockSpec& spec, size_t kept, size_t begin,
                    size_t count) const;
  void Finish(Row* row, std::string* out);

  BlockEncoder encoder_;
  BlockDecoder decoder_;
  ThinnedDecoder thinned_decoder_;
  RowEntries entries_;
  HeldBlocks held_;  // written before what is in run_
  SampleRun run_;
  SampleRun later_;
  MergeScratch scratch_;
  ContainerWriter container_;
  std::string block_;
};

}  // namespace varve
