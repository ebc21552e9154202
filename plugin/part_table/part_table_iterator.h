// Iterates over the rows of a part.
#pragma once

#include <memory>

#include "plugin/host/rocksdb_internals.h"
#include "plugin/part_table/part_index_cursor.h"
#include "plugin/part_table/part_readahead.h"
#include "plugin/part_table/part_table_reader.h"

namespace varve {

class PartTableIterator final : public rocksdb::InternalIterator {
 public:
  struct Config {
    const rocksdb::ReadOptions& read;  // outlives the iterator
    const rocksdb::SliceTransform* prefix_extractor;
    bool skip_filters;
    bool for_compaction;
    size_t compaction_readahead_bytes;
    bool allow_unprepared_value;
  };
  PartTableIterator(const PartTableReader& table, const Config& config);
  ~PartTableIterator() override;

  bool Valid() const override {
    return cursor_.Valid() && status_.ok() && !out_of_bound_;
  }
  void SeekToFirst() override;
  void SeekToLast() override;
  void Seek(const Slice& target) override;
  void SeekForPrev(const Slice& target) override;
  void Next() override;
  bool NextAndGetResult(rocksdb::IterateResult* result) override;
  void Prev() override;

  Slice key() const override { return cursor_.key(); }
  Slice user_key() const override {
    return rocksdb::ExtractUserKey(cursor_.key());
  }
  Slice value() const override {
    return rows_.has_columns() ? value_ : cursor_.value();
  }
  bool PrepareValue() override;
  Status status() const override {
    return status_.ok() ? index_.status() : status_;
  }
  rocksdb::IterBoundCheck UpperBoundCheckResult() override {
    if (out_of_bound_) return rocksdb::IterBoundCheck::kOutOfBound;
    return within_bound_ ? rocksdb::IterBoundCheck::kInbound
                         : rocksdb::IterBoundCheck::kUnknown;
  }
  void SetPinnedItersMgr(rocksdb::PinnedIteratorsManager* manager) override {
    pinned_iters_mgr_ = manager;
  }
  bool IsKeyPinned() const override {
    return pinning() && cursor_.key_in_list();
  }
  bool IsValuePinned() const override;

 private:
  bool pinning() const {
    return pinned_iters_mgr_ != nullptr && pinned_iters_mgr_->PinningEnabled();
  }
  // Opens the box at the index cursor. False: there is none, or status_ says
  // why it cannot be read.
  bool OpenBox();
  void CloseBox();
  // After a move inside the box: on to the next or previous box if it is
  // used up.
  void FindForward();
  void FindBackward();
  void CheckRows();
  // The cursor has come to rest.
  void Settle();
  void CheckBound();
  void CheckBoxBound();
  // False: the filter excludes every key that this seek may find.
  bool FilterAdmits(const Slice& target, bool forward);
  bool PrefixAdmits(const Slice& prefix);

  const PartTableReader& table_;
  const Config config_;
  PartReadahead readahead_;
  BoxRequest request_;
  PartIndexCursor index_;
  PartRows rows_;
  EntryListCursor& cursor_;           // of rows_
  uint64_t box_offset_ = UINT64_MAX;  // of the open box
  Status status_;
  rocksdb::PinnedIteratorsManager* pinned_iters_mgr_ = nullptr;
  bool out_of_bound_ = false;
  bool within_bound_ = false;  // the whole box is

  // The current row, where it had to be put together.
  bool prepared_ = false;
  Slice value_;
  mutable std::unique_ptr<char[]> stitched_;  // null once pinned
  size_t stitched_bytes_ = 0;                 // allocated
};

}  // namespace varve
