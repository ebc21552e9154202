// See registrar.h.
#include "index/registrar.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "format/coding/varint.h"
#include "format/index/index_row.h"
#include "format/index/label_row.h"
#include "index/utf8.h"

namespace varve {
namespace {

Status BadLabel(const char* why, const Slice& name) {
  return Status::InvalidArgument(std::string("series index: ") + why,
                                 name.ToString());
}

// Most names and values are short: without the call.
char* AppendBytes(char* p, const Slice& bytes) {
  const char* const from = bytes.data();
  const size_t size = bytes.size();
  if (size > 16) {
    memcpy(p, from, size);
  } else if (size >= 8) {
    uint64_t first;
    uint64_t last;
    memcpy(&first, from, 8);
    memcpy(&last, from + size - 8, 8);
    memcpy(p, &first, 8);
    memcpy(p + size - 8, &last, 8);
  } else {
    for (size_t i = 0; i < size; ++i) p[i] = from[i];
  }
  return p + size;
}

uint64_t DayOfMs(int64_t timestamp_ms) {
  return static_cast<uint64_t>(timestamp_ms / kMillisPerDay);
}

}  // namespace

HeldRegistration::~HeldRegistration() {
  core_->pending_series.Release(series_);
  core_->pending_pairs.Release(pairs_);
  core_->gate.Leave();
}

void HeldRegistration::Written() {
  for (const auto& pair : new_pairs_) {
    core_->pair_cache.Insert(pair.first, pair.second);
  }
  for (const auto& series : new_series_) {
    core_->series_cache.Insert(series.first, series.second);
  }
  new_pairs_.clear();
  new_series_.clear();
}

Status Registrar::Check(const LabelSet& set) const {
  const SeriesIndexOptions& options = core_->options;
  if (set.count == 0 || set.count > options.labels_max) {
    return BadLabel(set.count == 0 ? "a label set without labels"
                                   : "more labels than labels_max",
                    "");
  }
  for (size_t i = 0; i < set.count; ++i) {
    const Slice& name = set.labels[i].name;
    const Slice& value = set.labels[i].value;
    if (name.empty() || name.size() > options.label_name_bytes_max ||
        memchr(name.data(), 0, name.size()) != nullptr) {
      return BadLabel("a name that is empty, too long or has a zero byte",
                      name);
    }
    if (value.empty() || value.size() > options.label_value_bytes_max) {
      return BadLabel("an empty or too long value of label", name);
    }
    if (!IsUtf8(name) || !IsUtf8(value)) {
      return BadLabel("not UTF-8, the name or value of label", name);
    }
    if (i > 0 && set.labels[i - 1].name.compare(name) >= 0) {
      return BadLabel("labels that do not ascend by name at", name);
    }
  }
  return Status::OK();
}

// Of each label's name and value, and behind them their sizes: no other label
// set has this text.
TextHash Registrar::HashOf(const LabelSet& set) {
  constexpr size_t kSizesBytes = 2 * sizeof(uint64_t);
  size_t bytes = 0;
  for (size_t i = 0; i < set.count; ++i) {
    bytes +=
        set.labels[i].name.size() + set.labels[i].value.size() + kSizesBytes;
  }
  if (text_.size() < bytes) text_.resize(bytes);
  char* p = &text_[0];
  for (size_t i = 0; i < set.count; ++i) {
    const Label& label = set.labels[i];
    const uint64_t sizes[] = {label.name.size(), label.value.size()};
    p = AppendBytes(p, label.name);
    p = AppendBytes(p, label.value);
    memcpy(p, sizes, sizeof sizes);
    p += sizeof sizes;
  }
  return HashText(text_.data(), bytes);
}

template <typename LabelsOf>
void Registrar::HashAll(size_t count, const LabelsOf& labels_of) {
  hashes_.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    hashes_.push_back(HashOf(labels_of(i)));
    core_->series_cache.Prefetch(hashes_.back());
  }
}

Status Registrar::AddItem(size_t entry, const LabelSet& set) {
  const Status status = Check(set);
  if (!status.ok()) return status;
  Item item{entry, hashes_[entry]};
  item.pairs_begin = pairs_.size();
  item.pair_count = set.count;
  size_t name_place = kNoId;
  for (size_t i = 0; i < set.count; ++i) {
    const Label& label = set.labels[i];
    const size_t place = pairs_.size();
    if (label.name == kMetricName) name_place = place;
    text_.assign(label.name.data(), label.name.size());
    text_.push_back('\0');
    text_.append(label.value.data(), label.value.size());
    const TextHash hash = HashText(text_.data(), text_.size());
    uint64_t id = kNoId;
    if (!core_->pair_cache.Find(hash, &id)) {
      const auto added = missing_places_.emplace(text_, missing_.size());
      if (added.second) {
        missing_.push_back({PairKey(label.name, label.value), hash, {}});
      }
      missing_[added.first->second].places.push_back(place);
    }
    pairs_.push_back(id);
  }
  items_.push_back(std::move(item));
  name_places_.push_back(name_place);
  return status;
}

void Registrar::SetPair(const MissingPair& missing, uint64_t id) {
  for (const size_t place : missing.places) pairs_[place] = id;
}

// The numbers of missing_[order[i]], the dead ones left out.
Status Registrar::FindPairsOnDisk(const std::vector<size_t>& order,
                                  std::vector<uint64_t>* numbers) const {
  std::vector<std::string> keys;
  keys.reserve(order.size());
  for (const size_t i : order) keys.push_back(missing_[i].key);
  const Status status = reader_.ReadNumbers(keys, numbers);
  for (uint64_t& number : *numbers) {
    if (number != kNoId && dead_->pairs.Contains(number)) number = kNoId;
  }
  return status;
}

// Gives each missing pair an id, and rows unless the database has them.
Status Registrar::HoldPairs(HeldIds* held) {
  if (missing_.empty()) return Status::OK();
  std::sort(
      missing_.begin(), missing_.end(),
      [](const MissingPair& a, const MissingPair& b) { return a.key < b.key; });
  std::vector<std::string> texts;
  for (const MissingPair& missing : missing_) texts.push_back(missing.key);
  held->Hold(texts);
  std::vector<size_t> order(missing_.size());
  std::iota(order.begin(), order.end(), 0);
  std::vector<uint64_t> found;
  std::vector<uint64_t> ids;
  uint64_t next = 0;
  Status status = FindPairsOnDisk(order, &found);
  if (status.ok()) {
    status = core_->pending_pairs.Settle(held->entries(), found, &ids, &next);
  }
  if (!status.ok()) return status;
  rows_.SetNextPair(next);
  for (size_t i = 0; i < missing_.size(); ++i) {
    SetPair(missing_[i], ids[i]);
    if (found[i] != kNoId) {
      core_->pair_cache.Insert(missing_[i].hash, ids[i]);
    } else {
      rows_.AddPair(ids[i], missing_[i].key);
      new_pairs_.push_back({missing_[i].hash, ids[i]});
    }
  }
  return status;
}

// The same for reading: label sets with a pair that is not known are dropped.
Status Registrar::FindPairs() {
  std::sort(
      missing_.begin(), missing_.end(),
      [](const MissingPair& a, const MissingPair& b) { return a.key < b.key; });
  std::vector<size_t> order(missing_.size());
  std::iota(order.begin(), order.end(), 0);
  std::vector<uint64_t> found;
  const Status status = FindPairsOnDisk(order, &found);
  if (!status.ok()) return status;
  for (size_t i = 0; i < missing_.size(); ++i) {
    if (found[i] == kNoId) continue;
    SetPair(missing_[i], found[i]);
    core_->pair_cache.Insert(missing_[i].hash, found[i]);
  }
  size_t kept = 0;
  for (size_t i = 0; i < items_.size(); ++i) {
    const auto begin =
        pairs_.begin() + static_cast<ptrdiff_t>(items_[i].pairs_begin);
    const auto end = begin + static_cast<ptrdiff_t>(items_[i].pair_count);
    if (std::find(begin, end, kNoId) != end) continue;
    if (kept != i) items_[kept] = std::move(items_[i]);
    name_places_[kept++] = name_places_[i];
  }
  items_.erase(items_.begin() + static_cast<ptrdiff_t>(kept), items_.end());
  return status;
}

void Registrar::MakeGroupKeys() {
  std::vector<uint64_t> rest;
  for (size_t i = 0; i < items_.size(); ++i) {
    Item& item = items_[i];
    rest.clear();
    uint64_t name = 0;
    for (size_t j = 0; j < item.pair_count; ++j) {
      const size_t place = item.pairs_begin + j;
      if (place == name_places_[i]) {
        name = pairs_[place];
      } else {
        rest.push_back(pairs_[place]);
      }
    }
    std::sort(rest.begin(), rest.end(), std::greater<>());
    item.group_key.assign(1, static_cast<char>(IndexRowKind::kGroup));
    for (const uint64_t pair : rest) {
      AppendOrderedNumber(&item.group_key, pair);
    }
    AppendOrderedNumber(&item.group_key, name >> kNameBlockBits);
    item.name = static_cast<uint8_t>(name);
  }
  name_places_.clear();  // the order changes
  std::sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) {
    const int keys = a.group_key.compare(b.group_key);
    return keys != 0 ? keys < 0 : a.name < b.name;
  });
}

Status Registrar::FindSeries(std::vector<uint64_t>* found) {
  std::vector<std::string> keys;
  for (const Item& item : items_) {
    if (keys.empty() || keys.back() != item.group_key) {
      keys.push_back(item.group_key);
    }
  }
  std::vector<std::vector<NamedSeries>> groups;
  const Status status = reader_.ReadGroups(keys, &groups);
  if (!status.ok()) return status;
  found->assign(items_.size(), kNoId);
  size_t group = 0;
  for (size_t i = 0; i < items_.size(); ++i) {
    if (keys[group] != items_[i].group_key) ++group;
    const auto at = std::lower_bound(
        groups[group].begin(), groups[group].end(), items_[i].name,
        [](const NamedSeries& series, uint8_t name) {
          return series.name < name;
        });
    if (at == groups[group].end() || at->name != items_[i].name) continue;
    if (!dead_->series.Contains(at->id)) (*found)[i] = at->id;
  }
  return status;
}

Status Registrar::SettleSeries(const SeriesEntry* entries, HeldIds* held,
                               HeldRegistration::Known* known) {
  if (items_.empty()) return Status::OK();
  MakeGroupKeys();
  std::vector<std::string> texts;
  texts.reserve(items_.size());
  for (const Item& item : items_) {
    texts.push_back(item.group_key + static_cast<char>(item.name));
  }
  held->Hold(texts);
  std::vector<uint64_t> found;
  std::vector<uint64_t> ids;
  uint64_t next = 0;
  Status status = FindSeries(&found);
  if (status.ok()) {
    status = core_->pending_series.Settle(held->entries(), found, &ids, &next);
  }
  if (!status.ok()) return status;
  rows_.SetNextSeries(next);
  for (size_t i = 0; i < items_.size(); ++i) {
    Item& item = items_[i];
    item.id = ids[i];
    const auto day = DayOfMs(entries[item.entry].timestamp_ms);
    if (found[i] != kNoId) {
      core_->series_cache.Insert(item.hash, KnownSeries{item.id}.Pack());
      days_.push_back({day, item.id, item.hash});
      continue;
    }
    rows_.AddDay(day, item.id);
    known->push_back(
        {item.hash, KnownSeries{item.id, static_cast<int64_t>(day)}.Pack()});
    // The same label set may come for several days.
    if (i > 0 && texts[i] == texts[i - 1]) continue;
    rows_.AddSeries({item.id, &item.group_key, item.name,
                     pairs_.data() + item.pairs_begin, item.pair_count});
  }
  return status;
}

// Adds the days that the database does not have.
Status Registrar::FindDays(HeldRegistration::Known* known) {
  std::sort(days_.begin(), days_.end(), [](const DayOf& a, const DayOf& b) {
    return a.day != b.day ? a.day < b.day : a.id < b.id;
  });
  const auto same_row = [](const DayOf& a, const DayOf& b) {
    return a.day == b.day && a.id >> kIdChunkBits == b.id >> kIdChunkBits;
  };
  std::vector<std::string> keys;
  for (size_t i = 0; i < days_.size(); ++i) {
    if (i > 0 && same_row(days_[i - 1], days_[i])) continue;
    keys.push_back(OwnedChunkKey(IndexRowKind::kDay, days_[i].day,
                                 days_[i].id >> kIdChunkBits));
  }
  std::vector<IdChunk> chunks;
  const Status status = reader_.ReadChunks(keys, &chunks);
  if (!status.ok()) return status;
  size_t chunk = 0;
  for (size_t i = 0; i < days_.size(); ++i) {
    if (i > 0 && !same_row(days_[i - 1], days_[i])) ++chunk;
    const DayOf& day = days_[i];
    const uint64_t number =
        KnownSeries{day.id, static_cast<int64_t>(day.day)}.Pack();
    if (chunks[chunk].Contains(static_cast<uint16_t>(day.id))) {
      core_->series_cache.Insert(day.hash, number);
    } else {
      rows_.AddDay(day.day, day.id);
      known->push_back({day.hash, number});
    }
  }
  return status;
}

Status Registrar::Register(const SeriesEntry* entries, size_t count,
                           rocksdb::WriteBatch* batch,
                           std::vector<SeriesId>* ids,
                           std::unique_ptr<HeldRegistration>* held) {
  for (size_t i = 0; i < count; ++i) {
    if (entries[i].timestamp_ms < kTimestampMin ||
        entries[i].timestamp_ms > kTimestampMax) {
      return Status::InvalidArgument(
          "series index: a timestamp before 1970 or after 9999");
    }
  }
  HashAll(count,
          [&](size_t i) -> const LabelSet& { return entries[i].labels; });
  Status status;
  ids->assign(count, kNoSeries);
  for (size_t i = 0; i < count; ++i) {
    uint64_t number;
    if (!core_->series_cache.Find(hashes_[i], &number)) {
      status = AddItem(i, entries[i].labels);
      if (!status.ok()) return status;
      continue;
    }
    const KnownSeries series = KnownSeries::Unpack(number);
    (*ids)[i] = series.id;
    const uint64_t day = DayOfMs(entries[i].timestamp_ms);
    if (series.day != static_cast<int64_t>(day)) {
      days_.push_back({day, series.id, hashes_[i]});
    }
  }
  HeldIds pairs(&core_->pending_pairs);
  HeldIds series(&core_->pending_series);
  HeldRegistration::Known new_series;
  status = HoldPairs(&pairs);
  if (status.ok()) status = SettleSeries(entries, &series, &new_series);
  if (status.ok()) status = FindDays(&new_series);
  if (status.ok()) status = rows_.WriteTo(core_->cf, batch);
  if (!status.ok()) return status;
  for (const Item& item : items_) (*ids)[item.entry] = item.id;
  *held = std::make_unique<HeldRegistration>(core_);
  (*held)->pairs_ = pairs.Take();
  (*held)->series_ = series.Take();
  (*held)->new_pairs_ = std::move(new_pairs_);
  (*held)->new_series_ = std::move(new_series);
  return status;
}

Status Registrar::Resolve(const LabelSet* sets, size_t count,
                          std::vector<SeriesId>* ids) {
  HashAll(count, [&](size_t i) -> const LabelSet& { return sets[i]; });
  Status status;
  ids->assign(count, kNoSeries);
  for (size_t i = 0; i < count; ++i) {
    uint64_t number;
    if (core_->series_cache.Find(hashes_[i], &number)) {
      (*ids)[i] = KnownSeries::Unpack(number).id;
    } else {
      status = AddItem(i, sets[i]);
      if (!status.ok()) return status;
    }
  }
  if (items_.empty()) return status;
  status = FindPairs();
  if (!status.ok() || items_.empty()) return status;
  MakeGroupKeys();
  std::vector<uint64_t> found;
  status = FindSeries(&found);
  if (!status.ok()) return status;
  for (size_t i = 0; i < items_.size(); ++i) {
    if (found[i] == kNoId) continue;
    (*ids)[items_[i].entry] = found[i];
    core_->series_cache.Insert(items_[i].hash, KnownSeries{found[i]}.Pack());
  }
  return status;
}

}  // namespace varve
