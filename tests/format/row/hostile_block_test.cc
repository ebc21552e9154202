// Whatever the bytes of a block: an error or a valid decode, in bounded
// memory. Each input goes through the checks of fuzz/block_fuzz.cc, which
// abort; read past the end is the sanitizers' to find, on exact-size copies.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "format/coding/varint.h"
#include "format/row/sample_block.h"
#include "tests/format/row/allocation_meter.h"
#include "tests/format/row/golden_blocks.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace varve {
namespace {

using block_cases::BytesOfDump;
using block_cases::GoldenBlock;
using block_cases::GoldenBlocks;
using block_cases::GoldenFile;

// Scratch memory of the codecs, texts of errors, the dump.
constexpr size_t kScratchBytesMax = size_t{2} << 20;
// The checks hold a block's samples, a range of them and a copy that is
// growing, each run up to twice its samples, and a new block.
constexpr size_t kBytesPerClaimedSample = 10 * 16;

void CheckBytes(const char* data, size_t size) {
  const std::unique_ptr<uint8_t[]> copy(new uint8_t[size]);
  std::memcpy(copy.get(), data, size);
  BlockHeader header;
  const bool peeked =
      PeekBlock(Slice(reinterpret_cast<char*>(copy.get()), size), &header).ok();
  const size_t claimed = peeked ? header.sample_count : 0;
  const AllocationMeter meter;
  LLVMFuzzerTestOneInput(copy.get(), size);
  ASSERT_LE(meter.most_bytes(),
            kScratchBytesMax + claimed * kBytesPerClaimedSample);
}

std::vector<std::string> Blocks() {
  std::vector<std::string> blocks;
  for (const GoldenBlock& golden : GoldenBlocks()) {
    blocks.push_back(BytesOfDump(ReadFile(GoldenFile(golden.name))));
  }
  return blocks;
}

TEST(HostileBlock, EveryTruncationIsAnErrorOrDecodes) {
  for (const std::string& block : Blocks()) {
    for (size_t bytes = 0; bytes <= block.size(); ++bytes) {
      ASSERT_NO_FATAL_FAILURE(CheckBytes(block.data(), bytes));
    }
  }
}

TEST(HostileBlock, EveryChangeOfOneByteIsAnErrorOrDecodes) {
  for (std::string& block : Blocks()) {
    for (char& byte : block) {
      const char original = byte;
      for (int change = 1; change < 256; ++change) {
        byte = static_cast<char>(original ^ change);
        ASSERT_NO_FATAL_FAILURE(CheckBytes(block.data(), block.size()));
      }
      byte = original;
    }
  }
}

TEST(HostileBlock, SplicesOfBlocksAreErrorsOrDecode) {
  RandomSource random(7);
  const std::vector<std::string> blocks = Blocks();
  for (int i = 0; i < 20000; ++i) {
    const std::string& head = blocks[random.Below(blocks.size())];
    const std::string& tail = blocks[random.Below(blocks.size())];
    const std::string spliced = head.substr(0, random.Below(head.size() + 1)) +
                                tail.substr(random.Below(tail.size() + 1));
    ASSERT_NO_FATAL_FAILURE(CheckBytes(spliced.data(), spliced.size()));
  }
}

TEST(HostileBlock, RandomBytesAreErrorsOrDecode) {
  RandomSource random(8);
  for (int i = 0; i < 200000; ++i) {
    std::string bytes;
    const size_t count = random.Below(80);
    for (size_t b = 0; b < count; ++b) {
      // Small numbers more often, for varints that mean something.
      const uint64_t r = random.Bits();
      bytes.push_back(static_cast<char>(r & 1 ? r >> 8 & 7 : r >> 8));
    }
    if (i % 4 != 0 && count > 1) {
      bytes[0] = static_cast<char>(kBlockMagic);
      bytes[1] = static_cast<char>(1 + i % 3);
    }
    ASSERT_NO_FATAL_FAILURE(CheckBytes(bytes.data(), bytes.size()));
  }
}

std::string HeaderClaiming(uint64_t samples, uint64_t timestamp_bytes) {
  std::string block = {'\xa7', '\x02', '\x00'};
  AppendVarint(&block, kBucketWidthMaxMs / 1000);
  AppendVarint(&block, ZigZag(50));
  AppendVarint(&block, samples);
  AppendVarint(&block, 0);
  AppendVarint(&block, kBucketWidthMaxMs - 1);
  AppendVarint(&block, timestamp_bytes);
  return block;
}

TEST(HostileBlock, ClaimOfManySamplesInFewBytesIsCorruption) {
  BlockHeader header;
  for (const size_t bytes : {0, 1, 100, 2047}) {
    const std::string block =
        HeaderClaiming(kBlockSamplesMax, bytes) + std::string(2 * bytes, '\1');
    EXPECT_TRUE(PeekBlock(block, &header).IsCorruption()) << bytes;
    ASSERT_NO_FATAL_FAILURE(CheckBytes(block.data(), block.size()));
  }
  const std::string more =
      HeaderClaiming(kBlockSamplesMax + 1, 4096) + std::string(8192, '\1');
  EXPECT_TRUE(PeekBlock(more, &header).IsCorruption());
}

// A block of the day 1970-01-01 whose header is as told, whether or not it
// makes sense.
std::string BlockWith(size_t count, int64_t span_ms,
                      const std::vector<ThinnedInterval>& thinned = {}) {
  constexpr char kThinned = 1 << 4;
  std::string block = {'\xa7', '\x02', thinned.empty() ? '\0' : kThinned};
  AppendVarint(&block, kMillisPerDay / kMillisPerSecond);
  for (const uint64_t field : {uint64_t{0}, uint64_t{count}, uint64_t{0},
                               static_cast<uint64_t>(span_ms), uint64_t{2}}) {
    AppendVarint(&block, field);
  }
  if (!thinned.empty()) AppendVarint(&block, thinned.size());
  for (const ThinnedInterval& fact : thinned) {
    AppendVarint(&block, static_cast<uint64_t>(fact.interval_ms));
    AppendVarint(&block,
                 static_cast<uint64_t>(fact.up_to_ms / fact.interval_ms));
  }
  return block + std::string(20, '\1');
}

TEST(HostileBlock, HeaderThatContradictsItselfIsCorruption) {
  const auto is_good = [](const std::string& block) {
    BlockHeader header;
    const Status status = PeekBlock(block, &header);
    EXPECT_TRUE(status.ok() || status.IsCorruption()) << status.ToString();
    return status.ok();
  };
  EXPECT_TRUE(is_good(BlockWith(5, 4)));
  EXPECT_FALSE(is_good(BlockWith(5, 3))) << "more samples than ms";
  EXPECT_TRUE(is_good(BlockWith(5, kMillisPerDay - 1)));
  EXPECT_FALSE(is_good(BlockWith(5, kMillisPerDay))) << "beyond";
  const auto with = [&](const std::vector<ThinnedInterval>& intervals) {
    return is_good(BlockWith(5, 4, intervals));
  };
  constexpr int64_t kEnd = kMillisPerDay;
  EXPECT_TRUE(with({{1000, 20000}, {2000, 10000}}));
  EXPECT_FALSE(with({{2000, 20000}, {1000, 10000}})) << "not ascending";
  EXPECT_FALSE(with({{1000, 20000}, {1000, 10000}})) << "twice";
  // As early builds wrote it, and nothing like it.
  EXPECT_TRUE(with({{1000, kEnd}, {1000, 10000}}));
  EXPECT_TRUE(with({{1000, kEnd}, {1000, 10000}, {2000, 8000}}));
  EXPECT_FALSE(with({{1000, kEnd}, {1000, kEnd}})) << "as far";
  EXPECT_FALSE(with({{1000, kEnd}, {1000, 9000}, {1000, 8000}})) << "thrice";
  EXPECT_FALSE(with({{500, kEnd}, {1000, 9000}, {1000, 8000}})) << "later";
  EXPECT_FALSE(with({{1000, kEnd}, {500, 10000}})) << "finer";
  EXPECT_FALSE(with({{1000, 20000}, {2000, 20000}})) << "reaches as far";
  EXPECT_FALSE(with({{7000, 7000}})) << "no divisor of the width";
  EXPECT_FALSE(with({{1000, 0}})) << "no window";
  EXPECT_FALSE(with({{1000, kMillisPerDay + 1000}})) << "beyond";
}

// A header alone takes no memory: it grows piece by piece, as pieces decode.
TEST(HostileBlock, ClaimThatItsPiecesDoNotKeepTakesNoMemory) {
  for (const char fill : {'\0', '\1', '\2', '\x7f'}) {
    const std::string block = HeaderClaiming(kBlockSamplesMax, 4096) +
                              std::string(size_t{2} * 4096, fill);
    BlockHeader header;
    ASSERT_TRUE(PeekBlock(block, &header).ok());
    const AllocationMeter meter;
    SampleRun run;
    EXPECT_TRUE(BlockDecoder().Decode(block, &run).IsCorruption());
    EXPECT_LE(meter.most_bytes(), kScratchBytesMax);
  }
}

}  // namespace
}  // namespace varve
