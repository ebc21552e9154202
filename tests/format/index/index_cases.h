// Rows of an index for tests: of each kind some, random ones from a seed.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "format/index/group_row.h"
#include "format/index/id_chunk.h"
#include "format/index/index_key.h"
#include "format/index/index_row.h"
#include "format/index/label_row.h"
#include "format/index/pair_page.h"
#include "tests/random_source.h"

namespace varve {

inline std::vector<uint16_t> RandomOffsets(RandomSource* random,
                                           size_t count_max) {
  std::set<uint16_t> offsets;
  const size_t count = 1 + random->Below(count_max);
  auto next = static_cast<uint16_t>(random->Bits());
  while (offsets.size() < count) {
    offsets.insert(next);
    next = random->OneIn(4) ? static_cast<uint16_t>(random->Bits())
                            : static_cast<uint16_t>(next + 1);
  }
  return {offsets.begin(), offsets.end()};
}

inline std::string IdsValue(const std::vector<uint16_t>& offsets) {
  std::string value;
  EncodeSortedIds(offsets.data(), offsets.size(), &value);
  return value;
}

inline LabelRow RandomLabels(RandomSource* random) {
  LabelRow row;
  std::vector<uint64_t> pairs(1 + random->Below(12));
  for (uint64_t& pair : pairs) pair = random->Below(100000);
  unsigned offset = static_cast<unsigned>(random->Below(20));
  do {
    row.Append(static_cast<uint8_t>(offset), pairs.data(), pairs.size());
    if (random->OneIn(5)) pairs.resize(1 + random->Below(70), 7);
    for (size_t i = 0; i < 2; ++i) {
      pairs[random->Below(pairs.size())] = random->Below(100000);
    }
    offset +=
        1 + static_cast<unsigned>(random->OneIn(3) ? random->Below(9) : 0);
  } while (offset < 128 && !random->OneIn(40));
  return row;
}

inline std::vector<NamedSeries> RandomGroup(RandomSource* random) {
  std::vector<NamedSeries> series;
  uint64_t id = random->Below(kIndexNumberMax - 100000);
  for (unsigned name = static_cast<unsigned>(random->Below(20)); name < 256;
       name += 1 + static_cast<unsigned>(random->Below(30))) {
    id = random->OneIn(4) ? random->Below(1000) : id + 1;
    series.push_back({static_cast<uint8_t>(name), id});
  }
  return series;
}

inline std::string RandomPage(RandomSource* random) {
  std::vector<std::string> texts(kPairPageSize);
  PairPage page;
  for (size_t i = 0; i < kPairPageSize; ++i) {
    if (i > 0 && random->OneIn(3)) continue;
    texts[i] = std::string(1 + random->Below(200), static_cast<char>('a' + i));
    page[i] = {"name", texts[i]};
  }
  std::string value;
  EncodePairPage(page, &value);
  return value;
}

inline const std::vector<IndexRowKind>& IndexRowKinds() {
  static const std::vector<IndexRowKind> kKinds = {
      IndexRowKind::kNextSeries, IndexRowKind::kNextPair,
      IndexRowKind::kPair,       IndexRowKind::kPairPage,
      IndexRowKind::kGroup,      IndexRowKind::kLabels,
      IndexRowKind::kPosting,    IndexRowKind::kDay,
      IndexRowKind::kDeadSeries, IndexRowKind::kDeadPairs};
  return kKinds;
}

inline std::string KeyOf(IndexRowKind kind) {
  switch (kind) {
    case IndexRowKind::kNextSeries:
    case IndexRowKind::kNextPair:
      return NumberKey(kind);
    case IndexRowKind::kPair:
      return PairKey("job", "varve");
    case IndexRowKind::kPosting:
    case IndexRowKind::kDay:
      return OwnedChunkKey(kind, 20000, 3);
    default:
      return ChunkKey(kind, 3);
  }
}

// A good entry of such a row.
inline std::string RandomEntry(IndexRowKind kind, RandomSource* random) {
  std::string value;
  switch (kind) {
    case IndexRowKind::kNextSeries:
    case IndexRowKind::kNextPair:
    case IndexRowKind::kPair:
      EncodeNumber(random->Below(kIndexNumberMax), &value);
      return value;
    case IndexRowKind::kPairPage:
      return RandomPage(random);
    case IndexRowKind::kGroup:
      EncodeGroup(RandomGroup(random), &value);
      return value;
    case IndexRowKind::kLabels:
      RandomLabels(random).EncodeTo(&value);
      return value;
    default:
      return IdsValue(RandomOffsets(random, random->OneIn(20) ? 30000 : 40));
  }
}

inline std::string Unite(const std::string& key,
                         const std::vector<std::string>& entries) {
  const std::vector<Slice> slices(entries.begin(), entries.end());
  std::string value;
  UniteIndexRow(key, slices.data(), slices.size(), &value);
  return value;
}

}  // namespace varve
