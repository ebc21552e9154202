// Columns that were written once decode for ever: testdata/values/*.hex.
// Every truncation and every change of one byte of them is an error or a
// column, never a crash. `golden_values_test --rewrite` writes the files and
// the fuzzer's seeds anew: before a release only.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "format/value_constants.h"
#include "tests/format/value_cases.h"

namespace varve {
namespace {

using value_cases::GoldenColumn;
using value_cases::GoldenColumns;
using value_cases::Words;

std::string GoldenFile(const std::string& name) {
  return std::string(VARVE_SOURCE_DIR) + "/tests/format/testdata/values/" +
         name + ".hex";
}

std::string SeedFile(const std::string& name) {
  return std::string(VARVE_SOURCE_DIR) + "/fuzz/corpus/value_codec/" + name;
}

std::string Encode(const GoldenColumn& golden) {
  std::string column;
  ValueEncoder().Encode(golden.words.data(), golden.words.size(),
                        golden.profile, &column);
  return column;
}

// 32 bytes a line.
std::string Hex(const std::string& bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x",
                  static_cast<unsigned char>(bytes[i]));
    text += two;
    if (i % 32 == 31 || i + 1 == bytes.size()) text += '\n';
  }
  return text;
}

std::string ReadHex(const std::string& file) {
  std::ifstream in(file);
  std::string bytes, line;
  while (std::getline(in, line)) {
    for (size_t i = 0; i + 1 < line.size(); i += 2) {
      bytes.push_back(
          static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16)));
    }
  }
  return bytes;
}

void Rewrite() {
  for (const GoldenColumn& golden : GoldenColumns()) {
    const std::string column = Encode(golden);
    std::ofstream(GoldenFile(golden.name)) << Hex(column);
    std::ofstream seed(SeedFile(golden.name), std::ios::binary);
    const size_t count = golden.words.size();
    seed << static_cast<char>((count - 1) & 0xff)
         << static_cast<char>((count - 1) >> 8) << column;
  }
}

TEST(GoldenValues, DecodeToTheirValues) {
  for (const GoldenColumn& golden : GoldenColumns()) {
    SCOPED_TRACE(golden.name);
    const std::string column = ReadHex(GoldenFile(golden.name));
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
    EXPECT_EQ(Hex(Encode(golden)), Hex(ReadHex(GoldenFile(golden.name))))
        << golden.name;
  }
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
  EXPECT_EQ(modes,
            (std::set<int>{kPackZero, kPackBlocks, kPackTokens, kPackBytes}));
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
  ::testing::InitGoogleTest(&argc, argv);
  if (argc > 1 && std::string(argv[1]) == "--rewrite") varve::Rewrite();
  return RUN_ALL_TESTS();
}
