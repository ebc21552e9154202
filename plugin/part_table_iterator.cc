#include "plugin/part_table_iterator.h"

namespace varve {

using rocksdb::IterateResult;
using rocksdb::ReadOptions;
using rocksdb::Slice;
using rocksdb::Status;

PartTableIterator::PartTableIterator(const PartTableReader& table,
                                     const Config& config)
    : table_(table),
      config_(config),
      readahead_(table.source(), table.options(), config.read,
                 config.for_compaction, config.compaction_readahead_bytes),
      request_{config.read, nullptr, nullptr, config.for_compaction},
      index_(table, request_) {
  if (table.has_global_sequence()) {
    rows_.OverrideSequence(table.global_sequence());
  }
}

PartTableIterator::~PartTableIterator() = default;

void PartTableIterator::CloseBox() {
  rows_.Close();
  if (!box_.empty()) {
    // What the pinning iterator above has seen stays until it lets go. Mapped
    // bytes stay as long as the file is open.
    if (pinning() && box_.pins()) box_.TransferTo(pinned_iters_mgr_);
    box_.Reset();
  }
  box_offset_ = UINT64_MAX;
  within_bound_ = false;
}

bool PartTableIterator::OpenBox() {
  if (!index_.Valid()) {
    CloseBox();
    return false;
  }
  const BoxHandle& handle = index_.handle();
  if (handle.offset != box_offset_) {
    CloseBox();
    readahead_.Expect(handle);
    request_.prefetch = readahead_.buffer();
    const BoxRequest request{config_.read, readahead_.buffer(), nullptr,
                             config_.for_compaction};
    status_ = table_.LoadRows(handle, request, &box_, &rows_);
    if (!status_.ok()) return false;
    box_offset_ = handle.offset;
  }
  CheckBoxBound();
  return true;
}

void PartTableIterator::CheckRows() {
  if (rows_.corrupt()) {
    status_ = table_.RowsCorrupt(index_.handle(), rows_.corrupt_at());
  }
}

// Whether the upper bound lies behind the box: the next one then starts
// behind the separator.
void PartTableIterator::CheckBoxBound() {
  const Slice* bound = config_.read.iterate_upper_bound;
  within_bound_ =
      bound != nullptr && table_.order().user().CompareBound(
                              *bound, index_.separator_user_key()) > 0;
}

void PartTableIterator::CheckBound() {
  const Slice* bound = config_.read.iterate_upper_bound;
  out_of_bound_ = bound != nullptr && !within_bound_ && rows_.Valid() &&
                  table_.order().user().CompareBound(*bound, user_key()) <= 0;
}

void PartTableIterator::FindForward() {
  while (!rows_.Valid()) {
    CheckRows();
    if (!status_.ok()) return;
    // The next box begins at or behind the bound. With no next box the bound
    // may lie in the next file: not ours to say.
    const bool next_is_out =
        config_.read.iterate_upper_bound != nullptr && !within_bound_;
    index_.Next();
    if (next_is_out && index_.Valid()) {
      CloseBox();
      out_of_bound_ = true;
      return;
    }
    if (!OpenBox()) return;
    rows_.SeekToFirst();
  }
  CheckBound();
}

void PartTableIterator::FindBackward() {
  while (!rows_.Valid()) {
    CheckRows();
    if (!status_.ok()) return;
    index_.Prev();
    if (!OpenBox()) return;
    rows_.SeekToLast();
  }
}

bool PartTableIterator::PrefixAdmits(const Slice& prefix) {
  bool may_hold = true;
  Status s = table_.FilterMayHold(HashPrefix(prefix), request_, &may_hold);
  rocksdb::Statistics* stats = table_.source().ioptions().stats;
  RecordTick(stats, rocksdb::BLOOM_FILTER_PREFIX_CHECKED);
  if (!may_hold) RecordTick(stats, rocksdb::BLOOM_FILTER_PREFIX_USEFUL);
  if (!s.ok()) {
    status_ = s;
    return false;
  }
  return may_hold;
}

bool PartTableIterator::FilterAdmits(const Slice& target, bool forward) {
  const ReadOptions& read = config_.read;
  if (config_.skip_filters || table_.root().filter.shard_count == 0) {
    return true;
  }
  const UserKeyOrder& order = table_.order().user();
  const Slice user_key = rocksdb::StripTimestampFromUserKey(
      rocksdb::ExtractUserKey(target), order.timestamp_bytes());
  const Slice* bound = read.iterate_upper_bound;
  const rocksdb::SliceTransform* extractor = config_.prefix_extractor;
  if (!read.total_order_seek && table_.KnowsPrefixesOf(extractor) &&
      extractor->InDomain(user_key)) {
    const Slice prefix = extractor->Transform(user_key);
    // In automatic mode the result is that of a total order seek, so all keys
    // up to the bound need to share the prefix.
    const bool usable =
        !read.auto_prefix_mode ||
        (forward && bound != nullptr && extractor->InDomain(*bound) &&
         extractor->Transform(*bound) == prefix);
    if (usable) return PrefixAdmits(prefix);
  }
  // Rows of one series: whatever the mode, when both ends lie in it.
  Slice prefix, bound_prefix;
  if (forward && bound != nullptr && order.bytewise() &&
      table_.KnowsRowPrefixes() && RowPrefix(user_key, &prefix) &&
      RowPrefix(*bound, &bound_prefix) && prefix == bound_prefix) {
    return PrefixAdmits(prefix);
  }
  return true;
}

void PartTableIterator::SeekToFirst() {
  status_ = Status::OK();
  out_of_bound_ = false;
  index_.SeekToFirst();
  if (!OpenBox()) return;
  rows_.SeekToFirst();
  FindForward();
}

void PartTableIterator::SeekToLast() {
  status_ = Status::OK();
  out_of_bound_ = false;
  index_.SeekToLast();
  if (!OpenBox()) return;
  rows_.SeekToLast();
  FindBackward();
}

void PartTableIterator::Seek(const Slice& target) {
  status_ = Status::OK();
  out_of_bound_ = false;
  if (!FilterAdmits(target, true)) {
    CloseBox();
    return;
  }
  // Within the open box, without the index: behind the current row and before
  // the separator.
  const RowKeyOrder& order = table_.order();
  const Slice user_target = rocksdb::ExtractUserKey(target);
  const bool same_box =
      rows_.Valid() && index_.Valid() &&
      order.user()(user_target, user_key()) > 0 &&
      order.user()(user_target, index_.separator_user_key()) < 0;
  if (!same_box) index_.Seek(target);
  if (!OpenBox()) return;
  rows_.Seek(target, order);
  FindForward();
}

void PartTableIterator::SeekForPrev(const Slice& target) {
  status_ = Status::OK();
  out_of_bound_ = false;
  if (!FilterAdmits(target, false)) {
    CloseBox();
    return;
  }
  index_.Seek(target);
  if (!index_.Valid() && index_.status().ok()) index_.SeekToLast();
  if (!OpenBox()) return;
  const RowKeyOrder& order = table_.order();
  rows_.Seek(target, order);
  if (!rows_.Valid() && !rows_.corrupt()) rows_.SeekToLast();
  while (rows_.Valid() && order(rows_.key(), target) > 0) rows_.Prev();
  FindBackward();
}

void PartTableIterator::Next() {
  rows_.Next();
  if (rows_.Valid()) {
    CheckBound();
  } else {
    FindForward();
  }
}

bool PartTableIterator::NextAndGetResult(IterateResult* result) {
  Next();
  if (!Valid()) return false;
  result->key = rows_.key();
  result->bound_check_result = UpperBoundCheckResult();
  result->value_prepared = true;
  return true;
}

void PartTableIterator::Prev() {
  rows_.Prev();
  FindBackward();
}

}  // namespace varve
