// Walks the boxes of rows of a part in key order, through the root and the
// leaves of the index. Not thread-safe.
#pragma once

#include "format/part/entry_list.h"
#include "plugin/part_table/part_box_source.h"
#include "plugin/part_table/part_table_reader.h"

namespace varve {

class PartIndexCursor {
 public:
  // The request's ReadOptions outlive the cursor.
  PartIndexCursor(const PartTableReader& table, const BoxRequest& request)
      : table_(table), request_(request) {}

  // To the box that holds the first row at or after the internal key, if any
  // box does.
  void Seek(const Slice& internal_key);
  void SeekToFirst();
  void SeekToLast();
  void Next();
  void Prev();

  bool Valid() const { return valid_; }
  // Not ok: an index leaf could not be read; then not Valid.
  const Status& status() const { return status_; }
  const BoxHandle& handle() const { return handle_; }
  // At or after the last key of the box, before the first of the next.
  Slice separator_user_key() const;
  // False: no user key spans this box and the next.
  bool internal_keys() const { return internal_keys_; }

 private:
  bool LoadLeaf(size_t leaf);
  void ReadEntry();
  void SkipForward();

  const PartTableReader& table_;
  const BoxRequest request_;
  Status status_;
  bool valid_ = false;
  bool internal_keys_ = false;
  size_t leaf_ = SIZE_MAX;  // the one loaded
  BoxRef ref_;
  EntryListCursor entries_;
  BoxHandle handle_;
};

}  // namespace varve
