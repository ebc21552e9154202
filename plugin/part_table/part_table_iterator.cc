#include "plugin/part_table/part_table_iterator.h"

namespace varve {

using rocksdb::IterateResult;
using rocksdb::ReadOptions;

PartTableIterator::PartTableIterator(const PartTableReader& table,
                                     const Config& config)
    : table_(table),
      config_(config),
      readahead_(table.source(), table.options(), config.read,
                 config.for_compaction, config.compaction_readahead_bytes),
      request_{config.read, nullptr, nullptr, config.for_compaction},
      index_(table, request_),
      rows_(table),
      cursor_(rows_.cursor()) {}

PartTableIterator::~PartTableIterator() = default;

void PartTableIterator::CloseBox() {
  // What the pinning iterator above has seen stays until it lets go. Mapped
  // bytes stay as long as the file is open.
  BoxRef& box = rows_.box();
  if (!box.empty() && pinning() && box.pins()) {
    box.TransferTo(pinned_iters_mgr_);
  }
  rows_.Close();
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
    status_ = rows_.Open(handle, request_);
    if (!status_.ok()) return false;
    box_offset_ = handle.offset;
  }
  CheckBoxBound();
  return true;
}

void PartTableIterator::CheckRows() {
  if (cursor_.corrupt()) {
    status_ = table_.RowsCorrupt(index_.handle(), cursor_.corrupt_at());
  }
}

void PartTableIterator::Settle() {
  prepared_ = !rows_.has_columns();
  if (!prepared_ && !config_.allow_unprepared_value && Valid()) PrepareValue();
}

bool PartTableIterator::PrepareValue() {
  if (prepared_) return true;
  StripeRecord record;
  status_ = rows_.Decode(&record);
  if (!status_.ok()) return false;
  if (record.split) {
    const size_t bytes = record.row_bytes();
    if (stitched_ == nullptr || stitched_bytes_ < bytes) {
      stitched_.reset(new char[bytes]);
      stitched_bytes_ = bytes;
    }
    status_ = rows_.Stitch(record, request_, &readahead_, stitched_.get());
    if (!status_.ok()) return false;
    value_ = Slice(stitched_.get(), bytes);
  } else {
    value_ = record.opaque;
  }
  prepared_ = true;
  return true;
}

// A row that was put together is handed over to who pins it.
bool PartTableIterator::IsValuePinned() const {
  if (!pinning()) return false;
  if (rows_.has_columns() && value_.data() == stitched_.get() &&
      stitched_ != nullptr) {
    pinned_iters_mgr_->PinPtr(stitched_.release(), [](void* bytes) {
      delete[] static_cast<char*>(bytes);
    });
  }
  return true;
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
  out_of_bound_ = bound != nullptr && !within_bound_ && cursor_.Valid() &&
                  table_.order().user().CompareBound(*bound, user_key()) <= 0;
}

void PartTableIterator::FindForward() {
  while (!cursor_.Valid()) {
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
    cursor_.SeekToFirst();
  }
  CheckBound();
}

void PartTableIterator::FindBackward() {
  while (!cursor_.Valid()) {
    CheckRows();
    if (!status_.ok()) return;
    index_.Prev();
    if (!OpenBox()) return;
    cursor_.SeekToLast();
  }
}

bool PartTableIterator::PrefixAdmits(const Slice& prefix) {
  bool may_hold = true;
  Status status = table_.FilterMayHold(HashPrefix(prefix), request_, &may_hold);
  rocksdb::Statistics* stats = table_.source().ioptions().stats;
  RecordTick(stats, rocksdb::BLOOM_FILTER_PREFIX_CHECKED);
  if (!may_hold) RecordTick(stats, rocksdb::BLOOM_FILTER_PREFIX_USEFUL);
  if (!status.ok()) {
    status_ = status;
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
  cursor_.SeekToFirst();
  FindForward();
  Settle();
}

void PartTableIterator::SeekToLast() {
  status_ = Status::OK();
  out_of_bound_ = false;
  index_.SeekToLast();
  if (!OpenBox()) return;
  cursor_.SeekToLast();
  FindBackward();
  Settle();
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
      cursor_.Valid() && index_.Valid() &&
      order.user()(user_target, user_key()) > 0 &&
      order.user()(user_target, index_.separator_user_key()) < 0;
  if (!same_box) index_.Seek(target);
  if (!OpenBox()) return;
  cursor_.Seek(target, order);
  FindForward();
  Settle();
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
  cursor_.Seek(target, order);
  if (!cursor_.Valid() && !cursor_.corrupt()) cursor_.SeekToLast();
  while (cursor_.Valid() && order(cursor_.key(), target) > 0) cursor_.Prev();
  FindBackward();
  Settle();
}

void PartTableIterator::Next() {
  cursor_.Next();
  if (cursor_.Valid()) {
    CheckBound();
  } else {
    FindForward();
  }
  Settle();
}

bool PartTableIterator::NextAndGetResult(IterateResult* result) {
  Next();
  if (!Valid()) return false;
  result->key = cursor_.key();
  result->bound_check_result = UpperBoundCheckResult();
  result->value_prepared = prepared_;
  return true;
}

void PartTableIterator::Prev() {
  cursor_.Prev();
  FindBackward();
  Settle();
}

}  // namespace varve
