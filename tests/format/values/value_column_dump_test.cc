// The dump of value columns against the decoder: what it states of every
// column that is written, and how it judges any bytes. Hostile bytes go
// through the checks of fuzz/value_column_dump_fuzz.cc, which abort.
#include "format/values/value_column_dump.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "format/coding/varint.h"
#include "tests/format/dump_text.h"
#include "tests/format/row/allocation_meter.h"
#include "tests/format/values/value_cases.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace varve {
namespace {

using value_cases::GoldenColumn;
using value_cases::GoldenColumns;
using value_cases::Kind;
using value_cases::Words;

std::string Encode(const Words& words, Profile profile) {
  std::string column;
  ValueEncoder().Encode(words.data(), words.size(), profile, &column);
  return column;
}

std::string Text(const std::string& column, size_t count) {
  std::string text;
  DumpValueColumn(column, count, {}, &text).status.PermitUncheckedError();
  return text;
}

void CheckAnyBytes(const std::string& column, size_t count) {
  std::string input;
  input += static_cast<char>((count - 1) & 0xff);
  input += static_cast<char>((count - 1) >> 8);
  input += column;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                         input.size());
}

void ExpectStatesTheValues(const Words& words, Profile profile) {
  const std::string column = Encode(words, profile);
  Words decoded(words.size());
  ASSERT_TRUE(ValueDecoder().Decode(column, words.size(), decoded.data()).ok());
  std::string text;
  const DumpedValues dumped = DumpValueColumn(column, words.size(), {}, &text);
  ASSERT_TRUE(dumped.status.ok()) << text;
  ASSERT_TRUE(dumped.words == decoded) << text;
  ASSERT_TRUE(BytesOfDump(text) == column) << text;
}

TEST(ValueColumnDump, StatesTheValuesThatTheDecoderDecodes) {
#if defined(VARVE_SANITIZED)
  constexpr uint64_t kSeeds = 1;
#else
  constexpr uint64_t kSeeds = 2;
#endif
  size_t columns = 0;
  for (int kind = 0; kind < value_cases::kKinds; ++kind) {
    for (const size_t count : {1,   2,   3,    5,    17,   63,   64,   65,  127,
                               128, 129, 130,  255,  256,  257,  258,  511, 512,
                               513, 700, 2047, 2048, 2049, 2050, 8191, 8192}) {
      for (const Profile profile :
           {Profile::kFast, Profile::kCompact, Profile::kSmallest}) {
        for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
          if (count > 3000 && seed > 1) break;
          SCOPED_TRACE("kind " + std::to_string(kind) + ", " +
                       std::to_string(count) + " values, seed " +
                       std::to_string(seed));
          ASSERT_NO_FATAL_FAILURE(ExpectStatesTheValues(
              value_cases::Make(static_cast<Kind>(kind), count, seed),
              profile));
          ++columns;
        }
      }
    }
  }
  std::printf("%zu columns\n", columns);
}

TEST(ValueColumnDump, NamesWhatAColumnIsMadeOf) {
  // By the names of the golden columns.
  const std::pair<const char*, std::vector<const char*>> expected[] = {
      {"one_decimal", {"encoding 0x20 + 1: constant decimal", "215", "21.5"}},
      {"raw", {"encoding 0x00: raw"}},
      {"stale_fast",
       {"parts: exceptions", "runs of exceptions: 3", "mode: delta, mini-",
        "2 patches of 4 bits: 13 at 12, 13 at 51", "13..25 65..77 117..129",
        "exceptions: encoding 0x01: constant word"}},
      {"stale_compact",
       {"runs of exceptions: 14, as two columns",
        "gaps: ", "lengths - 1: ", "zstd frame of 519 tokens"}},
      {"rate_fast", {"column of rationals", "divisor: 15"}},
      {"few_compact",
       {"encoding 0x03: dictionary", "distinct values: 20",
        "indexes: ", "values: encoding", "stream 3: "}},
      {"noisy_sum_fast", {"parts: corrections", "corrections: "}},
      {"float32_fast", {"column of words", "shift: "}},
      {"repeating_smallest",
       {"mode: delta2, bytes, zigzag", "zstd frame of the varints"}},
      {"counter_piece", {"of Huffman codes", "token:bits", "stream 7: "}},
      {"parabola_fast", {"mode: delta2", "last delta: "}},
  };
  for (const GoldenColumn& golden : GoldenColumns()) {
    for (const auto& [name, parts] : expected) {
      if (name != golden.name) continue;
      const std::string text =
          Text(Encode(golden.words, golden.profile), golden.words.size());
      for (const char* part : parts) {
        EXPECT_NE(text.find(part), std::string::npos)
            << name << " without '" << part << "':\n"
            << text;
      }
    }
  }
}

TEST(ValueColumnDump, SaysWhatIsDamagedAndShowsTheRest) {
  EXPECT_EQ(Text("", 3), "0000" + std::string(27, ' ') + "damaged: no bytes\n");
  EXPECT_EQ(Text("\x80\x01", 3),
            "0000  80 01                    not known: encoding 128\n");
  EXPECT_EQ(
      Text(std::string("\x41\x08\x02\x03\x05", 5), 8),
      "0000  41                       encoding 0x40 + 1: column of "
      "decimals, integers / 10^1\n"
      "0001  08                       mode: from last, mini-blocks\n"
      "0002  02                       last: 1\n"
      "0003  03 05                    mini-block 0: 7 of 3 bits above -3\n"
      "0005                           damaged: the fields are cut off\n");
}

TEST(ValueColumnDump, LimitLeavesOutAndSaysHowMuch) {
  const Words words = value_cases::Make(value_cases::kGauge, 300, 1);
  const std::string column = Encode(words, Profile::kFast);
  for (const size_t limit :
       {size_t{0}, size_t{1}, size_t{9}, column.size() - 1, column.size()}) {
    std::string text;
    const DumpedValues dumped =
        DumpValueColumn(column, words.size(), {"", 0, 0, limit}, &text);
    EXPECT_TRUE(dumped.status.ok() && dumped.words == words);
    EXPECT_EQ(BytesOfDump(text), column.substr(0, limit));
    EXPECT_EQ(text.find("encoding 0x"), size_t{31});
    const std::string more =
        "... " + std::to_string(column.size() - limit) + " more bytes\n";
    EXPECT_EQ(text.find(more) != std::string::npos, limit < column.size())
        << text;
  }
}

TEST(ValueColumnDump, CountsThatNoPieceHasAreDamage) {
  for (const uint64_t count : {uint64_t{0}, uint64_t{8193}, UINT64_MAX}) {
    std::string text;
    const DumpedValues dumped = DumpValueColumn("\x01\x40", count, {}, &text);
    EXPECT_TRUE(dumped.status.IsCorruption());
    EXPECT_EQ(BytesOfDump(text), "\x01\x40");
  }
}

// Columns of every kind that are short, so that all of their bytes can be
// tried.
struct ShortColumn {
  std::string bytes;
  size_t count;
};

std::vector<ShortColumn> ShortColumns() {
  std::vector<ShortColumn> columns;
  for (int kind = 0; kind < value_cases::kKinds; ++kind) {
    for (const size_t count : {1, 9, 70, 260}) {
      const Words words =
          value_cases::Make(static_cast<Kind>(kind), count, kind);
      for (const Profile profile : {Profile::kFast, Profile::kSmallest}) {
        std::string column = Encode(words, profile);
        if (column.size() > 400) continue;
        columns.push_back({std::move(column), count});
      }
    }
  }
  return columns;
}

TEST(ValueColumnDump, JudgesEveryTruncationAsTheDecoderDoes) {
  for (const ShortColumn& column : ShortColumns()) {
    for (size_t bytes = 0; bytes < column.bytes.size(); ++bytes) {
      CheckAnyBytes(column.bytes.substr(0, bytes), column.count);
    }
    CheckAnyBytes(column.bytes + '\0', column.count);
  }
}

// Every value of every byte; of long columns, of their heads, and two values
// of the others.
TEST(ValueColumnDump, JudgesEveryChangedByteAsTheDecoderDoes) {
#if defined(VARVE_SANITIZED)
  constexpr size_t kHeadBytes = 2;
#else
  constexpr size_t kHeadBytes = 12;
#endif
  size_t inputs = 0;
  for (ShortColumn& column : ShortColumns()) {
    std::string& bytes = column.bytes;
    for (size_t at = 0; at < bytes.size(); ++at) {
      const bool every = bytes.size() < 2 * kHeadBytes || at < kHeadBytes;
      const char original = bytes[at];
      for (int change = 1; change < 256; change += every ? 1 : 127) {
        bytes[at] = static_cast<char>(original ^ change);
        CheckAnyBytes(bytes, column.count);
        ++inputs;
      }
      bytes[at] = original;
    }
  }
  std::printf("%zu inputs\n", inputs);
}

TEST(ValueColumnDump, JudgesOtherCountsAsTheDecoderDoes) {
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string column = Encode(golden.words, golden.profile);
    for (size_t count = 1; count <= kPieceSamplesMax; count += 1 + count / 2) {
      CheckAnyBytes(column, count);
    }
    for (const size_t more : {1, 2}) {
      CheckAnyBytes(column, golden.words.size() + more);
      if (golden.words.size() > more) {
        CheckAnyBytes(column, golden.words.size() - more);
      }
    }
  }
}

// Small numbers more often, for bytes that mean something.
TEST(ValueColumnDump, JudgesRandomBytesAsTheDecoderDoes) {
  constexpr uint64_t kSeed = 12;
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  RandomSource random(kSeed);
  const uint8_t firsts[] = {0x00, 0x01, 0x03, 0x21, 0x42,
                            0x5e, 0x5f, 0x61, 0x7e, 0x7f};
  for (int i = 0; i < 30000; ++i) {
    std::string column(1, static_cast<char>(firsts[random.Below(10)]));
    for (size_t left = random.Below(40); left > 0; --left) {
      const uint64_t r = random.Bits();
      column += static_cast<char>((r & 3) != 0 ? r >> 8 & 31 : r >> 8);
    }
    CheckAnyBytes(column, 1 + random.Below(i % 8 == 0 ? 8192 : 20));
  }
}

// What a few bytes can claim: memory is that of a piece all the same.
TEST(ValueColumnDump, ClaimsTakeNoMemory) {
  constexpr size_t kBytesMax = size_t{2} << 20;
  const auto varint = [](uint64_t v) {
    std::string bytes;
    AppendVarint(&bytes, v);
    return bytes;
  };
  const std::string heads[] = {"\x03",
                               "\x60\x01",
                               "\x60\x02",
                               "\x60\x03",
                               std::string("\x40\x18\x00", 3),
                               std::string("\x40\x50\x00", 3),
                               std::string("\x40\x11\x00\x00", 4)};
  for (const std::string& head : heads) {
    for (const uint64_t claim :
         {uint64_t{8191}, uint64_t{8192}, uint64_t{16385}, uint64_t{81910},
          uint64_t{1} << 40, UINT64_MAX}) {
      const std::string column =
          head + varint(claim) + varint(claim) + std::string(100, '\1');
      const AllocationMeter meter;
      std::string text;
      DumpValueColumn(column, 8192, {}, &text).status.PermitUncheckedError();
      EXPECT_LE(meter.most_bytes(), kBytesMax);
      CheckAnyBytes(column, 8192);
    }
  }
}

}  // namespace
}  // namespace varve
