// Ids to label sets. Rows of label sets are read one after the other, and only
// the pairs that changed from one series to the next are looked up: first in a
// small table, then among the pages that were read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "format/index/label_row.h"
#include "format/index/pair_page.h"
#include "index/index_core.h"
#include "index/index_reader.h"

namespace varve {

// Serves one call.
class LabelReader {
 public:
  explicit LabelReader(IndexCore* core);

  // NotFound when no label set has the id, which is no error. The ids of
  // consecutive calls ascend. The labels are valid until the next call.
  Status Read(uint64_t id, LabelSet* labels);

  // Of the series read last: its pairs' ids.
  const uint64_t* pairs() const { return row_.pairs(at_); }

 private:
  struct Text {
    uint64_t pair = ~uint64_t{0};
    Label label;
  };
  struct Page {
    std::string bytes;
    PairPage pairs;
  };

  Status ReadRow(uint64_t chunk);
  Status FindText(uint64_t pair, Label* label);
  Status ReadPage(uint64_t number, const Page** page);

  IndexCore* const core_;
  std::unique_ptr<rocksdb::Iterator> rows_;
  uint64_t chunk_ = ~uint64_t{0};
  LabelRow row_;
  size_t at_ = 0;
  std::vector<uint64_t> known_;  // the pairs that labels_ has
  std::vector<Label> labels_;
  std::vector<Text> texts_;
  std::unordered_map<uint64_t, std::unique_ptr<Page>> pages_;
  size_t page_bytes_ = 0;
};

}  // namespace varve
