// docs/SEMANTICS.md says what Varve makes of its samples: run here, row by row.
#include <gtest/gtest.h>

#include <cstdint>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "tests/docs/project_file.h"
#include "tests/tools/tool_run.h"

namespace varve {
namespace {

// A multiple of five minutes.
constexpr int64_t kStart = 1700000100;

class SemanticsTest : public ToolTest {
 protected:
  // The samples of the document, in the order of writing.
  static std::string Csv(const std::string& samples) {
    std::string csv = "series,timestamp_ms,value\n";
    std::istringstream words(samples);
    for (std::string word; words >> word;) {
      const size_t colon = word.find(':');
      csv += "m," + std::to_string(kStart + std::stoll(word)) + "000," +
             word.substr(colon + 1) + "\n";
    }
    return csv;
  }

  // What is exported, as the document has it.
  static std::string Left(const std::string& csv) {
    std::string left;
    static const std::regex line("m,([0-9]+)000,([0-9]+)\n");
    for (std::sregex_iterator it(csv.begin(), csv.end(), line), end; it != end;
         ++it) {
      left += (left.empty() ? "" : " ") +
              std::to_string(std::stoll((*it)[1]) - kStart) + ":" +
              (*it)[2].str();
    }
    return left;
  }
};

TEST_F(SemanticsTest, TheDocumentSaysWhatVarveDoes) {
  const std::string text = ReadProjectFile("docs/SEMANTICS.md");
  std::smatch found;
  ASSERT_TRUE(std::regex_search(text, found,
                                std::regex("\n`((?:[0-9]+:[0-9]+ ?)+)`\n")));
  const std::string samples = found[1];
  const std::regex row(
      "\n\\| Varve, `([^`]*)`(?:, at ([0-9]+) s)? \\| `([^`]*)` \\|");
  size_t rows = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), row), end; it != end;
       ++it, ++rows) {
    SCOPED_TRACE((*it)[0].str());
    const bool has_time = (*it)[2].matched;
    // Far behind every window, unless the row says when.
    const int64_t now = kStart + (has_time ? std::stoll((*it)[2]) : 100000);
    const std::string now_ms = std::to_string(1000 * now);
    const std::string db = dir_ / std::to_string(rows);
    Import(db, (*it)[1], Csv(samples), now_ms);
    EXPECT_EQ(Left(Export(db, now_ms)), (*it)[3].str());
    // Whatever has been merged.
    Out({"compact", "--db=" + db, "--now=" + now_ms});
    EXPECT_EQ(Left(Export(db, now_ms)), (*it)[3].str());
  }
  EXPECT_EQ(rows, 3u);
}

}  // namespace
}  // namespace varve
