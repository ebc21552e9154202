// See group_row.h.
#include "format/index/group_row.h"

#include <algorithm>

#include "format/coding/column_bytes.h"
#include "format/index/index_form.h"
#include "format/index/index_key.h"

namespace varve {
namespace {

bool Read(ColumnBytes bytes, std::vector<NamedSeries>* series) {
  uint8_t form;
  uint8_t last;
  if (!bytes.TakeByte(&form) ||
      form != static_cast<uint8_t>(IndexForm::kGroup) ||
      !bytes.TakeByte(&last)) {
    return false;
  }
  const size_t start = series->size();
  unsigned name = 0;
  for (unsigned i = 0; i <= last; ++i) {
    uint8_t step;
    if (!bytes.TakeByte(&step)) return false;
    name += i == 0 ? step : step + 1u;
    if (name > 0xff) return false;
    series->push_back({static_cast<uint8_t>(name), 0});
  }
  uint64_t id = 0;
  for (size_t i = start; i < series->size(); ++i) {
    uint64_t step;
    if (i == start ? !bytes.TakeVarint(&step) : !bytes.TakeZigZag(&step)) {
      return false;
    }
    id = i == start ? step : id + 1 + step;
    if (id > kIndexNumberMax) return false;
    (*series)[i].id = id;
  }
  return bytes.empty();
}

}  // namespace

void EncodeGroup(const std::vector<NamedSeries>& series, std::string* value) {
  value->push_back(static_cast<char>(IndexForm::kGroup));
  value->push_back(static_cast<char>(series.size() - 1));
  for (size_t i = 0; i < series.size(); ++i) {
    value->push_back(static_cast<char>(
        i == 0 ? series[i].name : series[i].name - series[i - 1].name - 1));
  }
  AppendVarint(value, series[0].id);
  for (size_t i = 1; i < series.size(); ++i) {
    AppendVarint(value, ZigZag(static_cast<int64_t>(series[i].id) -
                               static_cast<int64_t>(series[i - 1].id) - 1));
  }
}

Status DecodeGroup(const Slice& value, std::vector<NamedSeries>* series) {
  const size_t start = series->size();
  if (Read(BytesOf(value), series)) return Status::OK();
  series->resize(start);
  return Status::Corruption("not a group's row");
}

void UniteGroup(std::vector<NamedSeries>* series) {
  std::sort(series->begin(), series->end(),
            [](const NamedSeries& a, const NamedSeries& b) {
              return a.name != b.name ? a.name < b.name : a.id > b.id;
            });
  const auto same_name = [](const NamedSeries& a, const NamedSeries& b) {
    return a.name == b.name;
  };
  series->erase(std::unique(series->begin(), series->end(), same_name),
                series->end());
}

}  // namespace varve
