// Sets of ids against std::set.
#include "format/index/id_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "tests/random_source.h"

namespace varve {
namespace {

using Ids = std::set<uint64_t>;

// Few or many ids, in runs or scattered, over three chunks.
Ids RandomIds(RandomSource* random) {
  Ids ids;
  const size_t count =
      random->OneIn(2) ? random->Below(20) : random->Below(3 * kIdArrayMax);
  uint64_t next = random->Below(3 * kIdChunkSize);
  while (ids.size() < count) {
    ids.insert(next);
    next = random->OneIn(8) ? random->Below(3 * kIdChunkSize) : next + 1;
  }
  return ids;
}

IdSet SetOf(const Ids& ids) {
  IdSet set;
  for (const uint64_t id : ids) set.Add(id);
  return set;
}

Ids IdsOf(const IdSet& set) {
  Ids ids;
  IdWalk walk(set);
  for (uint64_t id; walk.Next(&id);) ids.insert(ids.end(), id);
  return ids;
}

TEST(IdSet, DoesAsStdSetDoes) {
#ifdef VARVE_SANITIZED
  constexpr int kRounds = 5;
#else
  constexpr int kRounds = 20;
#endif
  for (int round = 0; round < kRounds; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    const Ids a = RandomIds(&random);
    const Ids b = RandomIds(&random);
    const IdSet set_a = SetOf(a);
    const IdSet set_b = SetOf(b);
    ASSERT_EQ(IdsOf(set_a), a);
    ASSERT_EQ(set_a.count(), a.size());
    Ids expected;
    std::set_union(a.begin(), a.end(), b.begin(), b.end(),
                   std::inserter(expected, expected.end()));
    IdSet set = set_a;
    set.UniteWith(set_b);
    ASSERT_EQ(IdsOf(set), expected);
    ASSERT_TRUE(set == SetOf(expected));
    ASSERT_TRUE(set.Includes(set_a));
    expected.clear();
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(),
                          std::inserter(expected, expected.end()));
    set = set_a;
    set.IntersectWith(set_b);
    ASSERT_EQ(IdsOf(set), expected);
    ASSERT_TRUE(set == SetOf(expected));
    expected.clear();
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(),
                        std::inserter(expected, expected.end()));
    set = set_a;
    set.Subtract(set_b);
    ASSERT_EQ(IdsOf(set), expected);
    ASSERT_TRUE(set == SetOf(expected));
    for (int i = 0; i < 20; ++i) {
      const uint64_t id = random.Below(3 * kIdChunkSize);
      ASSERT_EQ(set_a.Contains(id), a.count(id) > 0);
    }
  }
}

TEST(IdChunk, ComesBackFromItsRowWhateverItHolds) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  for (const size_t step : {1, 2, 3, 7, 100}) {
    for (const size_t begin : {0, 1, 63, 64, 65535}) {
      std::vector<uint16_t> offsets;
      for (size_t i = begin; i < kIdChunkSize; i += step) {
        offsets.push_back(static_cast<uint16_t>(i));
      }
      const IdChunk chunk = IdChunk::OfSorted(offsets.data(), offsets.size());
      std::string value;
      chunk.EncodeTo(&value);
      EXPECT_LE(value.size(), 1 + kIdChunkSize / 8);
      std::string same;
      EncodeSortedIds(offsets.data(), offsets.size(), &same);
      EXPECT_EQ(value, same);
      IdChunk read;
      ASSERT_TRUE(read.Add(value).ok());
      EXPECT_TRUE(read == chunk);
      IdBits bits;
      ASSERT_TRUE(bits.Add(value).ok());
      EXPECT_TRUE(bits.Take() == chunk);
    }
  }
}

TEST(IdChunk, DamagedRowsAreRefusedAndChangeNothing) {
  const uint16_t offset = 5;
  for (const std::string& bad :
       {std::string(), std::string("\x21"), std::string("\x22"),
        std::string(1 + kIdChunkSize / 8, '\0').replace(0, 1, "\x22"),
        std::string("\x21\x03"), std::string("\x21\x02\x00", 3),
        std::string("\x21\x01\xff\xff\x03"), std::string("\x31\x02")}) {
    IdChunk chunk = IdChunk::OfSorted(&offset, 1);
    EXPECT_TRUE(chunk.Add(bad).IsCorruption());
    EXPECT_EQ(chunk.count(), 1u);
    IdBits bits;
    EXPECT_TRUE(bits.Add(bad).IsCorruption());
    EXPECT_TRUE(bits.empty());
  }
}

}  // namespace
}  // namespace varve
