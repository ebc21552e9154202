#include "plugin/part_table/part_index_cursor.h"

#include <algorithm>

#include "format/part/part_index.h"

namespace varve {

using rocksdb::Status;

bool PartIndexCursor::LoadPiece(size_t piece) {
  valid_ = false;
  if (piece_ == piece) return true;
  piece_ = SIZE_MAX;
  entries_.Close();
  status_ = table_.LoadPiece(piece, request_, &ref_);
  if (!status_.ok()) return false;
  Slice block;
  status_ = SplitIndexPiece(ref_.payload(), &internal_keys_, &block);
  if (!status_.ok()) {
    status_ = table_.source().Corrupt(status_);
    return false;
  }
  entries_.Open(block, table_.order().separator_bytes_min(internal_keys_));
  piece_ = piece;
  return true;
}

void PartIndexCursor::ReadEntry() {
  valid_ = false;
  if (entries_.corrupt()) {
    status_ = table_.source().Corrupt(
        "index piece at offset " +
        std::to_string(table_.root().pieces[piece_].handle.offset) +
        ": bad entry at its byte " + std::to_string(entries_.corrupt_at()));
    return;
  }
  if (!entries_.Valid()) return;
  const Slice value = entries_.value();
  const char* limit = value.data() + value.size();
  Status s;
  if (DecodeBoxHandle(value.data(), limit, &handle_) != limit) {
    s = Status::Corruption("index piece: bad handle");
  } else {
    s = CheckBoxHandle(handle_, table_.root().rows_end);
  }
  if (!s.ok()) {
    status_ = table_.source().Corrupt(s);
    return;
  }
  valid_ = true;
}

// Pieces are not empty; this does not rely on it.
void PartIndexCursor::SkipForward() {
  ReadEntry();
  while (!valid_ && status_.ok() && piece_ + 1 < table_.root().pieces.size()) {
    if (!LoadPiece(piece_ + 1)) return;
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
  const auto before = [&](const PartRoot::Piece& piece, const Slice& target) {
    return root.internal_keys ? order(piece.separator, target) < 0
                              : order.user()(piece.separator, user_key) < 0;
  };
  const auto found = std::lower_bound(root.pieces.begin(), root.pieces.end(),
                                      internal_key, before);
  if (found == root.pieces.end()) return;
  if (!LoadPiece(static_cast<size_t>(found - root.pieces.begin()))) return;
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
  if (table_.root().pieces.empty() || !LoadPiece(0)) return;
  entries_.SeekToFirst();
  SkipForward();
}

void PartIndexCursor::SeekToLast() {
  status_ = Status::OK();
  valid_ = false;
  if (table_.root().pieces.empty()) return;
  if (!LoadPiece(table_.root().pieces.size() - 1)) return;
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
  while (!valid_ && status_.ok() && piece_ != SIZE_MAX && piece_ > 0) {
    if (!LoadPiece(piece_ - 1)) return;
    entries_.SeekToLast();
    ReadEntry();
  }
}

Slice PartIndexCursor::separator_user_key() const {
  return internal_keys_ ? rocksdb::ExtractUserKey(entries_.key())
                        : entries_.key();
}

}  // namespace varve
