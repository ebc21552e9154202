// See index_row.h.
#include "format/index/index_row.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "format/coding/column_bytes.h"
#include "format/index/group_row.h"
#include "format/index/index_form.h"
#include "format/index/label_row.h"
#include "format/index/pair_page.h"

namespace varve {
namespace {

Slice SliceOf(const ColumnBytes& bytes) { return {bytes.p, bytes.size()}; }

// The entries of a container, the last one first; false for anything else.
bool OpenContainer(const Slice& value, std::vector<Slice>* entries) {
  if (value.empty() || value[0] != static_cast<char>(IndexForm::kContainer)) {
    return false;
  }
  const size_t start = entries->size();
  ColumnBytes bytes = BytesBehind(value, 1);
  ColumnBytes entry;
  while (!bytes.empty()) {
    if (!bytes.TakeSized(&entry)) {
      entries->resize(start);
      return false;
    }
    entries->push_back(SliceOf(entry));
  }
  std::reverse(entries->begin() + static_cast<ptrdiff_t>(start),
               entries->end());
  return entries->size() > start;
}

// All entries in their order, those in containers of any depth too.
std::vector<Slice> OpenAll(const Slice* entries, size_t count) {
  std::vector<Slice> all;
  std::vector<Slice> ahead;  // the next one last
  for (size_t i = count; i-- > 0;) ahead.push_back(entries[i]);
  while (!ahead.empty()) {
    const Slice entry = ahead.back();
    ahead.pop_back();
    if (!OpenContainer(entry, &ahead)) all.push_back(entry);
  }
  return all;
}

// The union of the entries of one kind of row.
class Union {
 public:
  explicit Union(IndexRowKind kind) : kind_(kind) {}

  // Not OK: nothing was added.
  Status Add(const Slice& entry) {
    Status status = AddAs(entry);
    any_ = any_ || status.ok();
    return status;
  }

  bool any() const { return any_; }

  void EncodeTo(std::string* value) {
    switch (kind_) {
      case IndexRowKind::kNextSeries:
      case IndexRowKind::kNextPair:
      case IndexRowKind::kPair:
        return EncodeNumber(number_, value);
      case IndexRowKind::kPairPage:
        return EncodePairPage(page_, value);
      case IndexRowKind::kGroup:
        UniteGroup(&group_);
        return EncodeGroup(group_, value);
      case IndexRowKind::kLabels:
        return labels_.EncodeTo(value);
      case IndexRowKind::kPosting:
      case IndexRowKind::kDay:
      case IndexRowKind::kDeadSeries:
      case IndexRowKind::kDeadPairs:
        return ids_->EncodeTo(value);
    }
  }

 private:
  Status AddAs(const Slice& entry) {
    Status status;
    uint64_t number;
    switch (kind_) {
      case IndexRowKind::kNextSeries:
      case IndexRowKind::kNextPair:
      case IndexRowKind::kPair:
        status = DecodeNumber(entry, &number);
        if (status.ok()) number_ = std::max(number_, number);
        return status;
      case IndexRowKind::kPairPage:
        return UnitePairPage(entry, &page_);
      case IndexRowKind::kGroup:
        return DecodeGroup(entry, &group_);
      case IndexRowKind::kLabels:
        status = read_.Decode(entry);
        if (status.ok()) labels_.UniteWith(read_);
        return status;
      case IndexRowKind::kPosting:
      case IndexRowKind::kDay:
      case IndexRowKind::kDeadSeries:
      case IndexRowKind::kDeadPairs:
        if (!ids_) ids_.emplace();
        return ids_->Add(entry);
    }
    return Status::Corruption("not a row of an index");
  }

  const IndexRowKind kind_;
  bool any_ = false;
  uint64_t number_ = 0;
  PairPage page_;
  std::vector<NamedSeries> group_;
  LabelRow labels_;
  LabelRow read_;
  std::optional<IdBits> ids_;  // 8 KiB, for the rows that need it
};

void AppendSized(const Slice& entry, std::string* container) {
  AppendVarint(container, entry.size());
  container->append(entry.data(), entry.size());
}

Pruned PruneIds(const Slice& entry, const IdChunk* gone, std::string* value) {
  if (gone == nullptr) return Pruned::kKept;
  IdChunk ids;
  if (!ids.Add(entry).ok()) return Pruned::kKept;
  const size_t before = ids.count();
  ids.Subtract(*gone);
  if (ids.count() == before) return Pruned::kKept;
  if (ids.empty()) return Pruned::kRemoved;
  value->clear();
  ids.EncodeTo(value);
  return Pruned::kChanged;
}

Pruned PruneGroup(const Slice& entry, const IdSet& gone, std::string* value) {
  std::vector<NamedSeries> series;
  if (!DecodeGroup(entry, &series).ok()) return Pruned::kKept;
  const size_t before = series.size();
  series.erase(
      std::remove_if(series.begin(), series.end(),
                     [&](const NamedSeries& s) { return gone.Contains(s.id); }),
      series.end());
  if (series.size() == before) return Pruned::kKept;
  if (series.empty()) return Pruned::kRemoved;
  value->clear();
  EncodeGroup(series, value);
  return Pruned::kChanged;
}

Pruned PruneLabels(uint64_t chunk, const Slice& entry, const IdSet& gone,
                   std::string* value) {
  const uint64_t first = chunk << kLabelRowBits;
  const IdChunk* const ids = gone.Find(first >> kIdChunkBits);
  if (ids == nullptr) return Pruned::kKept;
  LabelRow row;
  if (!row.Decode(entry).ok()) return Pruned::kKept;
  LabelRow kept;
  for (size_t i = 0; i < row.size(); ++i) {
    if (ids->Contains(static_cast<uint16_t>(first + row.offset(i)))) continue;
    kept.Append(row.offset(i), row.pairs(i), row.pair_count(i));
  }
  if (kept.size() == row.size()) return Pruned::kKept;
  if (kept.empty()) return Pruned::kRemoved;
  value->clear();
  kept.EncodeTo(value);
  return Pruned::kChanged;
}

Pruned PrunePairPage(uint64_t chunk, const Slice& entry, const IdSet& gone,
                     std::string* value) {
  PairPage page;
  if (!UnitePairPage(entry, &page).ok()) return Pruned::kKept;
  bool any = false;
  bool changed = false;
  for (size_t i = 0; i < kPairPageSize; ++i) {
    if (page[i].name.empty()) continue;
    if (gone.Contains((chunk << kPairPageBits) + i)) {
      page[i] = PairText();
      changed = true;
    } else {
      any = true;
    }
  }
  if (!changed) return Pruned::kKept;
  if (!any) return Pruned::kRemoved;
  value->clear();
  EncodePairPage(page, value);
  return Pruned::kChanged;
}

bool HoldsIds(const Slice& entry) {
  IdChunk ids;
  return ids.Add(entry).ok();
}

}  // namespace

void UniteIndexRow(const Slice& key, const Slice* entries, size_t count,
                   std::string* value) {
  value->clear();
  if (count == 1) {
    value->assign(entries[0].data(), entries[0].size());
    return;
  }
  IndexKey parsed;
  const bool known = ParseIndexKey(key, &parsed);
  Union united(parsed.kind);
  std::vector<Slice> others;
  for (const Slice& entry : OpenAll(entries, count)) {
    if (!known || !united.Add(entry).ok()) others.push_back(entry);
  }
  if (others.empty()) return united.EncodeTo(value);
  if (!united.any() && others.size() == 1) {
    value->assign(others[0].data(), others[0].size());
    return;
  }
  value->push_back(static_cast<char>(IndexForm::kContainer));
  if (united.any()) {
    std::string known_part;
    united.EncodeTo(&known_part);
    AppendSized(known_part, value);
  }
  for (const Slice& entry : others) AppendSized(entry, value);
}

void EncodeNumber(uint64_t number, std::string* value) {
  value->push_back(static_cast<char>(IndexForm::kNumber));
  AppendVarint(value, number);
}

Status DecodeNumber(const Slice& value, uint64_t* number) {
  ColumnBytes bytes = BytesOf(value);
  uint8_t form;
  if (!bytes.TakeByte(&form) ||
      form != static_cast<uint8_t>(IndexForm::kNumber) ||
      !bytes.TakeVarint(number) || !bytes.empty() ||
      *number > kIndexNumberMax) {
    return Status::Corruption("not a number's row");
  }
  return Status::OK();
}

Pruned PruneIndexRow(const Slice& key, const Slice& entry, const DeadIds& dead,
                     uint64_t first_day, std::string* value) {
  IndexKey parsed;
  uint64_t pair;
  if (!ParseIndexKey(key, &parsed)) return Pruned::kKept;
  switch (parsed.kind) {
    case IndexRowKind::kPair:
      return DecodeNumber(entry, &pair).ok() && dead.pairs.Contains(pair)
                 ? Pruned::kRemoved
                 : Pruned::kKept;
    case IndexRowKind::kPairPage:
      return PrunePairPage(parsed.chunk, entry, dead.pairs, value);
    case IndexRowKind::kGroup:
      return PruneGroup(entry, dead.series, value);
    case IndexRowKind::kLabels:
      return PruneLabels(parsed.chunk, entry, dead.series, value);
    case IndexRowKind::kDay:
      if (parsed.owner < first_day) {
        return HoldsIds(entry) ? Pruned::kRemoved : Pruned::kKept;
      }
      return PruneIds(entry, dead.series.Find(parsed.chunk), value);
    case IndexRowKind::kPosting:
      return PruneIds(entry, dead.series.Find(parsed.chunk), value);
    case IndexRowKind::kNextSeries:
    case IndexRowKind::kNextPair:
    case IndexRowKind::kDeadSeries:
    case IndexRowKind::kDeadPairs:
      return Pruned::kKept;
  }
  return Pruned::kKept;
}

}  // namespace varve
