// See pair_page.h.
#include "format/index/pair_page.h"

#include "format/coding/column_bytes.h"
#include "format/index/index_form.h"

namespace varve {
namespace {

bool Read(ColumnBytes bytes, PairPage* page) {
  uint8_t form;
  uint64_t present;
  if (!bytes.TakeByte(&form) ||
      form != static_cast<uint8_t>(IndexForm::kPairs) ||
      !bytes.TakeVarint(&present) || present == 0 ||
      present >> kPairPageSize != 0) {
    return false;
  }
  for (size_t i = 0; i < kPairPageSize; ++i) {
    if ((present >> i & 1) == 0) continue;
    ColumnBytes name;
    ColumnBytes value;
    if (!bytes.TakeSized(&name) || !bytes.TakeSized(&value) || name.empty() ||
        value.empty()) {
      return false;
    }
    (*page)[i] = {Slice(name.p, name.size()), Slice(value.p, value.size())};
  }
  return bytes.empty();
}

bool Less(const PairText& a, const PairText& b) {
  const int names = a.name.compare(b.name);
  return names != 0 ? names < 0 : a.value.compare(b.value) < 0;
}

}  // namespace

Status UnitePairPage(const Slice& value, PairPage* page) {
  PairPage read;
  if (!Read(BytesOf(value), &read)) {
    return Status::Corruption("not a page of pairs");
  }
  for (size_t i = 0; i < kPairPageSize; ++i) {
    if (Less((*page)[i], read[i])) (*page)[i] = read[i];
  }
  return Status::OK();
}

void EncodePairPage(const PairPage& page, std::string* value) {
  uint64_t present = 0;
  for (size_t i = 0; i < kPairPageSize; ++i) {
    if (!page[i].name.empty()) present |= uint64_t{1} << i;
  }
  if (present == 0) return;
  value->push_back(static_cast<char>(IndexForm::kPairs));
  AppendVarint(value, present);
  for (const PairText& pair : page) {
    if (pair.name.empty()) continue;
    for (const Slice& text : {pair.name, pair.value}) {
      AppendVarint(value, text.size());
      value->append(text.data(), text.size());
    }
  }
}

}  // namespace varve
