// The standing check of what is written: what it lets pass, what it finds, and
// that the merges and collectors of test programs make it.
#include "compaction/written_check.h"

#include <gtest/gtest.h>

#include <string>

#include "compaction/row_merge.h"
#include "compaction/sample_properties_collector.h"
#include "format/row/block_pieces.h"
#include "tests/format/row/golden_blocks.h"

namespace varve {
namespace {

using block_cases::EncodeBlock;
using block_cases::kLeapDay;
using block_cases::Regular;
using block_cases::Samples;
using block_cases::SpecAt;

BlockSpec Day() {
  BlockSpec spec =
      SpecAt(kMillisPerDay, Partition::kMonth, WindowRule::kFloor, kLeapDay);
  spec.thinned_count = 1;
  spec.thinned[0] = {kMillisPerHour, kLeapDay + kMillisPerDay};
  return spec;
}

Status ReadsBack(const std::string& block, const BlockSpec& spec,
                 const Samples& samples) {
  return BlockReadsBack(block, spec, nullptr, 0, samples.timestamps.data(),
                        samples.value_bits.data(), samples.size());
}

TEST(WrittenCheck, IsMadeInTestPrograms) {
  EXPECT_TRUE(RowMerger::ChecksWritten());
  EXPECT_TRUE(SamplePropertiesFactory::ChecksWritten());
}

TEST(WrittenCheck, WhatReadsAsItWasMeantPasses) {
  for (const size_t count : {0, 1, 24}) {
    const Samples samples = Regular(kLeapDay, kMillisPerHour, count);
    const Status status =
        ReadsBack(EncodeBlock(Day(), samples), Day(), samples);
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
}

TEST(WrittenCheck, PiecesThatWereTakenOverCountAsMeant) {
  const BlockSpec spec = Day();
  const Samples front = Regular(kLeapDay, kMillisPerHour, 20);
  const Samples back = Regular(kLeapDay + 20 * kMillisPerHour, 3600000, 4);
  const std::string block = EncodeBlock(spec, front);
  BlockHeader header;
  std::vector<BlockPiece> pieces;
  ASSERT_TRUE(PeekBlock(block, &header).ok());
  ASSERT_TRUE(ListPieces(block, header, &pieces).ok());
  const std::string joined = block_cases::JoinBlock(spec, block, back);
  const auto check = [&](size_t piece_count) {
    return BlockReadsBack(joined, spec, pieces.data(), piece_count,
                          back.timestamps.data(), back.value_bits.data(),
                          back.size());
  };
  EXPECT_TRUE(check(1).ok());
  EXPECT_TRUE(check(0).IsCorruption());
}

TEST(WrittenCheck, FindsWhatReadsOtherwise) {
  const BlockSpec spec = Day();
  const Samples samples = Regular(kLeapDay, kMillisPerHour, 24);
  const std::string block = EncodeBlock(spec, samples);
  const auto finds = [](const Status& status, const char* what) {
    EXPECT_NE(status.ToString().find(what), std::string::npos)
        << status.ToString();
  };
  Samples others = samples;
  others.value_bits[7] ^= 1;
  finds(ReadsBack(block, spec, others), "the sample at 1709190000000");
  others = samples;
  others.Add(kLeapDay + kMillisPerDay - 1, 7);
  finds(ReadsBack(block, spec, others), "24 samples, meant were 25");
  BlockSpec other = spec;
  other.thinned_count = 0;
  finds(ReadsBack(block, other, samples), "1 thinned intervals, meant were 0");
  other = spec;
  other.thinned[0].up_to_ms -= kMillisPerHour;
  finds(ReadsBack(block, other, samples), "the thinned interval of 3600000 ms");
  other = spec;
  other.bucket_start_ms += kMillisPerDay;
  finds(ReadsBack(block, other, samples), "of the bucket at");
  finds(ReadsBack(block.substr(0, 20), spec, samples), "Corruption");
  finds(ReadsBack("", spec, samples), "foreign bytes");

  // A header that says too much of its samples.
  const Samples dense = Regular(kLeapDay, kMillisPerHour / 2, 3);
  finds(ReadsBack(EncodeBlock(spec, dense), spec, dense),
        "two samples in the window of 3600000 ms at 1709164800000");
}

TEST(WrittenCheck, FindsPropertiesThatDoNotParse) {
  SampleProperties properties;
  properties.rows = properties.samples = 1;
  properties.resolutions.push_back({0, 1, 2, 0, kMillisPerDay, {1}});
  rocksdb::UserCollectedProperties written;
  properties.AppendTo(&written);
  EXPECT_TRUE(PropertiesReadBack(written).ok());
  written["varve.resolution.raw"] = "samples=1,bytes=2,bins=0+0:1";
  EXPECT_TRUE(PropertiesReadBack(written).IsCorruption());
  written.clear();
  EXPECT_TRUE(PropertiesReadBack(written).IsNotFound());
}

TEST(WrittenCheckDeathTest, EndsTheProgram) {
  EndUnlessReadBack("a row", Status::OK());
  EXPECT_DEATH(EndUnlessReadBack("a row", Status::Corruption("too few")),
               "standing check: a row: Corruption: too few");
}

}  // namespace
}  // namespace varve
