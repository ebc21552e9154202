// Blocks that were written once decode for ever, and dump as they did:
// testdata/*.txt, and the block in FORMAT.md. `golden_block_test --rewrite`
// writes the files, that block and the fuzzer's seeds anew: before a release
// only, since a released block must decode as it is.
#include <gtest/gtest.h>

#include <cstring>

#include "format/row/block_dump.h"
#include "tests/format/row/golden_blocks.h"

namespace varve {
namespace {

using block_cases::BytesOfDump;
using block_cases::FromRun;
using block_cases::GoldenBlock;
using block_cases::GoldenBlocks;
using block_cases::GoldenFile;

std::string Dump(const std::string& block) {
  BlockDumpLimits limits;
  limits.samples_max = 24;
  std::string text;
  DumpBlock(block, limits, &text);
  return text;
}

// The block that FORMAT.md shows, and where: between its two marks.
constexpr char kShown[] = "thinned";

TEST(GoldenBlock, DecodesToItsSamples) {
  for (const GoldenBlock& golden : GoldenBlocks()) {
    SCOPED_TRACE(golden.name);
    const std::string block = BytesOfDump(ReadFile(GoldenFile(golden.name)));
    BlockHeader header;
    ASSERT_TRUE(PeekBlock(block, &header).ok());
    if (header.form == BlockForm::kContainer) {
      std::vector<std::string> entries;
      ContainerReader reader(block);
      Slice entry;
      while (reader.Next(&entry)) entries.push_back(entry.ToString());
      EXPECT_EQ(entries, golden.entries);
      continue;
    }
    SampleRun run;
    ASSERT_TRUE(BlockDecoder().Decode(block, &run).ok());
    EXPECT_TRUE(FromRun(run) == golden.samples);
  }
}

TEST(GoldenBlock, DumpsAsItsFile) {
  for (const GoldenBlock& golden : GoldenBlocks()) {
    const std::string text = ReadFile(GoldenFile(golden.name));
    EXPECT_EQ(Dump(BytesOfDump(text)), text);
  }
}

TEST(GoldenBlock, IsWhatTheEncoderWrites) {
  for (const GoldenBlock& golden : GoldenBlocks()) {
    if (golden.block.empty()) continue;
    const std::string text = ReadFile(GoldenFile(golden.name));
    EXPECT_TRUE(BytesOfDump(text) == golden.block) << golden.name << " is now\n"
                                                   << Dump(golden.block);
  }
}

TEST(GoldenBlock, FormatDocumentShowsWhatTheCodePrints) {
  EXPECT_EQ(Shown(ReadFile(SourceFile("format/row/FORMAT.md")), kShown),
            ReadFile(GoldenFile(kShown)));
}

TEST(BlockDump, ShowsEveryByteOfAnything) {
  RandomSource random(6);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes;
    const size_t count = 1 + random.Below(60);
    for (size_t b = 0; b < count; ++b) {
      bytes.push_back(
          static_cast<char>(random.Below(4) == 0 ? random.Bits() : 3));
    }
    if (i % 2 == 0) bytes[0] = static_cast<char>(kBlockMagic);
    ASSERT_EQ(BytesOfDump(Dump(bytes)), bytes) << Dump(bytes);
  }
}

// Directories that lie, pieces that are cut off, columns that are damaged.
TEST(BlockDump, ShowsEveryByteOfChangedBlocks) {
  for (const GoldenBlock& golden : GoldenBlocks()) {
    std::string block = golden.block;
    for (size_t bytes = 1; bytes < block.size(); ++bytes) {
      const std::string cut = block.substr(0, bytes);
      ASSERT_TRUE(BytesOfDump(Dump(cut)) == cut) << Dump(cut);
    }
    for (char& byte : block) {
      const char original = byte;
      for (int change = 1; change < 256; change += 17) {
        byte = static_cast<char>(original ^ change);
        ASSERT_TRUE(BytesOfDump(Dump(block)) == block) << Dump(block);
      }
      byte = original;
    }
  }
}

TEST(BlockDump, LimitsLeaveOutAndSayHowMuch) {
  const std::string block = GoldenBlocks()[3].block;
  BlockDumpLimits limits;
  limits.column_bytes_max = 0;
  limits.samples_max = 1;
  std::string text;
  DumpBlock(block, limits, &text);
  EXPECT_NE(text.find("more bytes"), std::string::npos) << text;
  EXPECT_NE(text.find("... 23 more samples"), std::string::npos) << text;
}

// A container of a container of a container ...: its depth costs no stack.
TEST(BlockDump, DeepContainersAreNotOpenedForEver) {
  std::string block = "end";
  for (int i = 0; i < 2000; ++i) {
    block = block_cases::EncodeContainer({block});
  }
  EXPECT_EQ(BytesOfDump(Dump(block)), block);
}

// Where dedup_interval was a tier's interval, early builds named it twice in a
// header that they then refused themselves: the row could not be read any
// more. The second mention says nothing that the first does not.
TEST(GoldenBlock, AnIntervalThatIsNamedTwiceCountsOnce) {
  const std::string block = BytesOfDump(ReadFile(GoldenFile("thinned_twice")));
  BlockHeader header;
  const Status status = PeekBlock(block, &header);
  ASSERT_TRUE(status.ok()) << status.ToString();
  ASSERT_EQ(header.thinned_count, 2u);
  EXPECT_EQ(header.thinned[0].interval_ms, 300000);
  EXPECT_EQ(header.thinned[0].up_to_ms, block_cases::kLeapDay + kMillisPerDay);
  EXPECT_EQ(header.thinned[1].interval_ms, kMillisPerHour);
  EXPECT_EQ(header.thinned[1].up_to_ms,
            block_cases::kLeapDay + 6 * kMillisPerHour);
}

int Rewrite() {
  for (const GoldenBlock& golden : GoldenBlocks()) {
    const std::string file = GoldenFile(golden.name);
    const std::string block =
        golden.block.empty() ? BytesOfDump(ReadFile(file)) : golden.block;
    WriteFile(file, Dump(block));
    WriteFile(SourceFile("fuzz/corpus/block/golden_" + golden.name), block);
  }
  return RewriteShown(SourceFile("format/row/FORMAT.md"), kShown,
                      ReadFile(GoldenFile(kShown)));
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  return varve::RunTestsOrRewrite(argc, argv, varve::Rewrite);
}
