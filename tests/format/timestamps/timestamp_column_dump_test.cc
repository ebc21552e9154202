// The dump of timestamp columns against the decoder: what it states of every
// column that is written, and how it judges any bytes. Hostile bytes go
// through the checks of fuzz/timestamp_column_dump_fuzz.cc, which abort.
#include "format/timestamps/timestamp_column_dump.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "format/coding/varint.h"
#include "tests/format/dump_text.h"
#include "tests/format/row/allocation_meter.h"
#include "tests/format/timestamps/timestamp_cases.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace varve {
namespace {

using timestamp_cases::Cases;
using timestamp_cases::CaseSource;
using timestamp_cases::Encode;
using timestamp_cases::GoldenColumn;
using timestamp_cases::GoldenColumns;
using timestamp_cases::kStart;
using timestamp_cases::TimestampCase;
using timestamp_cases::Timestamps;

std::string Text(const std::string& column, int64_t first, size_t count) {
  std::string text;
  DumpTimestampColumn(column, first, count, {}, &text)
      .status.PermitUncheckedError();
  return text;
}

void CheckAnyBytes(const std::string& column, int64_t first, size_t count) {
  std::string input(10, '\0');
  input[0] = static_cast<char>((count - 1) & 0xff);
  input[1] = static_cast<char>((count - 1) >> 8);
  StoreLittle64(&input[2], static_cast<uint64_t>(first));
  input += column;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                         input.size());
}

TEST(TimestampColumnDump, StatesTheTimestampsThatTheDecoderDecodes) {
  size_t columns = 0;
  for (const TimestampCase& c : Cases()) {
    for (const Profile profile :
         {Profile::kFast, Profile::kCompact, Profile::kSmallest}) {
      SCOPED_TRACE(c.name);
      const std::string column = Encode(c.timestamps, profile);
      const size_t count = c.timestamps.size();
      Timestamps decoded;
      ASSERT_TRUE(
          timestamp_cases::Decode(column, c.timestamps[0], count, &decoded)
              .ok());
      std::string text;
      const DumpedTimestamps dumped =
          DumpTimestampColumn(column, c.timestamps[0], count, {}, &text);
      ASSERT_TRUE(dumped.status.ok()) << text;
      ASSERT_TRUE(dumped.timestamps == decoded) << text;
      ASSERT_TRUE(BytesOfDump(text) == column) << text;
      ++columns;
    }
  }
  std::printf("%zu columns\n", columns);
}

TEST(TimestampColumnDump, NamesWhatAColumnIsMadeOf) {
  // By the names of the golden columns.
  const std::pair<const char*, std::vector<const char*>> expected[] = {
      {"step", {"encoding 0: step", "step: 333 ms"}},
      {"step_seconds", {"encoding 1: step in seconds", "step: 15 s"}},
      {"line_gaps",
       {"encoding 2: line, packed", "flags: gaps, step in units of 1000",
        "step: 15, that is 15000 ms", "gaps: 5", "skips of 2 bits",
        "1@2 1@22 1@46"}},
      {"line_fraction",
       {"flags: fraction", "slope one less", "fraction: ", " / 65536 ms"}},
      {"line_slope", {"slots of group 1: "}},
      {"line_tokens",
       {"encoding 3: line, tokens", "tokens: ", "alphabet: ", "token:bits",
        "streams of 299 integers"}},
      {"line_four_streams", {"stream 2: ", " bits, ", " expected"}},
      {"delta_shift",
       {"encoding 4: delta, packed", "exceptions: 1",
        "layout 65: packed, 0 bits, exceptions"}},
      {"delta_groups",
       {"a width and base a group", "widths of 5 groups", "group 4: "}},
      {"delta_tokens", {"encoding 5: delta, tokens"}},
      {"delta2_packed",
       {"encoding 6: delta2, packed", "step before the first"}},
      {"delta2_tokens", {"encoding 7: delta2, tokens"}},
  };
  for (const GoldenColumn& golden : GoldenColumns()) {
    for (const auto& [name, parts] : expected) {
      if (name != golden.name) continue;
      const std::string text =
          Text(Encode(golden.timestamps, golden.profile), golden.timestamps[0],
               golden.timestamps.size());
      for (const char* part : parts) {
        EXPECT_NE(text.find(part), std::string::npos)
            << name << " without '" << part << "':\n"
            << text;
      }
    }
  }
}

TEST(TimestampColumnDump, SaysWhatIsDamagedAndShowsTheRest) {
  EXPECT_EQ(Text("", 0, 3),
            "0000" + std::string(27, ' ') + "damaged: no bytes\n");
  EXPECT_EQ(Text("", 7, 1), "");
  EXPECT_EQ(Text("\x08\x01", 0, 3),
            "0000  08 01                    not known: encoding 8\n");
  EXPECT_EQ(Text(std::string("\x04\x00\x01", 3), 0, 3),
            "0000  04                       encoding 4: delta, packed\n"
            "0001  00                       layout 0: packed, 0 bits\n"
            "0002  01                       base: -1\n"
            "0003                           damaged: timestamp 1 is not behind "
            "the one before it\n");
}

TEST(TimestampColumnDump, LimitLeavesOutAndSaysHowMuch) {
  const Timestamps timestamps = timestamp_cases::Poisson(100, 1000);
  const std::string column = Encode(timestamps, Profile::kFast);
  for (const size_t limit :
       {size_t{0}, size_t{1}, size_t{9}, column.size() - 1, column.size()}) {
    std::string text;
    const DumpedTimestamps dumped = DumpTimestampColumn(
        column, timestamps[0], timestamps.size(), {"", 0, 0, limit}, &text);
    EXPECT_TRUE(dumped.status.ok() && dumped.timestamps == timestamps);
    EXPECT_EQ(BytesOfDump(text), column.substr(0, limit));
    EXPECT_EQ(text.find("encoding "), size_t{31});
    const std::string more =
        "... " + std::to_string(column.size() - limit) + " more bytes\n";
    EXPECT_EQ(text.find(more) != std::string::npos, limit < column.size())
        << text;
  }
}

TEST(TimestampColumnDump, CountsThatNoPieceHasAreDamage) {
  for (const uint64_t count : {uint64_t{0}, uint64_t{8193}, UINT64_MAX}) {
    std::string text;
    const DumpedTimestamps dumped =
        DumpTimestampColumn("\x01\x40", 0, count, {}, &text);
    EXPECT_TRUE(dumped.status.IsCorruption());
    EXPECT_EQ(BytesOfDump(text), "\x01\x40");
  }
}

TEST(TimestampColumnDump, JudgesEveryTruncationAsTheDecoderDoes) {
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string column = Encode(golden.timestamps, golden.profile);
    const size_t count = golden.timestamps.size();
    for (size_t bytes = 0; bytes < column.size(); ++bytes) {
      CheckAnyBytes(column.substr(0, bytes), golden.timestamps[0], count);
    }
    CheckAnyBytes(column + '\0', golden.timestamps[0], count);
  }
}

// Every value of every byte of the columns that are short, and of the heads of
// others, where every byte gets a few values.
TEST(TimestampColumnDump, JudgesEveryChangedByteAsTheDecoderDoes) {
#if defined(VARVE_SANITIZED)
  constexpr size_t kHeadBytes = 2;
  constexpr int kStep = 127;
#else
  constexpr size_t kHeadBytes = 20;
  constexpr int kStep = 127;
#endif
  size_t inputs = 0;
  for (const GoldenColumn& golden : GoldenColumns()) {
    std::string column = Encode(golden.timestamps, golden.profile);
    for (size_t at = 0; at < column.size(); ++at) {
      const bool every = column.size() < 2 * kHeadBytes || at < kHeadBytes;
      const char original = column[at];
      for (int change = 1; change < 256; change += every ? 1 : kStep) {
        column[at] = static_cast<char>(original ^ change);
        CheckAnyBytes(column, golden.timestamps[0], golden.timestamps.size());
        ++inputs;
      }
      column[at] = original;
    }
  }
  std::printf("%zu inputs\n", inputs);
}

TEST(TimestampColumnDump, JudgesOtherCountsAndStartsAsTheDecoderDoes) {
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string column = Encode(golden.timestamps, golden.profile);
    for (size_t count = 1; count <= kPieceSamplesMax; count += 1 + count / 2) {
      CheckAnyBytes(column, golden.timestamps[0], count);
    }
    for (const int64_t first :
         {timestamp_cases::kLeast, int64_t{-1}, timestamp_cases::kMost - 100000,
          timestamp_cases::kMost}) {
      CheckAnyBytes(column, first, golden.timestamps.size());
    }
  }
}

// Small numbers more often, for bytes that mean something.
TEST(TimestampColumnDump, JudgesRandomBytesAsTheDecoderDoes) {
  constexpr uint64_t kSeed = 13;
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  CaseSource source(kSeed);
  for (int i = 0; i < 30000; ++i) {
    std::string column(1, static_cast<char>(source.Below(8)));
    for (uint64_t left = source.Below(40); left > 0; --left) {
      const uint64_t r = source.Bits();
      column += static_cast<char>((r & 3) != 0 ? r >> 8 & 31 : r >> 8);
    }
    CheckAnyBytes(column, kStart, 1 + source.Below(i % 8 == 0 ? 8192 : 20));
  }
}

// What a few bytes can claim: memory is that of a piece all the same.
TEST(TimestampColumnDump, ClaimsTakeNoMemory) {
  constexpr size_t kBytesMax = size_t{2} << 20;
  const std::string heads[] = {
      std::string("\x02\x02\x01", 3),  // gaps
      std::string("\x04\x41\x00", 3),  // exceptions
      std::string("\x05\x00\x00", 3),  // an alphabet
      std::string("\x04\x83", 2),      // groups
  };
  for (const std::string& head : heads) {
    for (const uint64_t claim : {uint64_t{640}, uint64_t{8191}, uint64_t{8192},
                                 uint64_t{1} << 40, UINT64_MAX}) {
      std::string column = head;
      AppendVarint(&column, claim);
      column += std::string(100, '\0');
      const AllocationMeter meter;
      std::string text;
      DumpTimestampColumn(column, 0, 8192, {}, &text)
          .status.PermitUncheckedError();
      EXPECT_LE(meter.most_bytes(), kBytesMax);
      CheckAnyBytes(column, 0, 8192);
    }
  }
}

}  // namespace
}  // namespace varve
