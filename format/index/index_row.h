// What a merge and a compaction make of the index's rows, as pure functions
// of bytes.
//
// Law: uniting is a union (numbers: the maximum), so that any order, grouping
// and repetition of the entries gives the same row. It never fails: entries
// that cannot be decoded are kept as they are and in their order, in a
// container behind what could be united:
//
//   7e (size:varint entry) ×, one at least
//
// A number's value is 11 number:varint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "format/index/id_set.h"
#include "format/index/index_key.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

// Writes the row that the entries make together; an entry alone stays as it
// is. REQUIRES: count > 0.
void UniteIndexRow(const Slice& key, const Slice* entries, size_t count,
                   std::string* value);

void EncodeNumber(uint64_t number, std::string* value);
// Corruption for anything that is no number up to kIndexNumberMax.
Status DecodeNumber(const Slice& value, uint64_t* number);

// What is to leave the rows of an index.
struct DeadIds {
  IdSet series;
  IdSet pairs;
};

enum class Pruned : uint8_t { kKept, kChanged, kRemoved };

// What is left of one entry of a row. What cannot be decoded is kept. Dead
// ids' own rows, and numbers that were given, stay; days before `first_day` go.
// *value is written with kChanged only.
Pruned PruneIndexRow(const Slice& key, const Slice& entry, const DeadIds& dead,
                     uint64_t first_day, std::string* value);

}  // namespace varve
