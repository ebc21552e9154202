// The label sets of up to 128 series whose ids follow each other: for each
// series the ids of its pairs, in the order of the labels' names. The value is
//
//   41 count:varint  runs of offsets, as in id_chunk.h, until they are `count`
//   then for each, ascending:
//     (size << 1 | 1):varint  pair:varint × size
//     (changed << 1):varint   zigzag(pair - pair before) for each changed one
//
// `changed` has a bit for each place that differs from the set before, which
// has as many pairs; beyond the first 62 places sets are spelt out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

using rocksdb::Slice;
using rocksdb::Status;

// What a label set may have; more in a row is Corruption.
inline constexpr size_t kLabelsMax = 1024;

// Label sets by ascending offset, each offset once.
class LabelRow {
 public:
  size_t size() const { return offsets_.size(); }
  bool empty() const { return offsets_.empty(); }
  void clear();

  uint8_t offset(size_t i) const { return offsets_[i]; }
  const uint64_t* pairs(size_t i) const { return pairs_.data() + begins_[i]; }
  size_t pair_count(size_t i) const {
    return (i + 1 < begins_.size() ? begins_[i + 1] : pairs_.size()) -
           begins_[i];
  }

  // The index of an offset, size() if it is not here.
  size_t Find(uint8_t offset) const;

  // REQUIRES: an offset above all that are here; 1 to kLabelsMax pairs.
  void Append(uint8_t offset, const uint64_t* pairs, size_t count);

  // Corruption for what is no such row; nothing is then here.
  Status Decode(const Slice& value);

  // REQUIRES: !empty().
  void EncodeTo(std::string* value) const;

  // Adds what `other` has. Where both have an offset, and the sets differ, the
  // larger one stays, so that any order of merges gives the same.
  void UniteWith(const LabelRow& other);

 private:
  bool Read(const Slice& value);
  bool Larger(size_t i, const LabelRow& other, size_t j) const;

  std::vector<uint8_t> offsets_;
  std::vector<size_t> begins_;
  std::vector<uint64_t> pairs_;
};

}  // namespace varve
