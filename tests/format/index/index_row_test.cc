// Rows of the index: what is encoded is decoded, merges are unions in any
// grouping and never fail, nothing of damaged bytes is lost, and the dead
// leave.
#include "format/index/index_row.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/format/index/index_cases.h"

namespace varve {
namespace {

#ifdef VARVE_SANITIZED
constexpr int kRounds = 20;
#else
constexpr int kRounds = 100;
#endif

TEST(IndexKey, OrderedNumbersSortAsNumbersAndEndWhereTheyShould) {
  std::string before;
  for (const uint64_t number :
       {uint64_t{0}, uint64_t{1}, uint64_t{127}, uint64_t{128}, uint64_t{16383},
        uint64_t{16384}, uint64_t{1} << 21, (uint64_t{1} << 28) - 1,
        uint64_t{1} << 28, uint64_t{1} << 35, kIndexNumberMax}) {
    std::string key;
    AppendOrderedNumber(&key, number);
    EXPECT_GT(key, before) << number;
    before = key;
    Slice rest(key);
    uint64_t read;
    ASSERT_TRUE(TakeOrderedNumber(&rest, &read)) << number;
    EXPECT_EQ(read, number);
    EXPECT_TRUE(rest.empty());
    rest = Slice(key.data(), key.size() - 1);
    EXPECT_FALSE(TakeOrderedNumber(&rest, &read));
  }
  // Longer than need be, or than any.
  for (const std::string& bad :
       {std::string("\x80\x05", 2), std::string("\xfe\0\0\0\0\0\0\0", 8)}) {
    Slice rest(bad);
    uint64_t read;
    EXPECT_FALSE(TakeOrderedNumber(&rest, &read));
  }
}

TEST(IndexKey, EveryKindIsParsedAndOthersAreNot) {
  IndexKey parsed;
  for (const IndexRowKind kind : IndexRowKinds()) {
    const std::string key = KeyOf(kind);
    ASSERT_TRUE(ParseIndexKey(key, &parsed));
    EXPECT_EQ(parsed.kind, kind);
    if (kind != IndexRowKind::kPair && kind != IndexRowKind::kGroup) {
      EXPECT_FALSE(ParseIndexKey(key + "x", &parsed));
    }
  }
  for (const std::string& bad :
       {std::string(), std::string("\x7f"), std::string("\x20"),
        std::string("\x10job"), std::string("\x10\0v", 3),
        std::string("\x10job\0", 5), std::string("\x30\x05")}) {
    EXPECT_FALSE(ParseIndexKey(bad, &parsed));
  }
}

TEST(IndexRow, WhatIsEncodedIsDecoded) {
  for (int round = 0; round < kRounds; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    const LabelRow labels = RandomLabels(&random);
    std::string value;
    labels.EncodeTo(&value);
    LabelRow read;
    ASSERT_TRUE(read.Decode(value).ok());
    ASSERT_EQ(read.size(), labels.size());
    for (size_t i = 0; i < labels.size(); ++i) {
      ASSERT_EQ(read.offset(i), labels.offset(i));
      ASSERT_EQ(read.Find(labels.offset(i)), i);
      ASSERT_EQ(std::vector<uint64_t>(read.pairs(i),
                                      read.pairs(i) + read.pair_count(i)),
                std::vector<uint64_t>(labels.pairs(i),
                                      labels.pairs(i) + labels.pair_count(i)));
    }
    const std::vector<NamedSeries> group = RandomGroup(&random);
    if (!group.empty()) {
      value.clear();
      EncodeGroup(group, &value);
      std::vector<NamedSeries> read_group;
      ASSERT_TRUE(DecodeGroup(value, &read_group).ok());
      ASSERT_EQ(read_group, group);
    }
  }
}

TEST(IndexRow, NewestSeriesOfANameStays) {
  std::string older;
  std::string newer;
  EncodeGroup({{3, 10}, {9, 11}}, &older);
  EncodeGroup({{9, 40}}, &newer);
  std::string expected;
  EncodeGroup({{3, 10}, {9, 40}}, &expected);
  const std::string key = KeyOf(IndexRowKind::kGroup);
  EXPECT_EQ(Unite(key, {older, newer}), expected);
  EXPECT_EQ(Unite(key, {newer, older}), expected);
}

// Splits entries at random, unites the pieces, and those again.
std::string UniteInPieces(const std::string& key,
                          std::vector<std::string> entries,
                          RandomSource* random) {
  while (entries.size() > 1) {
    const size_t begin = random->Below(entries.size() - 1);
    const size_t end = begin + 2 + random->Below(entries.size() - begin - 1);
    const std::string united =
        Unite(key, {entries.begin() + begin, entries.begin() + end});
    entries.erase(entries.begin() + begin, entries.begin() + end);
    entries.insert(entries.begin() + begin, united);
  }
  return entries[0];
}

TEST(IndexRow, AnyOrderGroupingAndRepetitionOfEntriesGivesTheSame) {
  for (int round = 0; round < kRounds; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    for (const IndexRowKind kind : IndexRowKinds()) {
      const std::string key = KeyOf(kind);
      std::vector<std::string> entries(2 + random.Below(6));
      for (std::string& entry : entries) entry = RandomEntry(kind, &random);
      const std::string whole = Unite(key, entries);
      std::shuffle(entries.begin(), entries.end(), std::mt19937_64(round));
      entries.push_back(random.Pick(entries));
      ASSERT_EQ(UniteInPieces(key, entries, &random), whole);
      ASSERT_EQ(Unite(key, {whole, whole}), whole);
    }
  }
}

// Bytes that are no entry of this kind of row: another kind's, cut, flipped,
// containers with damage in them.
std::string Damaged(IndexRowKind kind, RandomSource* random) {
  for (;;) {
    std::string entry = RandomEntry(
        random->OneIn(3) ? random->Pick(IndexRowKinds()) : kind, random);
    if (random->OneIn(2)) entry.resize(random->Below(entry.size() + 1));
    if (!entry.empty() && random->OneIn(2)) {
      entry[random->Below(entry.size())] = static_cast<char>(random->Bits());
    }
    std::string united = Unite(KeyOf(kind), {entry, entry});
    // What is united twice and stays twice could not be decoded.
    if (!united.empty() && united[0] == '\x7e') return entry;
  }
}

TEST(IndexRow, WhatCannotBeDecodedIsKeptVerbatimInItsOrder) {
  for (int round = 0; round < kRounds; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    for (const IndexRowKind kind : IndexRowKinds()) {
      const std::string key = KeyOf(kind);
      std::vector<std::string> entries;
      std::vector<std::string> good;
      std::vector<std::string> bad;
      for (size_t i = 2 + random.Below(5); i > 0; --i) {
        std::vector<std::string>* const kept = random.OneIn(2) ? &bad : &good;
        kept->push_back(kept == &bad ? Damaged(kind, &random)
                                     : RandomEntry(kind, &random));
        entries.push_back(kept->back());
      }
      const std::string whole = Unite(key, entries);
      ASSERT_EQ(UniteInPieces(key, entries, &random), whole);
      size_t at = 0;
      for (const std::string& entry : bad) {
        // An entry of no bytes is a size of 0.
        const size_t found = whole.find(entry, at);
        ASSERT_NE(found, std::string::npos);
        at = found + entry.size();
      }
      if (good.size() > 1) {
        ASSERT_NE(whole.find(Unite(key, good)), std::string::npos);
      }
    }
  }
}

TEST(IndexRow, AnEntryAloneStaysAsItIs) {
  const std::string key = KeyOf(IndexRowKind::kPosting);
  EXPECT_EQ(Unite(key, {"anything"}), "anything");
  EXPECT_EQ(Unite("foreign", {"anything"}), "anything");
}

// Each bit flipped and each length: what decodes at all, decodes to a row that
// encodes and decodes again; nothing is read beyond the bytes (sanitizers).
TEST(IndexRow, HostileBytesAreRefusedOrReadWithinTheirBounds) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  DeadIds dead;
  dead.series.Add(3 << kIdChunkBits);
  dead.pairs.Add(3 << kPairPageBits);
  for (const IndexRowKind kind : IndexRowKinds()) {
    const std::string key = KeyOf(kind);
    std::string good = RandomEntry(kind, &random);
    if (good.size() > 400) good = RandomEntry(kind, &random);
    std::vector<std::string> cases;
    for (size_t i = 0; i < good.size() && i < 400; ++i) {
      cases.push_back(good.substr(0, i));
      for (int bit = 0; bit < 8; ++bit) {
        cases.push_back(good);
        cases.back()[i] = static_cast<char>(cases.back()[i] ^ (1 << bit));
      }
    }
    for (int i = 0; i < 200; ++i) {
      std::string noise(1 + random.Below(40), '\0');
      for (char& c : noise) c = static_cast<char>(random.Bits());
      noise[0] = good[0];
      cases.push_back(noise);
    }
    for (const std::string& bytes : cases) {
      // From the heap, so that a sanitizer sees a byte too many.
      const std::vector<char> exact(bytes.begin(), bytes.end());
      const Slice entry(exact.data(), exact.size());
      const Slice entries[] = {entry, good};
      std::string united;
      UniteIndexRow(key, entries, 2, &united);
      const std::string again = Unite(key, {united, united});
      ASSERT_EQ(again.empty(), united.empty());
      std::string pruned;
      PruneIndexRow(key, entry, dead, 0, &pruned);
    }
  }
}

TEST(IndexRow, NumbersEndAt42Bits) {
  std::string value;
  EncodeNumber(kIndexNumberMax, &value);
  uint64_t number;
  ASSERT_TRUE(DecodeNumber(value, &number).ok());
  EXPECT_EQ(number, kIndexNumberMax);
  value.clear();
  EncodeNumber(kIndexNumberMax + 1, &value);
  EXPECT_TRUE(DecodeNumber(value, &number).IsCorruption());
}

// ------------------------------------------------------------- the dead leave

std::string Prune(const std::string& key, const std::string& entry,
                  const DeadIds& dead, Pruned expected,
                  uint64_t first_day = 0) {
  std::string value;
  EXPECT_EQ(PruneIndexRow(key, entry, dead, first_day, &value), expected);
  return value;
}

TEST(IndexRow, DeadIdsLeaveEveryRowThatHasThem) {
  DeadIds dead;
  const uint64_t first = 3 << kIdChunkBits;
  for (uint64_t id = first; id < first + 10; ++id) dead.series.Add(id);
  const std::string posting = OwnedChunkKey(IndexRowKind::kPosting, 5, 3);
  EXPECT_EQ(Prune(posting, IdsValue({2, 11}), dead, Pruned::kChanged),
            IdsValue({11}));
  Prune(posting, IdsValue({2, 3}), dead, Pruned::kRemoved);
  Prune(posting, IdsValue({11}), dead, Pruned::kKept);
  Prune(posting, "garbage", dead, Pruned::kKept);
  Prune(OwnedChunkKey(IndexRowKind::kPosting, 5, 4), IdsValue({2}), dead,
        Pruned::kKept);

  std::string group;
  std::string left;
  EncodeGroup({{1, first}, {2, first + 20}}, &group);
  EncodeGroup({{2, first + 20}}, &left);
  const std::string group_key = KeyOf(IndexRowKind::kGroup);
  EXPECT_EQ(Prune(group_key, group, dead, Pruned::kChanged), left);
  Prune(group_key, left, dead, Pruned::kKept);

  LabelRow labels;
  LabelRow labels_left;
  const uint64_t pairs[] = {4, 5};
  for (const uint8_t offset : {0, 1, 30}) labels.Append(offset, pairs, 2);
  labels_left.Append(30, pairs, 2);
  std::string value;
  std::string value_left;
  labels.EncodeTo(&value);
  labels_left.EncodeTo(&value_left);
  EXPECT_EQ(Prune(ChunkKey(IndexRowKind::kLabels, first >> kLabelRowBits),
                  value, dead, Pruned::kChanged),
            value_left);
}

TEST(IndexRow, DaysThatAreOverLeave) {
  Prune(OwnedChunkKey(IndexRowKind::kDay, 99, 0), IdsValue({1}), {},
        Pruned::kRemoved, 100);
  Prune(OwnedChunkKey(IndexRowKind::kDay, 100, 0), IdsValue({1}), {},
        Pruned::kKept, 100);
  // What nobody can read may be anything.
  Prune(OwnedChunkKey(IndexRowKind::kDay, 99, 0), "garbage", {}, Pruned::kKept,
        100);
}

TEST(IndexRow, DeadPairsLeaveTheirDictionary) {
  DeadIds dead;
  dead.pairs.Add(33);
  std::string number;
  EncodeNumber(33, &number);
  const std::string key = PairKey("job", "varve");
  Prune(key, number, dead, Pruned::kRemoved);
  std::string other;
  EncodeNumber(34, &other);
  Prune(key, other, dead, Pruned::kKept);
  PairPage page;
  page[1] = {"job", "varve"};
  std::string value;
  EncodePairPage(page, &value);
  const std::string page_key = ChunkKey(IndexRowKind::kPairPage, 1);
  Prune(page_key, value, dead, Pruned::kRemoved);
  page[2] = {"job", "other"};
  std::string both;
  EncodePairPage(page, &both);
  page[1] = PairText();
  std::string left;
  EncodePairPage(page, &left);
  EXPECT_EQ(Prune(page_key, both, dead, Pruned::kChanged), left);
}

}  // namespace
}  // namespace varve
