// Whisper files and dumps of rrdtool: those that the programs made, by what
// they answer themselves (moving/make_whisper_files.py, moving/
// make_rrd_dump.sh); and damaged ones.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/random_source.h"
#include "tests/tools/read_source.h"
#include "tests/tools/tool_run.h"
#include "tools/rrd_source.h"
#include "tools/value_text.h"
#include "tools/whisper_source.h"

namespace varve::tools {
namespace {

const std::string kMoving = VARVE_SOURCE_DIR "/tests/tools/moving/";
const std::string kWhisper = kMoving + "whisper";
const std::string kRrd = kMoving + "rrdtool-1.7.2";

using Series = std::map<std::string, std::map<int64_t, uint64_t>>;

class WhisperTest : public ToolTest {};
class RrdTest : public ToolTest {
 protected:
  ReadSource Read(const std::string& text) {
    return ReadAll(WriteFile("dump.xml", text));
  }
};

TEST_F(WhisperTest, JoinsArchivesOfATreeAsWhisperShowsThem) {
  Series expected;
  std::ifstream file(kWhisper + "/points.txt");
  std::string path, time, value;
  while (file >> path >> time >> value) {
    double number;
    ASSERT_TRUE(ParseValue(value, &number)) << value;
    expected[WhisperSeries(path)][std::stoll(time) * 1000] = BitsOf(number);
  }
  const ReadSource read = ReadAll(kWhisper);
  EXPECT_TRUE(read.status.ok()) << read.status.ToString();
  EXPECT_EQ(read.bad_lines, std::vector<std::string>());
  EXPECT_EQ(read.series, expected);
  EXPECT_EQ(read.samples, 120u);
  EXPECT_EQ(read.records, 5u);  // and an empty file
  EXPECT_EQ(expected.count("disk.used{dc=\"x\",rack=\"r1\"}"), 1u);
  EXPECT_EQ(read.Remarked("a finer one has points"), 21u);
  EXPECT_EQ(read.Remarked("outside of their whisper archive's time"), 30u);
}

TEST_F(WhisperTest, OneFileHasItsNameOrTheOneThatIsGiven) {
  const std::string now = "--now=1800000000000";
  const std::string file = kWhisper + "/counts/total.wsp";
  Out({"import", "--db=" + db_, "--policy=", now, "--bulk", file});
  Out({"import", "--db=" + db_, now, "--metric_name=mine", file});
  const std::string out = Export(db_, "1800000000000");
  EXPECT_NE(out.find("\ntotal,1700004840000,2.25"), std::string::npos) << out;
  EXPECT_NE(out.find("\nmine,1700004840000,2.25"), std::string::npos) << out;
}

TEST_F(WhisperTest, NamesAreMadeOfPaths) {
  EXPECT_EQ(WhisperSeries("a/b/c.wsp"), "a.b.c");
  EXPECT_EQ(WhisperSeries("a/x;y=z.wsp"), "a.x;y=z");
  EXPECT_EQ(WhisperSeries("_tagged/0/1/a_DOT_b;z=1;c=d_DOT_e.wsp"),
            "a.b{c=\"d.e\",z=\"1\"}");
  // A name that is a hash, and names that nothing of the kind has written.
  EXPECT_EQ(WhisperSeries("_tagged/0/1/0123abcd.wsp"), "_tagged.0.1.0123abcd");
  EXPECT_EQ(WhisperSeries("_tagged/0/1/a;b.wsp"), "_tagged.0.1.a;b");
  EXPECT_EQ(WhisperSeries("_tagged/0/1/a;b=1;b=2.wsp"),
            "_tagged.0.1.a;b=1;b=2");
}

// In a tree it is a bad line, alone it is refused.
TEST_F(WhisperTest, AFileThatIsNoneIsNamed) {
  std::filesystem::create_directory(dir_ / "tree");
  const std::string good = ReadFile(kWhisper + "/paused.wsp");
  WriteFile("tree/a.wsp", good);
  WriteFile("tree/b.wsp", good.substr(0, 1000));
  WriteFile("tree/c.wsp", good);
  WriteFile("tree/readme", "no metric");
  const ReadSource read = ReadAll(dir_ / "tree");
  ASSERT_EQ(read.bad_lines.size(), 1u);
  EXPECT_NE(read.bad_lines[0].find("tree/b.wsp: Corruption: "),
            std::string::npos);
  EXPECT_NE(read.bad_lines[0].find(
                "b.wsp:40: an archive that reaches beyond the file"),
            std::string::npos)
      << read.bad_lines[0];
  EXPECT_EQ(read.series.size(), 2u);
  EXPECT_TRUE(ReadAll(dir_ / "tree/b.wsp").status.IsCorruption());
  EXPECT_TRUE(ReadAll(WriteFile("x.wsp", std::string(64, '\x77')))
                  .status.IsCorruption());
  std::filesystem::create_directory(dir_ / "none");
  SourceOptions options;
  options.format = InputFormat::kWhisper;
  EXPECT_TRUE(ReadAll(dir_ / "none", options).status.IsInvalidArgument());
}

// Nothing in such a file is under a checksum: other bytes are other points, at
// most one for each place there is.
TEST_F(WhisperTest, AnyBytesAreReadWithinBounds) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  const std::string good = ReadFile(kWhisper + "/servers/web1/load.wsp");
  size_t refused = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string bytes = good.substr(
        0, random.OneIn(4) ? random.Below(good.size()) : good.size());
    for (uint64_t n = random.Below(6); n > 0 && !bytes.empty(); --n) {
      const size_t head = random.OneIn(2) ? 52 : bytes.size();
      bytes[random.Below(std::min(head, bytes.size()))] =
          static_cast<char>(random.Bits());
    }
    const ReadSource read = ReadAll(WriteFile("any.wsp", bytes));
    ASSERT_LE(read.samples, bytes.size() / 12);
    refused += read.status.ok() ? 0 : 1;
  }
  printf("%zu of 1500 refused\n", refused);
  EXPECT_GT(refused, 300u);
}

TEST_F(RrdTest, ReadsWhatRrdtoolFetchAnswers) {
  Series expected;
  std::ifstream file(kRrd + ".txt");
  size_t unknown = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string function, step, time, value;
    words >> function >> step >> time;
    for (const char* const source : {"in", "temp"}) {
      words >> value;
      double number;
      ASSERT_TRUE(ParseValue(value, &number)) << line;
      if (value == "-nan") {
        ++unknown;
        continue;
      }
      expected["rrdtool-1.7.2{cf=\"" + function + "\",ds=\"" + source +
               "\",step=\"" + step + "\"}"][std::stoll(time) * 1000] =
          BitsOf(number);
    }
  }
  const ReadSource read = ReadAll(kRrd + ".xml");
  EXPECT_TRUE(read.status.ok()) << read.status.ToString();
  EXPECT_EQ(read.series, expected);
  EXPECT_EQ(expected.size(), 8u);
  EXPECT_EQ(read.records, 47u);
  EXPECT_EQ(read.Remarked("unknown values"), unknown);
  EXPECT_EQ(read.samples + unknown, 94u);
}

TEST_F(RrdTest, ImportsFromAPipeWithAName) {
  const std::string dump = ReadFile(kRrd + ".xml");
  const std::string out =
      Out({"import", "--db=" + db_, "--policy=", "--now=1800000000000",
           "--metric_name=router", "-"},
          dump);
  EXPECT_EQ(out.find("imported 56 samples from 47 rows in "), 0u) << out;
  EXPECT_NE(Export(db_, "1800000000000")
                .find("\"router{cf=\"\"MAX\"\",ds=\"\"in\"\",step="
                      "\"\"300\"\"}\",1700000400000,2090181.3627\n"),
            std::string::npos);
}

TEST_F(RrdTest, ADatabaseItselfSaysWhichProgramMakesItsText) {
  const std::string bytes("RRD\0000003\0", 9);
  const ReadSource read = ReadAll(WriteFile("a.rrd", bytes));
  EXPECT_NE(read.status.ToString().find(
                "it is a round robin database: pipe what 'rrdtool dump' makes"),
            std::string::npos)
      << read.status.ToString();
}

// Each of them has a line, and says what is wrong.
TEST_F(RrdTest, WhatContradictsItselfIsRefused) {
  const std::string dump = ReadFile(kRrd + ".xml");
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = dump;
    text.replace(text.find(from), from.size(), to);
    return Read(text).status.ToString();
  };
  const std::vector<std::vector<std::string>> wrong = {
      {"<rrd>", "<svg>", ":4: element 'svg' where rrdtool dump has none"},
      {"<step>60", "<step>0", "step '0' is no such number"},
      {"<step>60", "<step>61", "which is no step of 61 s"},
      {"/ 1700001300", "/ 1700001360", "which is no step of 60 s"},
      {" UTC / 1700001300", "", "does not end with a row's time"},
      {"<lastupdate>17", "<lastupdate>18", "and by lastupdate it is at"},
      {"<v>NaN</v></row>", "</row>", "1 values of 2 data sources"},
      {"<v>NaN</v></row>", "<v>1</v><v>1</v></row>", "too many values"},
      {"<v>NaN</v>", "<v>U</v>", "value 'U' is not a number"},
      {"<name> temp", "<name> in", "data source 'in' is given twice"},
      {"<cf>AVERAGE</cf>", "", "no step, pdp_per_row, cf or ds"},
      {"</row>", "</rom>", "closes no element that is open"},
      {"</rrd>", "", "cut short: no </rrd>"},
      {"</rrd>", "<!-- x", "no '-->' behind"}};
  for (const auto& change : wrong) {
    const std::string status = replaced(change[0], change[1]);
    EXPECT_EQ(status.find("Invalid argument: " + (dir_ / "dump.xml") + ":"), 0u)
        << status;
    EXPECT_NE(status.find(change[2]), std::string::npos) << status;
  }
}

TEST_F(RrdTest, CutShortAnywhereItSaysSoAndAnyReadsAreAlike) {
  const std::string dump = ReadFile(kRrd + ".xml");
  const Series whole = Read(dump).series;
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  for (size_t i = 40; i < dump.size() - 8; i += 1 + random.Below(40)) {
    SourceOptions options;
    options.read_bytes = 1 + random.Below(60);
    const ReadSource read =
        ReadAll(WriteFile("dump.xml", dump.substr(0, i)), options);
    ASSERT_FALSE(read.status.ok()) << i;
    for (const auto& [series, samples] : read.series) {
      for (const auto& sample : samples) {
        ASSERT_EQ(whole.at(series).at(sample.first), sample.second);
      }
    }
    std::string flipped = dump;
    flipped[i] = static_cast<char>(random.Bits());
    const ReadSource other = ReadAll(WriteFile("dump.xml", flipped), options);
    ASSERT_LE(other.samples, 94u);
  }
}

}  // namespace
}  // namespace varve::tools
