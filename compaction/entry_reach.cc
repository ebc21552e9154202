// See entry_reach.h.
#include "compaction/entry_reach.h"

#include "compaction/row_merge.h"
#include "format/row/row_key.h"

namespace varve {

RowReach::RowReach(const RowShape& shape, const rocksdb::Slice& key)
    : shape_(shape) {
  ParsedRowKey parsed;
  foreign_ = !ParseRowKey(shape, key, &parsed);
  bucket_start_ms_ = parsed.bucket_start_ms;
}

// What is not samples of the row may be anything.
EntryReach RowReach::Of(const RowEntries& entries) const {
  const BlockHeader& header = entries.header();
  if (foreign_ || !entries.status().ok() ||
      !CheckBlockOfRow(shape_, bucket_start_ms_, header).ok()) {
    return EntryReach::Everything();
  }
  if (header.sample_count == 0) return {};
  return {header.first_timestamp_ms, header.last_timestamp_ms};
}

EntryReach RowReach::OfOperand(const rocksdb::Slice& bytes) {
  if (foreign_) return EntryReach::Everything();
  EntryReach reach;
  entries_.Open(bytes);
  while (entries_.Next()) reach.Join(Of(entries_));
  return reach;
}

}  // namespace varve
