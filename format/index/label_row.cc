// See label_row.h.
#include "format/index/label_row.h"

#include <algorithm>

#include "format/coding/column_bytes.h"
#include "format/index/index_form.h"
#include "format/index/index_key.h"

namespace varve {
namespace {

constexpr size_t kRowSize = size_t{1} << kLabelRowBits;
constexpr size_t kPlacesMax = 62;  // that `changed` has bits for

bool TakeOffsets(ColumnBytes* bytes, std::vector<uint8_t>* offsets) {
  uint64_t count;
  if (!bytes->TakeVarint(&count) || count == 0 || count > kRowSize) {
    return false;
  }
  uint64_t next = 0;
  while (offsets->size() < count) {
    uint64_t head;
    uint64_t more = 0;
    if (!bytes->TakeVarint(&head)) return false;
    if ((head & 1) != 0) {
      if (!bytes->TakeVarint(&more) || more > kRowSize) return false;
      more += 1;
    }
    if (head >> 1 > kRowSize) return false;
    next += head >> 1;
    if (next + more >= kRowSize || offsets->size() + more >= count) {
      return false;
    }
    for (uint64_t i = 0; i <= more; ++i) {
      offsets->push_back(static_cast<uint8_t>(next++));
    }
  }
  return true;
}

void AppendOffsets(const std::vector<uint8_t>& offsets, std::string* value) {
  AppendVarint(value, offsets.size());
  size_t next = 0;
  for (size_t i = 0; i < offsets.size();) {
    size_t end = i + 1;
    while (end < offsets.size() && offsets[end] == offsets[end - 1] + 1) ++end;
    const size_t length = end - i;
    AppendVarint(value, (offsets[i] - next) << 1 | (length > 1 ? 1 : 0));
    if (length > 1) AppendVarint(value, length - 2);
    next = offsets[i] + length;
    i = end;
  }
}

// Which places of two sets of one size differ.
uint64_t Changed(const uint64_t* before, const uint64_t* pairs, size_t count) {
  uint64_t changed = 0;
  for (size_t i = 0; i < count; ++i) {
    if (pairs[i] != before[i]) changed |= uint64_t{1} << i;
  }
  return changed;
}

}  // namespace

void LabelRow::clear() {
  offsets_.clear();
  begins_.clear();
  pairs_.clear();
}

size_t LabelRow::Find(uint8_t offset) const {
  const auto at = std::lower_bound(offsets_.begin(), offsets_.end(), offset);
  return at != offsets_.end() && *at == offset
             ? static_cast<size_t>(at - offsets_.begin())
             : size();
}

void LabelRow::Append(uint8_t offset, const uint64_t* pairs, size_t count) {
  offsets_.push_back(offset);
  begins_.push_back(pairs_.size());
  pairs_.insert(pairs_.end(), pairs, pairs + count);
}

Status LabelRow::Decode(const Slice& value) {
  clear();
  if (Read(value)) return Status::OK();
  clear();
  return Status::Corruption("not a row of label sets");
}

bool LabelRow::Read(const Slice& value) {
  ColumnBytes bytes = BytesOf(value);
  uint8_t form;
  if (!bytes.TakeByte(&form) ||
      form != static_cast<uint8_t>(IndexForm::kLabels) ||
      !TakeOffsets(&bytes, &offsets_)) {
    return false;
  }
  size_t before = 0;  // how many pairs the set before has
  for (size_t i = 0; i < offsets_.size(); ++i) {
    uint64_t head;
    if (!bytes.TakeVarint(&head)) return false;
    const bool spelt_out = (head & 1) != 0;
    const uint64_t size = spelt_out ? head >> 1 : before;
    uint64_t changed = spelt_out ? 0 : head >> 1;
    if (size == 0 || size > kLabelsMax) return false;
    if (spelt_out && size > bytes.size()) return false;
    begins_.push_back(pairs_.size());
    const size_t from = pairs_.size() - before;
    for (size_t j = 0; j < size; ++j) {
      uint64_t pair = spelt_out ? 0 : pairs_[from + j];
      uint64_t step;
      if (spelt_out) {
        if (!bytes.TakeVarint(&pair)) return false;
      } else if ((changed & 1) != 0) {
        if (!bytes.TakeZigZag(&step)) return false;
        pair += step;
      }
      if (pair > kIndexNumberMax) return false;
      pairs_.push_back(pair);
      changed >>= 1;
    }
    if (changed != 0) return false;
    before = size;
  }
  return bytes.empty();
}

void LabelRow::EncodeTo(std::string* value) const {
  value->push_back(static_cast<char>(IndexForm::kLabels));
  AppendOffsets(offsets_, value);
  for (size_t i = 0; i < size(); ++i) {
    const uint64_t* const set = pairs(i);
    const size_t count = pair_count(i);
    if (i == 0 || count > kPlacesMax || pair_count(i - 1) != count) {
      AppendVarint(value, count << 1 | 1);
      for (size_t j = 0; j < count; ++j) AppendVarint(value, set[j]);
      continue;
    }
    const uint64_t* const before = pairs(i - 1);
    const uint64_t changed = Changed(before, set, count);
    AppendVarint(value, changed << 1);
    for (size_t j = 0; j < count; ++j) {
      if ((changed >> j & 1) == 0) continue;
      AppendVarint(value, ZigZag(static_cast<int64_t>(set[j] - before[j])));
    }
  }
}

bool LabelRow::Larger(size_t i, const LabelRow& other, size_t j) const {
  return std::lexicographical_compare(other.pairs(j),
                                      other.pairs(j) + other.pair_count(j),
                                      pairs(i), pairs(i) + pair_count(i));
}

void LabelRow::UniteWith(const LabelRow& other) {
  if (empty() || (!other.empty() && offsets_.back() < other.offsets_[0])) {
    for (size_t j = 0; j < other.size(); ++j) {
      Append(other.offset(j), other.pairs(j), other.pair_count(j));
    }
    return;
  }
  LabelRow united;
  size_t i = 0;
  size_t j = 0;
  while (i < size() || j < other.size()) {
    const bool both = i < size() && j < other.size();
    const bool same = both && offset(i) == other.offset(j);
    const bool mine =
        j == other.size() ||
        (both && (same ? Larger(i, other, j) : offset(i) < other.offset(j)));
    if (mine) {
      united.Append(offset(i), pairs(i), pair_count(i));
    } else {
      united.Append(other.offset(j), other.pairs(j), other.pair_count(j));
    }
    if (mine || same) ++i;
    if (!mine || same) ++j;
  }
  *this = std::move(united);
}

}  // namespace varve
