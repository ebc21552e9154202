// See registration_rows.h.
#include "index/registration_rows.h"

#include <algorithm>
#include <unordered_map>

#include "format/index/group_row.h"
#include "format/index/id_chunk.h"
#include "format/index/index_key.h"
#include "format/index/index_row.h"
#include "format/index/label_row.h"
#include "format/index/pair_page.h"

namespace varve {

Status RegistrationRows::WriteTo(rocksdb::ColumnFamilyHandle* cf,
                                 rocksdb::WriteBatch* batch) {
  cf_ = cf;
  batch_ = batch;
  batch->SetSavePoint();
  const Status status = WriteRows();
  if (status.ok()) return batch->PopSavePoint();
  const Status ignored = batch->RollbackToSavePoint();
  ignored.PermitUncheckedError();
  return status;
}

Status RegistrationRows::WriteRows() {
  Status status = WritePairs();
  if (status.ok()) status = WriteGroups();
  std::sort(series_.begin(), series_.end(),
            [](const Series& a, const Series& b) { return a.id < b.id; });
  if (status.ok()) status = WriteLabels();
  if (status.ok()) status = WritePostings();
  if (status.ok()) status = WriteDays();
  return status;
}

Status RegistrationRows::Merge(const std::string& key,
                               const std::string& value) {
  return batch_->Merge(cf_, key, value);
}

Status RegistrationRows::WritePairs() {
  if (pairs_.empty()) return Status::OK();
  std::sort(pairs_.begin(), pairs_.end(),
            [](const Pair& a, const Pair& b) { return a.id < b.id; });
  std::string value;
  EncodeNumber(next_pair_, &value);
  Status status = Merge(NumberKey(IndexRowKind::kNextPair), value);
  for (size_t i = 0; status.ok() && i < pairs_.size();) {
    const uint64_t number = pairs_[i].id >> kPairPageBits;
    PairPage page;
    for (; status.ok() && i < pairs_.size() &&
           pairs_[i].id >> kPairPageBits == number;
         ++i) {
      value.clear();
      EncodeNumber(pairs_[i].id, &value);
      status = batch_->Put(cf_, *pairs_[i].key, value);
      IndexKey parsed;
      ParseIndexKey(*pairs_[i].key, &parsed);
      const size_t name_bytes =
          std::char_traits<char>::length(parsed.text.data());  // up to the 00
      page[pairs_[i].id % kPairPageSize] = {
          Slice(parsed.text.data(), name_bytes),
          Slice(parsed.text.data() + name_bytes + 1,
                parsed.text.size() - name_bytes - 1)};
    }
    value.clear();
    EncodePairPage(page, &value);
    if (status.ok()) {
      status = Merge(ChunkKey(IndexRowKind::kPairPage, number), value);
    }
  }
  return status;
}

// The series come with the members of a group one after the other.
Status RegistrationRows::WriteGroups() {
  std::string value;
  std::vector<NamedSeries> group;
  Status status;
  if (!series_.empty()) {
    EncodeNumber(next_series_, &value);
    status = Merge(NumberKey(IndexRowKind::kNextSeries), value);
  }
  for (size_t i = 0; status.ok() && i < series_.size();) {
    const std::string& key = *series_[i].group_key;
    group.clear();
    for (; i < series_.size() && *series_[i].group_key == key; ++i) {
      group.push_back({series_[i].name, series_[i].id});
    }
    UniteGroup(&group);
    value.clear();
    EncodeGroup(group, &value);
    status = Merge(key, value);
  }
  return status;
}

Status RegistrationRows::WriteLabels() {
  LabelRow row;
  std::string value;
  Status status;
  for (size_t i = 0; status.ok() && i < series_.size();) {
    const uint64_t number = series_[i].id >> kLabelRowBits;
    row.clear();
    for (; i < series_.size() && series_[i].id >> kLabelRowBits == number;
         ++i) {
      row.Append(static_cast<uint8_t>(series_[i].id % (1u << kLabelRowBits)),
                 series_[i].pairs, series_[i].pair_count);
    }
    value.clear();
    row.EncodeTo(&value);
    status = Merge(ChunkKey(IndexRowKind::kLabels, number), value);
  }
  return status;
}

Status RegistrationRows::WritePostings() {
  if (series_.empty()) return Status::OK();
  // A place for each pair in the order of coming, the ids of each together.
  std::unordered_map<uint64_t, size_t> places;
  std::vector<uint64_t> owners = {kEverySeries};
  std::vector<std::vector<uint64_t>> ids(1);
  for (const Series& series : series_) {
    ids[0].push_back(series.id);
    for (size_t i = 0; i < series.pair_count; ++i) {
      const auto added = places.emplace(series.pairs[i], owners.size());
      if (added.second) {
        owners.push_back(series.pairs[i]);
        ids.emplace_back();
      }
      ids[added.first->second].push_back(series.id);
    }
  }
  Status status;
  for (size_t i = 0; status.ok() && i < owners.size(); ++i) {
    status = WriteIds(IndexRowKind::kPosting, owners[i], ids[i]);
  }
  return status;
}

Status RegistrationRows::WriteDays() {
  std::sort(days_.begin(), days_.end(), [](const DayId& a, const DayId& b) {
    return a.day != b.day ? a.day < b.day : a.id < b.id;
  });
  std::vector<uint64_t> ids;
  Status status;
  for (size_t i = 0; status.ok() && i < days_.size();) {
    const uint64_t day = days_[i].day;
    ids.clear();
    for (; i < days_.size() && days_[i].day == day; ++i) {
      ids.push_back(days_[i].id);
    }
    status = WriteIds(IndexRowKind::kDay, day, ids);
  }
  return status;
}

Status RegistrationRows::WriteIds(IndexRowKind kind, uint64_t owner,
                                  const std::vector<uint64_t>& ids) {
  std::vector<uint16_t> offsets;
  std::string value;
  Status status;
  for (size_t i = 0; status.ok() && i < ids.size();) {
    const uint64_t chunk = ids[i] >> kIdChunkBits;
    offsets.clear();
    for (; i < ids.size() && ids[i] >> kIdChunkBits == chunk; ++i) {
      const auto offset = static_cast<uint16_t>(ids[i]);
      if (offsets.empty() || offsets.back() != offset) {
        offsets.push_back(offset);
      }
    }
    value.clear();
    EncodeSortedIds(offsets.data(), offsets.size(), &value);
    status = Merge(OwnedChunkKey(kind, owner, chunk), value);
  }
  return status;
}

}  // namespace varve
