#include "tools/csv_reader.h"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/random_source.h"
#include "tests/temp_dir.h"

namespace varve::tools {
namespace {

using Record = std::vector<std::string>;

// What a CSV text reads as: records, and a bad line as "line: error".
std::vector<Record> ReadAll(const std::string& csv) {
  TempDir dir;
  std::ofstream(dir / "csv", std::ios::binary) << csv;
  std::unique_ptr<InputText> text;
  EXPECT_TRUE(InputText::Open(dir / "csv", &text).ok());
  CsvReader reader(text.get());
  std::vector<Record> records;
  for (;;) {
    const CsvReader::Result result = reader.Next();
    if (result == CsvReader::Result::kEnd) break;
    if (result == CsvReader::Result::kRecord) {
      records.push_back(reader.fields());
    } else {
      records.push_back(
          {std::to_string(reader.line()) + ": " + reader.error()});
    }
  }
  EXPECT_TRUE(text->status().ok());
  return records;
}

TEST(CsvReader, SplitsFieldsAndLines) {
  EXPECT_EQ(ReadAll("a,b,c\nd,,\n"),
            (std::vector<Record>{{"a", "b", "c"}, {"d", "", ""}}));
}

TEST(CsvReader, TakesCrLfAndAMissingLastLineEnd) {
  EXPECT_EQ(ReadAll("a,b\r\nc,d"),
            (std::vector<Record>{{"a", "b"}, {"c", "d"}}));
}

TEST(CsvReader, QuotedFieldsHoldAnything) {
  EXPECT_EQ(ReadAll("\"a,\"\"b\"\"\r\nc\",1\n\"\",2\n"),
            (std::vector<Record>{{"a,\"b\"\r\nc", "1"}, {"", "2"}}));
}

TEST(CsvReader, SkipsEmptyLines) {
  EXPECT_EQ(ReadAll("\n\r\na,b\n\n\nc,d\n\n"),
            (std::vector<Record>{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(ReadAll(""), std::vector<Record>());
}

TEST(CsvReader, NamesTheLineOfABadRecordAndGoesOnBehindIt) {
  EXPECT_EQ(ReadAll("a,b\nc\"d,e\nf,g\n"),
            (std::vector<Record>{
                {"a", "b"},
                {"2: a quotation mark within a field that is not quoted"},
                {"f", "g"}}));
  EXPECT_EQ(ReadAll("\"a\nb\",1\n\"c\"d,e\nf,g\n"),
            (std::vector<Record>{{"a\nb", "1"},
                                 {"3: text behind a closing quotation mark"},
                                 {"f", "g"}}));
}

TEST(CsvReader, AForgottenQuotationMarkCostsItsLineOnly) {
  EXPECT_EQ(
      ReadAll("a,b\n\"c,d\ne,f\n"),
      (std::vector<Record>{{"a", "b"},
                           {"2: a field in quotation marks is not closed"},
                           {"e", "f"}}));
  std::string more;
  for (int i = 0; i < 300000; ++i) more += "e,f\n";
  EXPECT_EQ(ReadAll("\"c,d\n" + more).size(), 300001u);
}

TEST(CsvReader, ReadsBackWhatAppendCsvFieldWrites) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  const std::string alphabet("a,\"\r\n\0 \xff", 8);
  std::vector<Record> records(5000);
  std::string csv;
  for (Record& record : records) {
    for (int i = 0; i < 3; ++i) {
      std::string field = i == 0 ? "x" : "";
      for (uint64_t n = random.Below(6); n > 0; --n) {
        field.push_back(alphabet[random.Below(alphabet.size())]);
      }
      if (i > 0) csv.push_back(',');
      AppendCsvField(field, &csv);
      record.push_back(field);
    }
    csv += random.OneIn(2) ? "\n" : "\r\n";
  }
  EXPECT_EQ(ReadAll(csv), records);
}

}  // namespace
}  // namespace varve::tools
