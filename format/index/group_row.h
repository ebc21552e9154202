// The series that have the same labels but for their names: of up to 256
// names that follow each other as pairs, each one's series id. The value is
//
//   31 count - 1:u8 first name:u8 (name - name before - 1):u8 ...
//      first id:varint (id - id before - 1):zigzag ...
//
// names being the low bits of the pair ids of names, ascending, each once.
// Series that were registered together have consecutive ids: zeros.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

using rocksdb::Slice;
using rocksdb::Status;

struct NamedSeries {
  uint8_t name;  // the low bits of its pair id
  uint64_t id;

  bool operator==(const NamedSeries& other) const {
    return name == other.name && id == other.id;
  }
};

// REQUIRES: 1 to 256 series, ascending by name, each name once.
void EncodeGroup(const std::vector<NamedSeries>& series, std::string* value);

// Appends. Corruption for any other bytes, with nothing appended.
Status DecodeGroup(const Slice& value, std::vector<NamedSeries>* series);

// Of several of one name the last registered, which is the largest id, stays.
void UniteGroup(std::vector<NamedSeries>* series);

}  // namespace varve
