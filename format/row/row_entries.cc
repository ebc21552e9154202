// See row_entries.h.
#include "format/row/row_entries.h"

namespace varve {

bool RowEntries::Take() {
  status_ = PeekBlock(entry_, &header_);
  if (status_.ok() && header_.form == BlockForm::kContainer) {
    open_.emplace_back(entry_);
    return false;
  }
  ++next_index_;
  return true;
}

bool RowEntries::Next() {
  if (!started_) {
    started_ = true;
    entry_ = bytes_;
    if (Take()) return true;
  }
  while (!open_.empty()) {
    if (!open_.back().Next(&entry_)) {
      open_.pop_back();
    } else if (Take()) {
      return true;
    }
  }
  return false;
}

}  // namespace varve
