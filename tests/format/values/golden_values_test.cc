// Columns that were written once decode for ever, and dump as they did:
// testdata/values/*.txt, and the column in FORMAT-values.md. Every truncation
// and every change of one byte of them is an error or a column, never a crash.
// `golden_values_test --rewrite` writes the files, that column and the
// fuzzer's seeds anew: before a release only.
#include <gtest/gtest.h>

#include <set>

#include "format/values/value_column_dump.h"
#include "format/values/value_constants.h"
#include "tests/format/dump_text.h"
#include "tests/format/values/value_cases.h"
#include "tests/golden_file.h"

namespace varve {
namespace {

using value_cases::GoldenColumn;
using value_cases::GoldenColumns;
using value_cases::Words;

// The column that FORMAT-values.md shows, between its two marks.
constexpr char kDocument[] = "format/values/FORMAT-values.md";
constexpr char kShown[] = "stale_fast";

std::string GoldenFile(const std::string& name) {
  return SourceFile("tests/format/testdata/values/" + name + ".txt");
}

std::string StoredColumn(const std::string& name) {
  return BytesOfDump(ReadFile(GoldenFile(name)));
}

std::string Encode(const GoldenColumn& golden) {
  std::string column;
  ValueEncoder().Encode(golden.words.data(), golden.words.size(),
                        golden.profile, &column);
  return column;
}

// What each byte means, and the first of the values.
std::string Dump(const std::string& column, size_t count) {
  constexpr size_t kValuesMax = 16;
  std::string text;
  const DumpedValues dumped = DumpValueColumn(column, count, {}, &text);
  EXPECT_TRUE(dumped.status.ok()) << dumped.status.ToString();
  for (size_t i = 0; i < dumped.words.size(); ++i) {
    if (i == kValuesMax) {
      text +=
          "  ... " + std::to_string(dumped.words.size() - i) + " more values\n";
      break;
    }
    text += "  " + WordText(dumped.words[i]) + "\n";
  }
  return text;
}

int Rewrite() {
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string column = Encode(golden);
    const size_t count = golden.words.size();
    WriteFile(GoldenFile(golden.name), Dump(column, count));
    std::string seed;
    seed += static_cast<char>((count - 1) & 0xff);
    seed += static_cast<char>((count - 1) >> 8);
    WriteFile(SourceFile("fuzz/corpus/value_codec/" + golden.name),
              seed + column);
  }
  return RewriteShown(SourceFile(kDocument), kShown,
                      ReadFile(GoldenFile(kShown)));
}

TEST(GoldenValues, DecodeToTheirValues) {
  for (const GoldenColumn& golden : GoldenColumns()) {
    SCOPED_TRACE(golden.name);
    const std::string column = StoredColumn(golden.name);
    Words decoded(golden.words.size());
    const Status status =
        ValueDecoder().Decode(column, decoded.size(), decoded.data());
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(decoded, golden.words);
  }
}

// With another zstd the frames may differ; what they hold may not.
TEST(GoldenValues, AreWhatTheEncoderWrites) {
  for (const GoldenColumn& golden : GoldenColumns()) {
    EXPECT_TRUE(Encode(golden) == StoredColumn(golden.name))
        << golden.name << " is now\n"
        << Dump(Encode(golden), golden.words.size());
  }
}

TEST(GoldenValues, DumpAsTheirFiles) {
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string text = ReadFile(GoldenFile(golden.name));
    EXPECT_EQ(Dump(BytesOfDump(text), golden.words.size()), text)
        << golden.name;
  }
}

TEST(GoldenValues, FormatDocumentShowsWhatTheCodePrints) {
  EXPECT_EQ(Shown(ReadFile(SourceFile(kDocument)), kShown),
            ReadFile(GoldenFile(kShown)));
}

TEST(GoldenValues, UseEveryEncodingAndPart) {
  std::set<int> families, parts, modes;
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string column = Encode(golden);
    const auto first = static_cast<uint8_t>(column[0]);
    if (first < kConstantDecimal) {
      families.insert(first);
    } else {
      families.insert(first & kEncodingFamilyMask);
    }
    if ((first & kEncodingFamilyMask) == kColumnWithParts) {
      parts.insert(column[1]);
    } else if ((first & kEncodingFamilyMask) == kColumn &&
               (first & kSourceMask) <= kDecimalExponentMax) {
      modes.insert((column[1] >> kPackingShift) & kPackingMask);
    }
  }
  EXPECT_EQ(families,
            (std::set<int>{kRaw, kConstantWord, kDictionary, kConstantDecimal,
                           kColumn, kColumnWithParts}));
  EXPECT_TRUE(parts.count(kPartExceptions) && parts.count(kPartCorrections));
  EXPECT_EQ(modes, (std::set<int>{kPackZero, kPackMiniBlocks, kPackTokens,
                                  kPackBytes}));
}

// Decodes bytes of exactly this size in memory, for the sanitizers.
void DecodeAnything(const std::string& column, size_t count,
                    ValueDecoder* decoder) {
  const std::vector<char> bytes(column.begin(), column.end());
  Words decoded(count);
  const Status status =
      decoder->Decode(Slice(bytes.data(), bytes.size()), count, decoded.data());
  EXPECT_TRUE(status.ok() || status.IsCorruption() || status.IsNotSupported());
}

TEST(GoldenValues, TruncationsAreErrors) {
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string column = Encode(golden);
    ValueDecoder decoder;
    for (size_t bytes = 0; bytes < column.size(); ++bytes) {
      DecodeAnything(column.substr(0, bytes), golden.words.size(), &decoder);
    }
    DecodeAnything(column + '\0', golden.words.size(), &decoder);
  }
}

TEST(GoldenValues, ChangedBytesAreErrorsOrColumns) {
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string column = Encode(golden);
    ValueDecoder decoder;
    // All 255 changes where columns are short or bytes are heads.
    for (size_t at = 0; at < column.size(); ++at) {
      const int step = at < 40 || column.size() < 100 ? 1 : 37;
      for (int change = 1; change < 256; change += step) {
        std::string changed = column;
        changed[at] = static_cast<char>(changed[at] ^ change);
        DecodeAnything(changed, golden.words.size(), &decoder);
      }
    }
    for (size_t count : {size_t{1}, golden.words.size() + 1,
                         golden.words.size() / 2 + 1, size_t{8192}}) {
      DecodeAnything(column, count, &decoder);
    }
  }
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  return varve::RunTestsOrRewrite(argc, argv, varve::Rewrite);
}
