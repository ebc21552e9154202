// See label_values.h.
#include "index/label_values.h"

#include <algorithm>
#include <set>
#include <utility>

#include "index/label_reader.h"

namespace varve {
namespace {

// Up to so many series are read one by one.
constexpr uint64_t kReadSeriesMax = 65536;

void KeepLargest(size_t limit, IndexCardinality::Counts* counts) {
  std::sort(counts->begin(), counts->end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (counts->size() > limit) counts->resize(limit);
}

}  // namespace

Status LabelValues::Select() {
  everything_ = selection_.IsEverything(matchers_, options_.range);
  if (everything_) return Status::OK();
  return selection_.Select(matchers_, options_.range, options_.now_ms, &ids_);
}

void LabelValues::Limit(std::vector<std::string>* texts) const {
  if (options_.limit > 0 && texts->size() > options_.limit) {
    texts->resize(options_.limit);
  }
}

Status LabelValues::ReadSeries(const std::string* name,
                               std::vector<std::string>* texts) const {
  LabelReader labels(core_);
  std::set<std::string> found;
  IdWalk walk(ids_);
  for (uint64_t id; walk.Next(&id);) {
    LabelSet set;
    const Status status = labels.Read(id, &set);
    if (status.IsNotFound()) continue;
    if (!status.ok()) return status;
    for (size_t i = 0; i < set.count; ++i) {
      const Label& label = set.labels[i];
      if (name == nullptr) {
        found.insert(label.name.ToString());
      } else if (label.name == *name) {
        found.insert(label.value.ToString());
      }
    }
  }
  texts->assign(found.begin(), found.end());
  return Status::OK();
}

Status LabelValues::WalkNames(std::vector<std::string>* names) {
  rocksdb::Iterator* const rows = selection_.rows();
  const std::string kind(1, static_cast<char>(IndexRowKind::kPair));
  for (rows->Seek(kind); rows->Valid() && rows->key().starts_with(kind);) {
    IndexKey key;
    if (!ParseIndexKey(rows->key(), &key)) {
      rows->Next();
      continue;
    }
    std::string name(key.text.data());  // up to the 00
    // The first value that is not dead tells; then past all values.
    bool any = false;
    const Status status =
        selection_.WalkValues(name, nullptr, [&](const Slice&, uint64_t) {
          any = true;
          return false;
        });
    if (!status.ok()) return status;
    const std::string after = kind + name + '\1';
    if (any) names->push_back(std::move(name));
    rows->Seek(after);
  }
  return rows->status();
}

Status LabelValues::WalkPostings(const std::string& name, size_t limit,
                                 std::vector<std::string>* values) {
  std::vector<std::pair<std::string, uint64_t>> pairs;
  Status status = selection_.WalkValues(
      name, nullptr, [&](const Slice& value, uint64_t pair) {
        pairs.emplace_back(value.ToString(), pair);
        return !everything_ || limit == 0 || pairs.size() < limit;
      });
  for (auto& pair : pairs) {
    if (!status.ok() || (limit > 0 && values->size() >= limit)) break;
    IdSet ids;
    if (!everything_) {
      status = selection_.ReadPosting(pair.second, &ids);
      ids.IntersectWith(ids_);
    }
    if (everything_ || !ids.empty()) values->push_back(std::move(pair.first));
  }
  return status;
}

Status LabelValues::Names(std::vector<std::string>* names) {
  names->clear();
  Status status = Select();
  if (!status.ok()) return status;
  if (!everything_ && ids_.count() <= kReadSeriesMax) {
    status = ReadSeries(nullptr, names);
  } else {
    std::vector<std::string> all;
    status = WalkNames(&all);
    for (std::string& name : all) {
      if (!status.ok()) break;
      std::vector<std::string> first;
      if (!everything_) status = WalkPostings(name, 1, &first);
      if (everything_ || !first.empty()) names->push_back(std::move(name));
    }
  }
  Limit(names);
  return status;
}

Status LabelValues::Values(const std::string& name,
                           std::vector<std::string>* values) {
  values->clear();
  Status status = Select();
  if (!status.ok()) return status;
  status = !everything_ && ids_.count() <= kReadSeriesMax
               ? ReadSeries(&name, values)
               : WalkPostings(name, options_.limit, values);
  Limit(values);
  return status;
}

Status LabelValues::Count(size_t limit, IndexCardinality* cardinality) {
  *cardinality = IndexCardinality();
  IdSet ids;
  Status status = selection_.ReadPosting(kEverySeries, &ids);
  cardinality->series = ids.count();
  std::vector<std::string> names;
  if (status.ok()) status = WalkNames(&names);
  for (const std::string& name : names) {
    if (!status.ok()) return status;
    std::vector<std::pair<std::string, uint64_t>> pairs;
    uint64_t count = 0;
    const bool is_metric = name == kMetricName;
    status = selection_.WalkValues(
        name, nullptr, [&](const Slice& value, uint64_t pair) {
          ++count;
          if (is_metric) pairs.emplace_back(value.ToString(), pair);
          return true;
        });
    cardinality->pairs += count;
    cardinality->values_by_label.emplace_back(name, count);
    for (auto& pair : pairs) {
      IdSet series;
      if (status.ok()) status = selection_.ReadPosting(pair.second, &series);
      cardinality->series_by_metric.emplace_back(std::move(pair.first),
                                                 series.count());
    }
  }
  KeepLargest(limit, &cardinality->series_by_metric);
  KeepLargest(limit, &cardinality->values_by_label);
  return status;
}

}  // namespace varve
