#include "plugin/part_table/part_index_cursor.h"

#include <algorithm>

#include "format/part/part_index.h"

namespace varve {

bool PartIndexCursor::LoadLeaf(size_t leaf) {
  valid_ = false;
  if (leaf_ == leaf) return true;
  leaf_ = SIZE_MAX;
  entries_.Close();
  status_ = table_.LoadLeaf(leaf, request_, &ref_);
  if (!status_.ok()) return false;
  Slice entries;
  status_ = SplitIndexLeaf(ref_.payload(), &internal_keys_, &entries);
  if (!status_.ok()) {
    status_ = table_.source().Corrupt(status_);
    return false;
  }
  entries_.Open(entries, table_.order().separator_bytes_min(internal_keys_));
  leaf_ = leaf;
  return true;
}

void PartIndexCursor::ReadEntry() {
  valid_ = false;
  if (entries_.corrupt()) {
    status_ = table_.source().Corrupt(
        "index leaf at offset " +
        std::to_string(table_.root().leaves[leaf_].handle.offset) +
        ": bad entry at its byte " + std::to_string(entries_.corrupt_at()));
    return;
  }
  if (!entries_.Valid()) return;
  const Slice value = entries_.value();
  const char* limit = value.data() + value.size();
  Status status;
  if (DecodeBoxHandle(value.data(), limit, &handle_) != limit) {
    status = Status::Corruption("index leaf: bad handle");
  } else {
    status = CheckBoxHandle(handle_, table_.root().rows_end);
  }
  if (!status.ok()) {
    status_ = table_.source().Corrupt(status);
    return;
  }
  valid_ = true;
}

// Leaves are not empty; this does not rely on it.
void PartIndexCursor::SkipForward() {
  ReadEntry();
  while (!valid_ && status_.ok() && leaf_ + 1 < table_.root().leaves.size()) {
    if (!LoadLeaf(leaf_ + 1)) return;
    entries_.SeekToFirst();
    ReadEntry();
  }
}

void PartIndexCursor::Seek(const Slice& internal_key) {
  status_ = Status::OK();
  valid_ = false;
  const PartRoot& root = table_.root();
  const RowKeyOrder& order = table_.order();
  const Slice user_key = rocksdb::ExtractUserKey(internal_key);
  const auto before = [&](const PartRoot::Leaf& leaf, const Slice& target) {
    return root.internal_keys ? order(leaf.separator, target) < 0
                              : order.user()(leaf.separator, user_key) < 0;
  };
  const auto found = std::lower_bound(root.leaves.begin(), root.leaves.end(),
                                      internal_key, before);
  if (found == root.leaves.end()) return;
  if (!LoadLeaf(static_cast<size_t>(found - root.leaves.begin()))) return;
  if (internal_keys_) {
    entries_.Seek(internal_key, order);
  } else {
    entries_.Seek(user_key, order.user());
  }
  SkipForward();
}

void PartIndexCursor::SeekToFirst() {
  status_ = Status::OK();
  valid_ = false;
  if (table_.root().leaves.empty() || !LoadLeaf(0)) return;
  entries_.SeekToFirst();
  SkipForward();
}

void PartIndexCursor::SeekToLast() {
  status_ = Status::OK();
  valid_ = false;
  if (table_.root().leaves.empty()) return;
  if (!LoadLeaf(table_.root().leaves.size() - 1)) return;
  entries_.SeekToLast();
  ReadEntry();
}

void PartIndexCursor::Next() {
  entries_.Next();
  SkipForward();
}

void PartIndexCursor::Prev() {
  entries_.Prev();
  ReadEntry();
  while (!valid_ && status_.ok() && leaf_ != SIZE_MAX && leaf_ > 0) {
    if (!LoadLeaf(leaf_ - 1)) return;
    entries_.SeekToLast();
    ReadEntry();
  }
}

Slice PartIndexCursor::separator_user_key() const {
  return internal_keys_ ? rocksdb::ExtractUserKey(entries_.key())
                        : entries_.key();
}

}  // namespace varve
