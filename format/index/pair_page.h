// The texts of up to 32 pairs (a label's name and value) whose ids follow
// each other. The value is
//
//   51 present:varint  a bit for each pair of the page that is here
//   then for each: size:varint name  size:varint value
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "format/index/index_key.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

using rocksdb::Status;

inline constexpr size_t kPairPageSize = size_t{1} << kPairPageBits;

struct PairText {
  Slice name;  // empty: not here
  Slice value;
};

// By the low bits of the pair id. The slices point into what was decoded.
using PairPage = std::array<PairText, kPairPageSize>;

// Adds what is in the value. Where both have a pair, and the texts differ,
// the larger stays. Corruption for any other bytes, with nothing added.
Status UnitePairPage(const Slice& value, PairPage* page);

// Nothing for a page without pairs.
void EncodePairPage(const PairPage& page, std::string* value);

}  // namespace varve
