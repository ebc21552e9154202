// Rows of the index that are on somebody's disk: each line of the golden file
// is read for ever, and is what is written today. --rewrite writes it anew.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/format/index/index_cases.h"
#include "tests/golden_file.h"

namespace varve {
namespace {

const char kGolden[] = "tests/format/testdata/index_rows.txt";

struct NamedRow {
  std::string name;
  std::string key;
  std::string value;
};

std::string LabelsValue() {
  LabelRow row;
  std::vector<uint64_t> pairs = {1, 20, 30, 40000};
  row.Append(4, pairs.data(), pairs.size());
  pairs[0] = 2;
  row.Append(5, pairs.data(), pairs.size());
  pairs[0] = 3;
  pairs[3] = 39999;
  row.Append(9, pairs.data(), pairs.size());
  row.Append(10, pairs.data(), 2);
  std::string value;
  row.EncodeTo(&value);
  return value;
}

std::vector<NamedRow> Rows() {
  std::vector<NamedRow> rows;
  std::string value;
  EncodeNumber(300000, &value);
  rows.push_back({"next_series", NumberKey(IndexRowKind::kNextSeries), value});
  rows.push_back({"next_pair", NumberKey(IndexRowKind::kNextPair), value});
  rows.push_back({"pair", PairKey("job", "varve"), value});
  PairPage page;
  page[0] = {"__name__", "up"};
  page[31] = {"job", "varve"};
  value.clear();
  EncodePairPage(page, &value);
  rows.push_back({"pair_page", ChunkKey(IndexRowKind::kPairPage, 200), value});
  std::string group(1, static_cast<char>(IndexRowKind::kGroup));
  for (const uint64_t number : {40000, 130, 30, 20, 0}) {
    AppendOrderedNumber(&group, number);
  }
  value.clear();
  EncodeGroup({{1, 516}, {2, 517}, {7, 400}}, &value);
  rows.push_back({"group", group, value});
  rows.push_back({"labels", ChunkKey(IndexRowKind::kLabels, 4), LabelsValue()});
  rows.push_back({"posting", OwnedChunkKey(IndexRowKind::kPosting, 40000, 1),
                  IdsValue({4, 5, 6, 7, 100, 300, 301})});
  rows.push_back({"day", OwnedChunkKey(IndexRowKind::kDay, 20000, 0),
                  IdsValue({0, 65535})});
  rows.push_back({"dead_series", ChunkKey(IndexRowKind::kDeadSeries, 70000),
                  IdsValue({9})});
  rows.push_back(
      {"dead_pairs", ChunkKey(IndexRowKind::kDeadPairs, 0), IdsValue({33})});
  rows.push_back({"container", OwnedChunkKey(IndexRowKind::kPosting, 1, 0),
                  Unite(OwnedChunkKey(IndexRowKind::kPosting, 1, 0),
                        {IdsValue({1}), "??", IdsValue({2})})});
  return rows;
}

std::string Hex(const std::string& bytes) {
  static const char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[c & 15];
  }
  return text;
}

std::string Text() {
  std::string text = "# name key value\n";
  for (const NamedRow& row : Rows()) {
    text += row.name + " " + Hex(row.key) + " " + Hex(row.value) + "\n";
  }
  return text;
}

TEST(IndexGolden, RowsAreWrittenAsTheyAlwaysWere) {
  EXPECT_EQ(ReadFile(SourceFile(kGolden)), Text());
}

TEST(IndexGolden, RowsAreRead) {
  for (const NamedRow& row : Rows()) {
    SCOPED_TRACE(row.name);
    IndexKey parsed;
    EXPECT_TRUE(ParseIndexKey(row.key, &parsed));
    // What is read can be united with itself; what is not is kept twice.
    EXPECT_EQ(Unite(row.key, {row.value, row.value}) == row.value,
              row.name != "container");
  }
}

int Rewrite() {
  WriteFile(SourceFile(kGolden), Text());
  return 0;
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  return varve::RunTestsOrRewrite(argc, argv, varve::Rewrite);
}
