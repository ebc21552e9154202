// Timestamp columns that were written once decode for ever, and dump as they
// did: testdata/timestamp_columns.txt, and the column in FORMAT-timestamps.md.
// Whatever becomes of their bytes is an error or ascending timestamps.
// `timestamp_golden_test --rewrite` writes the file, that column and the
// fuzzer's seeds anew: before a release only.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "format/coding/varint.h"
#include "format/timestamps/timestamp_column_dump.h"
#include "format/timestamps/timestamp_format.h"
#include "tests/format/dump_text.h"
#include "tests/format/timestamps/timestamp_cases.h"
#include "tests/golden_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace varve {
namespace {

using namespace timestamp_cases;  // NOLINT: a test's own cases

constexpr char kGoldenFile[] = "tests/format/testdata/timestamp_columns.txt";

// The column that FORMAT-timestamps.md shows, between its two marks.
constexpr char kDocument[] = "format/timestamps/FORMAT-timestamps.md";
constexpr char kShown[] = "delta_shift";

// What each byte means, and the first of the timestamps.
std::string Dump(const std::string& column, const Timestamps& timestamps) {
  constexpr size_t kTimestampsShown = 16;
  std::string text;
  const DumpedTimestamps dumped =
      DumpTimestampColumn(column, timestamps[0], timestamps.size(), {}, &text);
  EXPECT_TRUE(dumped.status.ok()) << dumped.status.ToString();
  for (size_t i = 0; i < dumped.timestamps.size(); ++i) {
    if (i == kTimestampsShown) {
      text += "  ... " + std::to_string(dumped.timestamps.size() - i) +
              " more timestamps\n";
      break;
    }
    text += "  " + std::to_string(dumped.timestamps[i]) + "\n";
  }
  return text;
}

// The file: each column's name in a line "-- name", and its dump.
std::map<std::string, std::string> StoredDumps() {
  std::map<std::string, std::string> dumps;
  std::istringstream in(ReadFile(SourceFile(kGoldenFile)));
  std::string name;
  std::string line;
  while (std::getline(in, line)) {
    if (line.compare(0, 3, "-- ") == 0) {
      name = line.substr(3);
    } else {
      dumps[name] += line + "\n";
    }
  }
  return dumps;
}

std::map<std::string, std::string> StoredColumns() {
  std::map<std::string, std::string> columns;
  for (const auto& [name, text] : StoredDumps()) {
    columns[name] = BytesOfDump(text);
  }
  return columns;
}

std::string FuzzInput(const std::string& column, int64_t first, size_t count) {
  std::string input(10, '\0');
  input[0] = static_cast<char>((count - 1) & 0xff);
  input[1] = static_cast<char>((count - 1) >> 8);
  StoreLittle64(&input[2], static_cast<uint64_t>(first));
  return input + column;
}

// Through the checks of fuzz/timestamp_codec_fuzz.cc, which abort.
void CheckAnyBytes(const std::string& column, const Timestamps& timestamps) {
  const std::string input = FuzzInput(column, timestamps[0], timestamps.size());
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                         input.size());
}

TEST(TimestampGolden, ColumnsDecodeToTheirTimestamps) {
  const auto stored = StoredColumns();
  for (const GoldenColumn& golden : GoldenColumns()) {
    SCOPED_TRACE(golden.name);
    ASSERT_EQ(stored.count(golden.name), 1u);
    for (const CpuLevel level : {CpuLevel::kPlain, BestCpuLevel()}) {
      Timestamps decoded;
      const Status status = Decode(stored.at(golden.name), golden.timestamps[0],
                                   golden.timestamps.size(), &decoded, level);
      ASSERT_TRUE(status.ok()) << status.ToString();
      EXPECT_EQ(decoded, golden.timestamps);
    }
  }
}

TEST(TimestampGolden, ColumnsAreWhatTheEncoderWrites) {
  const auto stored = StoredColumns();
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string column = Encode(golden.timestamps, golden.profile);
    EXPECT_TRUE(stored.at(golden.name) == column)
        << golden.name << " is now\n"
        << Dump(column, golden.timestamps);
  }
}

TEST(TimestampGolden, ColumnsDumpAsTheirFile) {
  const auto dumps = StoredDumps();
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string& text = dumps.at(golden.name);
    EXPECT_EQ(Dump(BytesOfDump(text), golden.timestamps), text) << golden.name;
  }
}

TEST(TimestampGolden, FormatDocumentShowsWhatTheCodePrints) {
  EXPECT_EQ(Shown(ReadFile(SourceFile(kDocument)), kShown),
            StoredDumps().at(kShown));
}

TEST(TimestampGolden, ColumnsHoldEveryEncoding) {
  std::set<int> encodings;
  for (const auto& [name, column] : StoredColumns()) {
    encodings.insert(static_cast<unsigned char>(column[0]));
  }
  for (int e = 0; e <= kTimestampEncodingLast; ++e) {
    EXPECT_EQ(encodings.count(e), 1u) << e;
  }
}

TEST(TimestampGolden, EncodingsOfNewerVersionsAreNotSupported) {
  for (int encoding = kTimestampEncodingLast + 1; encoding < 256; ++encoding) {
    std::string column = {static_cast<char>(encoding), 1, 2, 3};
    Timestamps decoded;
    EXPECT_TRUE(Decode(column, 0, 3, &decoded).IsNotSupported());
  }
}

TEST(TimestampGolden, CutOffColumnsAreCorrupt) {
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string column = Encode(golden.timestamps, golden.profile);
    for (size_t bytes = 0; bytes < column.size(); ++bytes) {
      Timestamps decoded;
      const Status status =
          Decode(column.substr(0, bytes), golden.timestamps[0],
                 golden.timestamps.size(), &decoded);
      EXPECT_TRUE(status.IsCorruption())
          << golden.name << " cut at " << bytes << ": " << status.ToString();
    }
    Timestamps decoded;
    EXPECT_TRUE(Decode(column + '\0', golden.timestamps[0],
                       golden.timestamps.size(), &decoded)
                    .IsCorruption())
        << golden.name;
  }
}

void ExpectErrorOrAscending(const std::string& column,
                            const Timestamps& timestamps) {
  Timestamps decoded;
  const Status status =
      Decode(column, timestamps[0], timestamps.size(), &decoded);
  if (status.ok()) {
    EXPECT_EQ(decoded[0], timestamps[0]);
    EXPECT_TRUE(std::adjacent_find(decoded.begin(), decoded.end(),
                                   std::greater_equal<int64_t>()) ==
                decoded.end());
  } else {
    EXPECT_TRUE(status.IsCorruption() || status.IsNotSupported());
  }
}

TEST(TimestampGolden, EveryChangedByteIsAnErrorOrAscends) {
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string column = Encode(golden.timestamps, golden.profile);
    for (size_t i = 0; i < column.size(); ++i) {
      std::string changed = column;
      for (int change = 1; change < 256; ++change) {
        changed[i] = static_cast<char>(column[i] ^ change);
        ExpectErrorOrAscending(changed, golden.timestamps);
      }
      changed[i] = static_cast<char>(column[i] ^ 1 << i % 8);
      if (i < 64) CheckAnyBytes(changed, golden.timestamps);
    }
  }
}

TEST(TimestampGolden, OtherCountsAreAnErrorOrAscend) {
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string column = Encode(golden.timestamps, golden.profile);
    for (size_t count = 1; count <= kPieceSamplesMax; count += 1 + count / 16) {
      Timestamps timestamps(count, golden.timestamps[0]);
      CheckAnyBytes(column, timestamps);
    }
  }
}

int Rewrite() {
  std::string text;
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string column = Encode(golden.timestamps, golden.profile);
    text += "-- " + golden.name + "\n" + Dump(column, golden.timestamps);
    WriteFile(
        SourceFile("fuzz/corpus/timestamp_codec/golden_" + golden.name),
        FuzzInput(column, golden.timestamps[0], golden.timestamps.size()));
  }
  WriteFile(SourceFile(kGoldenFile), text);
  return RewriteShown(SourceFile(kDocument), kShown, StoredDumps().at(kShown));
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  return varve::RunTestsOrRewrite(argc, argv, varve::Rewrite);
}
