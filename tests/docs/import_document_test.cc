// The tables of docs/IMPORT.md say what `varve import` does: every value and
// timestamp in every format, and what is said of a first line.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "tests/docs/project_file.h"
#include "tests/temp_dir.h"
#include "tools/sample_source.h"
#include "tools/value_text.h"

namespace varve::tools {
namespace {

using Row = std::vector<std::string>;

// The rows of the table whose first column has this head, split into cells.
std::vector<Row> TableOf(const std::string& head) {
  std::vector<Row> rows;
  std::stringstream lines(ReadProjectFile("docs/IMPORT.md"));
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| " + head + " | ", 0) == 0) {
      inside = true;
    } else if (inside && line.rfind("| ", 0) == 0) {
      Row row;
      for (size_t begin = 2, end; (end = line.find(" |", begin)) != line.npos;
           begin = end + 3) {
        row.push_back(line.substr(begin, end - begin));
      }
      rows.push_back(row);
    } else if (line.rfind("|--", 0) != 0) {
      inside = false;
    }
  }
  return rows;
}

// `x` is x, "nothing" an empty text.
std::string Plain(const std::string& cell) {
  if (cell == "nothing") return "";
  EXPECT_GE(cell.size(), 3u) << cell;
  EXPECT_EQ(cell.front(), '`') << cell;
  EXPECT_EQ(cell.back(), '`') << cell;
  return cell.substr(1, cell.size() - 2);
}

// The one sample of a file. False: its first or only line is refused, or the
// sample is one that SampleWriter refuses; *error says why.
bool ReadSample(const std::string& text, InputFormat format, Sample* sample,
                std::string* error) {
  const TempDir dir;
  const std::string path = dir / "input";
  std::ofstream(path, std::ios::binary) << text;
  SourceOptions options;
  options.format = format;
  ImportRemarks remarks;
  std::unique_ptr<SampleSource> source;
  const Status opened = SampleSource::Open(path, options, &remarks, &source);
  if (!opened.ok()) {
    // The message behind "path:1: ".
    const std::string state = opened.getState();
    EXPECT_EQ(state.rfind(path + ":1: ", 0), 0u) << state;
    *error = state.substr(path.size() + 4);
    return false;
  }
  if (source->Next() != SampleSource::Result::kSamples) {
    *error = source->error();
    EXPECT_EQ(source->Where().substr(path.size()).rfind(':', 0), 0u);
    return false;
  }
  EXPECT_EQ(source->samples().size(), 1u) << text;
  *sample = source->samples().at(0);
  return sample->timestamp_ms >= kTimestampMin &&
         sample->timestamp_ms <= kTimestampMax;
}

std::string ValueCell(const std::string& text, InputFormat format) {
  Sample sample;
  std::string error;
  if (!ReadSample(text, format, &sample, &error)) return "no";
  EXPECT_EQ(sample.timestamp_ms, 1700000000000) << text;
  std::string value, plain;
  AppendValue(sample.value, &value);
  AppendValue(PlainNan(), &plain);
  return "`" + (value == plain ? "nan" : value) + "`";
}

std::string TimeCell(const std::string& text, InputFormat format) {
  Sample sample;
  std::string error;
  if (!ReadSample(text, format, &sample, &error)) return "no";
  EXPECT_EQ(sample.value, 1) << text;
  return "`" + std::to_string(sample.timestamp_ms) + "`";
}

std::string Csv(const std::string& timestamp, const std::string& value) {
  return std::string(kCsvHeader) + "\nm," + timestamp + "," + value + "\n";
}

std::string Json(const std::string& timestamp, const std::string& value) {
  return "{\"metric\":{\"__name__\":\"m\"},\"values\":[" + value +
         "],\"timestamps\":[" + timestamp + "]}\n";
}

std::string Exposition(const std::string& timestamp, const std::string& value) {
  return "m{a=\"b\"} " + value + " " + timestamp + "\n";
}

TEST(ImportDocument, ValuesAreReadAsItSays) {
  const std::string t = "1700000000000";
  const std::vector<Row> rows = TableOf("value");
  EXPECT_GE(rows.size(), 40u);
  for (const Row& row : rows) {
    ASSERT_EQ(row.size(), 10u) << row[0];
    const std::string value = Plain(row[0]);
    EXPECT_EQ(ValueCell(Csv(t, value), InputFormat::kCsv), row[1]) << row[0];
    EXPECT_EQ(ValueCell(Json(t, value), InputFormat::kJson), row[2]) << row[0];
    EXPECT_EQ(ValueCell(Json(t, "\"" + value + "\""), InputFormat::kJson),
              row[3])
        << row[0];
    for (const InputFormat format :
         {InputFormat::kAuto, InputFormat::kPrometheus}) {
      EXPECT_EQ(ValueCell(Exposition(t, value), format), row[4]) << row[0];
    }
    EXPECT_EQ(ValueCell(Exposition("1700000000.000", value),
                        InputFormat::kOpenMetrics),
              row[4])
        << row[0];
  }
}

TEST(ImportDocument, TimestampsAreReadAsItSays) {
  const std::vector<Row> rows = TableOf("timestamp");
  EXPECT_GE(rows.size(), 20u);
  for (const Row& row : rows) {
    ASSERT_EQ(row.size(), 8u) << row[0];
    const std::string time = Plain(row[0]);
    EXPECT_EQ(TimeCell(Csv(time, "1"), InputFormat::kCsv), row[1]) << row[0];
    EXPECT_EQ(TimeCell(Json(time, "1"), InputFormat::kJson), row[2]) << row[0];
    EXPECT_EQ(TimeCell(Exposition(time, "1"), InputFormat::kPrometheus), row[3])
        << row[0];
    EXPECT_EQ(TimeCell(Exposition(time, "1"), InputFormat::kOpenMetrics),
              row[4])
        << row[0];
  }
}

TEST(ImportDocument, OfAFirstLineImportSaysWhatItSays) {
  const std::vector<Row> rows = TableOf("first line");
  EXPECT_GE(rows.size(), 15u);
  for (const Row& row : rows) {
    ASSERT_EQ(row.size(), 2u) << row[0];
    Sample sample;
    std::string error;
    EXPECT_FALSE(ReadSample(Plain(row[0]) + "\nup 1 1700000000000\n",
                            InputFormat::kAuto, &sample, &error))
        << row[0];
    EXPECT_EQ(error, row[1]) << row[0];
  }
}

// What the document says in words of other programs' files.
TEST(ImportDocument, OtherProgramsFilesAreNamed) {
  const std::pair<std::string, std::string> kinds[] = {
      {std::string("\xFD"
                   "7zXZ\x00\x00",
                   7),
       "xz -dc"},
      {"BZh91AY&SY", "bzip2 -dc"},
      {"\x04\x22\x4D\x18 ", "lz4 -dc"},
      {"PK\x03\x04", "unzip -p"},
      {std::string("\xFF\xFEs\x00", 4), "iconv -f UTF-16 -t UTF-8"},
      {std::string("\xFE\xFF\x00s", 4), "iconv -f UTF-16 -t UTF-8"},
  };
  for (const auto& [bytes, program] : kinds) {
    Sample sample;
    std::string error;
    EXPECT_FALSE(ReadSample(bytes, InputFormat::kAuto, &sample, &error));
    EXPECT_NE(error.find(program), std::string::npos) << error;
  }
}

}  // namespace
}  // namespace varve::tools
