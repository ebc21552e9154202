// See row_merge.h.
#include "compaction/row_merge.h"

#include <algorithm>

#include "compaction/written_check.h"

namespace varve {

struct RowMerger::Row {
  Row(const RowMergeInput& input, Counters* c)
      : policy(input.policy), profile(input.profile), counters(c) {}

  const Policy& policy;
  Profile profile;
  Counters* counters;
  bool foreign_key = false;
  int64_t bucket_start_ms = 0;
  Thinning thinning;
  ThinCounts dropped;  // of run_'s blocks while they were decoded
  size_t blocks = 0;   // decoded into run_ of the segment at work
};

Status CheckBlockOfRow(const RowShape& shape, int64_t bucket_start_ms,
                       const BlockHeader& header) {
  if (header.form == BlockForm::kBlock) {
    if (header.shape != shape) {
      return Status::Corruption(
          "block: written with another bucket, partition or window than the "
          "column family has");
    }
    if (header.bucket_start_ms != bucket_start_ms) {
      return Status::Corruption(
          "block: of the bucket at " + std::to_string(header.bucket_start_ms) +
          " in the row of the bucket at " + std::to_string(bucket_start_ms));
    }
    return Status::OK();
  }
  if (header.first_timestamp_ms < shape.BucketFirst(bucket_start_ms) ||
      header.last_timestamp_ms > shape.BucketLast(bucket_start_ms)) {
    return Status::Corruption(
        "block: holds timestamps from " +
        std::to_string(header.first_timestamp_ms) + " to " +
        std::to_string(header.last_timestamp_ms) +
        ", outside its row's bucket at " + std::to_string(bucket_start_ms));
  }
  return Status::OK();
}

// Whether a row's only entry can stay as it is.
bool RowMerger::IsResult(const Row& row, const Slice& entry) {
  if (row.foreign_key) {
    ++row.counters->rows_foreign;
    return true;
  }
  BlockHeader header;
  if (!PeekBlock(entry, &header).ok() || header.form != BlockForm::kBlock ||
      !CheckBlockOfRow(row.policy.shape, row.bucket_start_ms, header).ok() ||
      !IsThinned(header, row.thinning)) {
    return false;
  }
  ++row.counters->blocks_passed;
  return true;
}

// Decodes an entry into run_, or holds it; false, and all as before, when it
// cannot be or does not belong here.
bool RowMerger::Decode(Row* row, const Slice& entry,
                       const BlockHeader& header) {
  if (!CheckBlockOfRow(row->policy.shape, row->bucket_start_ms, header).ok()) {
    return false;
  }
  if (!held_.empty() &&
      header.first_timestamp_ms <= held_.pieces()[0].limit_ms) {
    ReleaseHeld(row);  // nothing of it could stay
  }
  if (run_.empty() && held_.Hold(entry, header)) {
    ++row->blocks;
    return true;
  }
  if (thinned_decoder_.Decode(entry, header, row->thinning, &run_,
                              &row->dropped)) {
    ++row->blocks;
    return true;
  }
  if (!decoder_.DecodeRange(entry, header, INT64_MIN, INT64_MAX, &run_).ok()) {
    return false;
  }
  ++row->blocks;
  return true;
}

// Decodes what is held after all.
void RowMerger::ReleaseHeld(Row* row) {
  const std::vector<Slice> blocks = held_.blocks();
  held_.Clear();
  later_.clear();
  later_.Swap(&run_);
  const size_t later_blocks = row->blocks - blocks.size();
  row->blocks = 0;
  for (const Slice& block : blocks) {
    if (decoder_.Decode(block, &run_).ok()) {
      ++row->blocks;
    } else {
      KeepVerbatim(row, block);
    }
  }
  run_.Append(later_.timestamps(), later_.value_bits(), later_.size());
  row->blocks += later_blocks;
}

// Decides which of the held pieces stay, and decodes the others into run_.
// Returns how many stay; with 0 nothing is held any more.
// REQUIRES: run_ is sorted. It is not afterwards.
size_t RowMerger::KeepPieces(Row* row) {
  const std::vector<BlockPiece>& pieces = held_.pieces();
  const size_t kept =
      held_.CountKept(run_.size(), run_.empty() ? 0 : run_.timestamps()[0]);
  later_.clear();
  later_.Swap(&run_);
  bool decoded = kept > 0;
  for (size_t i = kept; i < pieces.size() && decoded; ++i) {
    decoded = decoder_.DecodePiece(pieces[i], &run_).ok();
  }
  if (!decoded) run_.clear();
  run_.Append(later_.timestamps(), later_.value_bits(), later_.size());
  if (decoded) return kept;
  ReleaseHeld(row);
  return 0;
}

void RowMerger::KeepVerbatim(Row* row, const Slice& entry) {
  FinishSegment(row, Segment::kInner);
  container_.Add(entry);
  ++row->counters->blocks_undecodable;
}

// Takes one entry, a container's entries one by one.
void RowMerger::Collect(Row* row, const Slice& entry) {
  if (row->foreign_key) return CollectForeign(row, entry);
  entries_.Open(entry);
  while (entries_.Next()) {
    if (!entries_.status().ok() ||
        !Decode(row, entries_.entry(), entries_.header())) {
      KeepVerbatim(row, entries_.entry());
    }
  }
}

// Opens what a merge before has put around the writes, and nothing of theirs.
void RowMerger::CollectForeign(Row* row, const Slice& entry) {
  BlockHeader header;
  if (!PeekBlock(entry, &header).ok() || header.form != BlockForm::kContainer) {
    return KeepVerbatim(row, entry);
  }
  ContainerReader reader(entry);
  Slice inner;
  while (reader.Next(&inner)) KeepVerbatim(row, inner);
}

// Merges, thins and encodes what run_ and held_ hold into blocks of the
// container.
void RowMerger::FinishSegment(Row* row, Segment segment) {
  if (row->blocks == 0) return;
  Counters* const counters = row->counters;
  size_t overwritten = SortLastWriteWins(&run_, &scratch_);
  size_t kept = 0;
  size_t kept_samples = 0;
  if (!held_.empty()) {
    kept = KeepPieces(row);
    if (row->blocks == 0) return;
    overwritten += SortLastWriteWins(&run_, &scratch_);
    for (size_t i = 0; i < kept; ++i) kept_samples += held_.pieces()[i].count;
  }
  ThinCounts counts = row->dropped;
  row->dropped = ThinCounts();
  if (row->blocks > 1) {
    counters->samples_merged += run_.size() + overwritten + kept_samples +
                                counts.expired + counts.downsampled +
                                counts.deduplicated;
    counters->blocks_merged += row->blocks;
  }
  counters->samples_overwritten += overwritten;
  Thin(row->thinning, row->policy.shape.window, &run_, &counts);
  counters->samples_expired += counts.expired;
  counters->samples_downsampled += counts.downsampled;
  counters->samples_deduplicated += counts.deduplicated;
  Encode(*row, segment, kept);
  held_.Clear();
  run_.clear();
  row->blocks = 0;
}

// Encodes run_ behind the pieces of held_ that stay: to block_ when that is
// all of the row, which then needs no container (see Finish).
void RowMerger::Encode(const Row& row, Segment segment, size_t kept) {
  BlockSpec spec;
  spec.shape = row.policy.shape;
  spec.bucket_start_ms = row.bucket_start_ms;
  spec.profile = row.profile;
  DescribeThinning(row.thinning, &spec);
  const bool alone = segment == Segment::kLast &&
                     container_.entry_count() == 0 &&
                     run_.size() <= kBlockSamplesMax;
  if (kept > 0) {  // with it they fit into a block
    block_.clear();
    encoder_.Join(spec, held_.pieces().data(), kept, run_.timestamps(),
                  run_.value_bits(), run_.size(), &block_);
    CheckWritten(spec, kept, 0, run_.size());
    if (!alone) container_.Add(block_);
    return;
  }
  for (size_t begin = 0; begin < run_.size() || alone;) {
    const size_t count = std::min(kBlockSamplesMax, run_.size() - begin);
    block_.clear();
    encoder_.Encode(spec, run_.timestamps() + begin, run_.value_bits() + begin,
                    count, &block_);
    CheckWritten(spec, 0, begin, count);
    if (alone) break;
    container_.Add(block_);
    begin += count;
  }
}

// Reads block_ back: `kept` pieces, then `count` samples of run_.
void RowMerger::CheckWritten(const BlockSpec& spec, size_t kept, size_t begin,
                             size_t count) const {
  if (!kChecksWritten) return;
  EndUnlessReadBack("a merged row",
                    BlockReadsBack(block_, spec, held_.pieces().data(), kept,
                                   run_.timestamps() + begin,
                                   run_.value_bits() + begin, count));
}

bool RowMerger::ChecksWritten() { return kChecksWritten; }

void RowMerger::Finish(Row* row, std::string* out) {
  block_.clear();
  FinishSegment(row, Segment::kLast);
  out->clear();
  // Entries that hold no write at all, as an empty container.
  if (container_.entry_count() == 0 && block_.empty()) {
    if (row->foreign_key) return container_.Finish(out);
    Encode(*row, Segment::kLast, 0);
  }
  if (container_.entry_count() == 0) {
    out->swap(block_);
    return;
  }
  const bool single = container_.entry_count() == 1;
  container_.Finish(out);
  if (single) {  // it stands for itself
    ContainerReader reader(*out);
    Slice entry;
    reader.Next(&entry);
    out->erase(0, out->size() - entry.size());
  }
}

void RowMerger::Merge(const RowMergeInput& input, RowMergeResult* result,
                      Counters* counters) {
  const Policy& policy = input.policy;
  Row row(input, counters);
  ParsedRowKey parsed;
  row.foreign_key = !ParseRowKey(policy.shape, input.key, &parsed);
  row.bucket_start_ms = parsed.bucket_start_ms;
  if (policy.ageing && !row.foreign_key) {
    row.thinning = ThinningAt(policy, PhysicalTime(policy, input.now_ms),
                              parsed.bucket_start_ms);
  }
  result->unchanged.clear();
  result->out->clear();
  const bool alone = input.entry_count == 1;
  const bool may_stay = row.foreign_key || input.lone == LoneEntry::kStays;
  if (alone && may_stay && IsResult(row, input.entries[0])) {
    result->unchanged = input.entries[0];
    return;
  }
  run_.clear();
  held_.Start(policy.shape, row.thinning, row.profile);
  for (size_t i = 0; i < input.entry_count; ++i) {
    Collect(&row, input.entries[i]);
  }
  Finish(&row, result->out);
  if (alone && *result->out == input.entries[0]) {
    result->unchanged = input.entries[0];
    result->out->clear();
  }
}

}  // namespace varve
