// Pieces are found without decoding, taken over as they are, and united where
// nothing has to be expanded for it.
#include "format/row/block_pieces.h"

#include <gtest/gtest.h>

#include "tests/format/row/golden_blocks.h"

namespace varve {
namespace {

using block_cases::EncodeBlock;
using block_cases::FromRun;
using block_cases::JoinBlock;
using block_cases::kLeapDay;
using block_cases::Samples;

const BlockSpec& Day() {
  static const BlockSpec kDay = block_cases::SpecAt(
      kMillisPerDay, Partition::kMonth, WindowRule::kFloor, kLeapDay);
  return kDay;
}

Samples Decoded(const std::string& block) {
  SampleRun run;
  const Status status = BlockDecoder().Decode(block, &run);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return FromRun(run);
}

std::vector<BlockPiece> PiecesOf(const std::string& block) {
  BlockHeader header;
  EXPECT_TRUE(PeekBlock(block, &header).ok());
  std::vector<BlockPiece> pieces;
  EXPECT_TRUE(ListPieces(block, header, &pieces).ok());
  return pieces;
}

// Values from a few; steps all equal, or of 1 to 4 ms.
Samples Make(int64_t first_ms, size_t count, bool regular, uint64_t values,
             RandomSource* random) {
  Samples samples;
  int64_t t = first_ms;
  for (size_t i = 0; i < count; ++i) {
    samples.Add(t, 0x4045000000000000 + (random->Below(values) << 40));
    t += regular ? 2 : static_cast<int64_t>(1 + random->Below(4));
  }
  return samples;
}

TEST(BlockPieces, JoinedBlocksHoldBothSidesSamples) {
  RandomSource random(20);
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    Samples all;
    std::string block;
    BlockSpec spec = Day();
    for (uint64_t joins = 1 + random.Below(4); joins-- > 0;) {
      spec.profile = static_cast<Profile>(random.Below(2));
      const int64_t from = all.size() == 0
                               ? kLeapDay
                               : all.timestamps.back() + 1 +
                                     static_cast<int64_t>(random.Below(3));
      const size_t count = 1 + random.Below(random.Below(8) == 0 ? 20000 : 300);
      const Samples more =
          Make(from, count, random.Below(2) == 0, 1 + random.Below(3), &random);
      block = all.size() < 2 ? EncodeBlock(spec, more)
                             : JoinBlock(spec, block, more);
      if (all.size() < 2) all = Samples();
      for (size_t i = 0; i < more.size(); ++i) {
        all.Add(more.timestamps[i], more.value_bits[i]);
      }
    }
    ASSERT_TRUE(Decoded(block) == all);
    size_t listed = 0;
    for (const BlockPiece& piece : PiecesOf(block)) {
      ASSERT_EQ(piece.first_ms, all.timestamps[listed]);
      listed += piece.count;
      ASSERT_GE(piece.limit_ms, all.timestamps[listed - 1]);
    }
    ASSERT_EQ(listed, all.size());
    const int64_t from = all.timestamps[random.Below(all.size())];
    const int64_t to = from + static_cast<int64_t>(random.Below(900));
    Samples expected;
    for (size_t i = 0; i < all.size(); ++i) {
      if (all.timestamps[i] >= from && all.timestamps[i] <= to) {
        expected.Add(all.timestamps[i], all.value_bits[i]);
      }
    }
    SampleRun range;
    ASSERT_TRUE(BlockDecoder().DecodeRange(block, from, to, &range).ok());
    ASSERT_TRUE(FromRun(range) == expected);
  }
}

TEST(BlockPieces, KeptColumnsAreTheSameBytes) {
  RandomSource random(21);
  const std::string front =
      EncodeBlock(Day(), Make(kLeapDay, 700, false, 50, &random));
  const Samples back = Make(kLeapDay + 5000, 100, false, 50, &random);
  const auto before = PiecesOf(front);
  const std::string joined = JoinBlock(Day(), front, back);
  const auto after = PiecesOf(joined);
  ASSERT_EQ(after.size(), 2u);
  EXPECT_EQ(after[0].value_column, before[0].value_column);
  EXPECT_EQ(after[0].timestamp_column, before[0].timestamp_column);
}

// A constant at a constant step stays one piece, and the same block as if all
// had been encoded at once.
TEST(BlockPieces, ConstantsOfOneStepBecomeOnePiece) {
  RandomSource random(22);
  const Samples all = Make(kLeapDay, 8192, true, 1, &random);
  for (const size_t cut : {2, 3, 4000, 8191}) {
    Samples front;
    Samples back;
    for (size_t i = 0; i < all.size(); ++i) {
      (i < cut ? front : back).Add(all.timestamps[i], all.value_bits[i]);
    }
    EXPECT_EQ(JoinBlock(Day(), EncodeBlock(Day(), front), back),
              EncodeBlock(Day(), all));
    back.timestamps.back() += 1;
    EXPECT_EQ(
        PiecesOf(JoinBlock(Day(), EncodeBlock(Day(), front), back)).size(), 2u);
  }
  Samples longer = all;
  longer.Add(all.timestamps.back() + 2, all.value_bits[0]);
  EXPECT_EQ(PiecesOf(EncodeBlock(Day(), longer)).size(), 2u);
}

TEST(BlockPieces, FastPiecesAreNotCompactOnes) {
  RandomSource random(23);
  const Samples varied = Make(kLeapDay, 4000, true, 50, &random);
  BlockSpec spec = Day();
  spec.profile = Profile::kFast;
  const std::string fast = EncodeBlock(spec, varied);
  spec.profile = Profile::kCompact;
  const std::string compact = EncodeBlock(spec, varied);
  EXPECT_TRUE(IsEncodedWell(PiecesOf(fast)[0], Profile::kFast));
  EXPECT_FALSE(IsEncodedWell(PiecesOf(fast)[0], Profile::kCompact));
  EXPECT_TRUE(IsEncodedWell(PiecesOf(compact)[0], Profile::kCompact));
  EXPECT_TRUE(IsEncodedWell(PiecesOf(compact)[0], Profile::kFast));
  BlockPiece unknown = PiecesOf(compact)[0];
  std::string column = unknown.value_column.ToString();
  // The four in the middle counted as known: their families are.
  for (const int encoding :
       {0x02, 0x04, 0x1f, 0x20 + 23, 0x3f, 0x40 + 23, 0x60 + 29, 0x80, 0xff}) {
    column[0] = static_cast<char>(encoding);
    unknown.value_column = column;
    EXPECT_FALSE(IsEncodedWell(unknown, Profile::kFast)) << encoding;
  }
}

}  // namespace
}  // namespace varve
