// Parts that were written once open for ever, and dump as they did:
// format/testdata/part_v*.txt, and the part in FORMAT-part.md.
// `golden_part_test --rewrite` writes the files, that part and the fuzzer's
// seeds anew: before a release only, since a released part must open as it is.
#include <gtest/gtest.h>

#include <cstring>

#include "format/part/part_dump.h"
#include "format/part/part_file.h"
#include "rocksdb/sst_file_reader.h"
#include "rocksdb/table_properties.h"
#include "tests/format/row/golden_blocks.h"
#include "tests/plugin/part_table/part_cases.h"

namespace varve {
namespace {

using block_cases::BytesOfDump;
using part_cases::OptionsOf;
using part_cases::PartOf;
using part_cases::Rows;
using part_cases::RowsOf;
using part_cases::Shape;
using part_cases::Shapes;

// Those of Shapes() that are kept.
bool IsGolden(const Shape& shape) {
  return shape.name == "whole" || shape.name == "packed";
}

std::string GoldenFile(const Shape& shape) {
  return SourceFile("tests/format/testdata/part_v1_" + shape.name + ".txt");
}

std::string Dump(const std::string& part, size_t field_bytes_max = SIZE_MAX) {
  PartDumpFile file;
  file.bytes = part.size();
  file.read = [&part](uint64_t offset, size_t count, std::string* out) {
    out->assign(part, static_cast<size_t>(offset), count);
    return out->size() == count ? Status::OK() : Status::Corruption("short");
  };
  PartDumpLimits limits;
  limits.field_bytes_max = field_bytes_max;
  std::string text;
  const Status s = DumpPart(file, limits, [&text](const std::string& piece) {
    text += piece;
    return Status::OK();
  });
  EXPECT_TRUE(s.ok()) << s.ToString();
  return text;
}

// The part that FORMAT-part.md shows, and where: between its two marks.
constexpr char kShown[] = "whole";

class GoldenPart : public testing::TestWithParam<Shape> {
 protected:
  static std::string Golden() {
    return BytesOfDump(ReadFile(GoldenFile(GetParam())));
  }
};

TEST_P(GoldenPart, OpensWithItsRows) {
  TempDir dir;
  const std::string file = dir / "part.sst";
  WriteFile(file, Golden());
  rocksdb::SstFileReader reader(OptionsOf(GetParam()));
  Status s = reader.Open(file);
  ASSERT_TRUE(s.ok()) << s.ToString();
  s = reader.VerifyChecksum();
  ASSERT_TRUE(s.ok()) << s.ToString();
  Rows rows;
  std::unique_ptr<rocksdb::Iterator> it(reader.NewIterator({}));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    rows[it->key().ToString()] = it->value().ToString();
  }
  ASSERT_TRUE(it->status().ok()) << it->status().ToString();
  EXPECT_EQ(RowsOf(GetParam()), rows);
  EXPECT_EQ(1u, reader.GetTableProperties()->num_range_deletions);
  EXPECT_EQ(1u, reader.GetTableProperties()->format_version);
}

TEST_P(GoldenPart, DumpsAsItsFile) {
  EXPECT_EQ(ReadFile(GoldenFile(GetParam())), Dump(Golden()));
}

// What precedes the properties, which name the database and the time, is
// written today byte for byte as it was. (zstd's output may change.)
TEST_P(GoldenPart, IsWhatTheWriterWrites) {
  if (GetParam().compression != rocksdb::kNoCompression) return;
  const std::string golden = Golden();
  const std::string now = PartOf(GetParam());
  PartFooter footer;
  ASSERT_TRUE(DecodePartFooter(golden, golden.size(), &footer).ok());
  const size_t bytes = static_cast<size_t>(footer.root.end());
  EXPECT_TRUE(golden.substr(0, bytes) == now.substr(0, bytes)) << "is now\n"
                                                               << Dump(now);
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenPart, testing::ValuesIn([] {
                           std::vector<Shape> golden;
                           for (const Shape& shape : Shapes()) {
                             if (IsGolden(shape)) golden.push_back(shape);
                           }
                           return golden;
                         }()),
                         [](const auto& test) { return test.param.name; });

TEST(PartDump, FormatDocumentShowsWhatTheCodePrints) {
  const std::string document =
      ReadFile(SourceFile("format/part/FORMAT-part.md"));
  size_t begin = 0;
  size_t end = 0;
  ASSERT_TRUE(FindShown(document, "part", &begin, &end));
  for (const Shape& shape : Shapes()) {
    if (shape.name == kShown) {
      EXPECT_EQ(ReadFile(GoldenFile(shape)),
                document.substr(begin, end - begin));
    }
  }
}

// An early build's, which nobody writes any more: early_build_test.cc.
TEST(PartDump, ShowsThePartOfAnEarlyBuildAsItsFile) {
  const std::string text =
      ReadFile(SourceFile("tests/format/testdata/part_v1_thinned_twice.txt"));
  EXPECT_EQ(Dump(BytesOfDump(text)), text);
}

TEST(PartDump, ShowsEveryByteOfEveryShape) {
  for (const Shape& shape : Shapes()) {
    SCOPED_TRACE(shape.name);
    const std::string part = PartOf(shape);
    EXPECT_TRUE(BytesOfDump(Dump(part)) == part) << Dump(part);
  }
}

TEST(PartDump, LimitsLeaveOutAndSayHowMuch) {
  const std::string part = PartOf(Shapes()[0]);
  const std::string text = Dump(part, 8);
  EXPECT_LT(text.size(), Dump(part).size());
  EXPECT_NE(std::string::npos, text.find("... 22 more bytes")) << text;
}

int Rewrite() {
  std::string shown;
  for (const Shape& shape : Shapes()) {
    const std::string part = PartOf(shape);
    WriteFile(SourceFile("fuzz/corpus/part/" + shape.name), part);
    if (!IsGolden(shape)) continue;
    WriteFile(GoldenFile(shape), Dump(part));
    if (shape.name == kShown) shown = Dump(part);
  }
  const std::string path = SourceFile("format/part/FORMAT-part.md");
  std::string document = ReadFile(path);
  size_t begin = 0;
  size_t end = 0;
  if (!FindShown(document, "part", &begin, &end)) {
    fprintf(stderr, "format/part/FORMAT-part.md shows no part\n");
    return 1;
  }
  document.replace(begin, end - begin, shown);
  WriteFile(path, document);
  return 0;
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  return varve::RunTestsOrRewrite(argc, argv, varve::Rewrite);
}
