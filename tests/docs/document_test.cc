// What the documents say can be done: every block of shell commands in the
// README, the documents and the examples' list runs, in order, one document
// in one empty folder that has links to the build and to our sources. A block
// that cannot run here says why, after its language:
//
//   ```sh not-run: needs a second machine
//
// And the links between documents lead somewhere, paths that they name exist,
// and no option, counter or example is left out.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>

#include "plugin/ageing/ageing_options.h"
#include "plugin/part_table/part_table_options_info.h"
#include "tests/docs/markdown.h"
#include "tests/docs/project_file.h"
#include "tests/process/child_process.h"
#include "tests/temp_dir.h"
#include "varve/counters.h"
#include "varve/policy.h"

namespace varve {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = VARVE_SOURCE_DIR;
const fs::path kBuild = fs::path(VARVE_LIBRARY_FILE).parent_path();

// Relative to the root, sorted.
std::vector<fs::path> Documents() {
  std::vector<fs::path> paths = {"README.md", "CONTRIBUTING.md"};
  for (const char* folder : {"docs", "format", "examples"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      if (entry.path().extension() == ".md") {
        paths.push_back(entry.path().lexically_relative(kRoot));
      }
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string Place(const fs::path& document, const FencedBlock& block) {
  return document.string() + ":" + std::to_string(block.line);
}

// A first word that only a shell would do something with.
bool LooksLikeCommands(const std::string& text) {
  static const std::regex kCommand(
      "^(\\$ |make |cmake |ctest |varve |build/|scripts/|ldb |sst_dump |"
      "db_bench |LD_PRELOAD=|apt|dpkg|git |curl |sudo )");
  return std::regex_search(text, kCommand);
}

class DocumentTest : public ::testing::TestWithParam<fs::path> {};

TEST_P(DocumentTest, CommandsRun) {
  TempDir dir;
  fs::create_symlink(kBuild, dir / "build");
  for (const char* folder : {"docs", "examples", "format"}) {
    fs::create_symlink(kRoot / folder, dir / folder);
  }
  const std::string environment =
      "set -eu -o pipefail\n"
      "cd '" +
      dir.path() +
      "'\n"
      "export PATH='" +
      kBuild.string() +
      "':\"$PATH\"\n"
      "export LD_LIBRARY_PATH='" +
      kBuild.string() + "'\n";
  for (const FencedBlock& block : FencedBlocks(ReadProjectFile(GetParam()))) {
    if (block.language != "sh" || !block.rest.empty()) continue;
    const ChildResult result =
        RunChild({"/bin/bash", "-c", environment + block.text});
    EXPECT_EQ(result.exit_code, 0) << Place(GetParam(), block) << "\n"
                                   << block.text << result.ToString();
  }
}

TEST_P(DocumentTest, BlocksSayWhatTheyAre) {
  for (const FencedBlock& block : FencedBlocks(ReadProjectFile(GetParam()))) {
    const std::string place = Place(GetParam(), block);
    EXPECT_FALSE(block.language.empty() && LooksLikeCommands(block.text))
        << place << ": commands; begin the block with ```sh";
    EXPECT_TRUE(block.language != "bash" && block.language != "console" &&
                block.language != "shell")
        << place << ": begin the block with ```sh";
    if (block.language != "sh" || block.rest.empty()) continue;
    EXPECT_TRUE(std::regex_match(block.rest, std::regex("not-run: .{8,}")))
        << place << ": '" << block.rest << "' is not 'not-run: and why'";
  }
}

// Indented blocks have no language: what looks like a command is a mistake.
TEST_P(DocumentTest, CommandsAreFenced) {
  std::stringstream lines(ReadProjectFile(GetParam()));
  std::string line;
  for (size_t number = 1; std::getline(lines, line); ++number) {
    EXPECT_FALSE(line.rfind("    ", 0) == 0 &&
                 LooksLikeCommands(line.substr(4)))
        << GetParam() << ":" << number << ": begin a block with ```sh";
  }
}

TEST_P(DocumentTest, LinksLeadToFiles) {
  for (const std::string& link : FileLinks(ReadProjectFile(GetParam()))) {
    EXPECT_TRUE(fs::exists(kRoot / GetParam().parent_path() / link))
        << GetParam() << ": " << link;
  }
}

// `format/row_key`, `varve/varve.h`, `tools/`: with or without an extension,
// one file or all of a pattern.
bool PathExists(const std::string& path) {
  const size_t star = path.find('*');
  if (star == std::string::npos) {
    return fs::exists(kRoot / path) || fs::exists(kRoot / (path + ".h")) ||
           fs::exists(kRoot / (path + ".cc")) ||
           fs::exists(kRoot / (path + ".py"));
  }
  const std::string before = path.substr(0, star);
  const fs::path folder = kRoot / fs::path(before).parent_path();
  if (!fs::exists(folder)) return false;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(kRoot).string();
    if (name.compare(0, star, before) == 0) return true;
  }
  return false;
}

// Paths between backticks that begin with a folder of ours.
TEST_P(DocumentTest, PathsExist) {
  static const std::regex kPath(
      "`((?:format|compaction|plugin|include|tools|tests|bench|docs|examples|"
      "scripts|cmake|fuzz|packaging)/[^` ]*)`");
  const std::string text = ReadProjectFile(GetParam());
  for (std::sregex_iterator it(text.begin(), text.end(), kPath), end; it != end;
       ++it) {
    EXPECT_TRUE(PathExists((*it)[1])) << GetParam() << ": " << (*it)[1];
  }
}

std::string NameOf(const ::testing::TestParamInfo<fs::path>& info) {
  return std::regex_replace(info.param.string(), std::regex("[^A-Za-z0-9]"),
                            "_");
}

INSTANTIATE_TEST_SUITE_P(Documents, DocumentTest,
                         ::testing::ValuesIn(Documents()), NameOf);

// What an operator may set or see is explained.
TEST(Documents, ExplainEveryOptionAndCounter) {
  const std::string options = ReadProjectFile("docs/OPTIONS.md");
  for (const std::string& name : PolicyFieldNames()) {
    EXPECT_NE(options.find("\n| `" + name + "` | "), std::string::npos) << name;
  }
  for (const auto& option : PartTableOptionsInfo()) {
    EXPECT_NE(options.find("`" + option.first + "`"), std::string::npos)
        << option.first;
  }
  for (const auto& option : AgeingOptionsInfo()) {
    EXPECT_NE(options.find("| `" + option.first + "` | "), std::string::npos)
        << option.first;
  }
  const std::string operations = ReadProjectFile("docs/OPERATIONS.md");
#define EXPECT_EXPLAINED(name) \
  EXPECT_NE(operations.find("`" #name "`"), std::string::npos) << #name;
  VARVE_COUNTERS(EXPECT_EXPLAINED)
#undef EXPECT_EXPLAINED
}

TEST(Documents, ListEveryExample) {
  const std::string list = ReadProjectFile("examples/README.md");
  for (const auto& entry : fs::directory_iterator(kRoot / "examples")) {
    if (!fs::exists(entry.path() / "CMakeLists.txt")) continue;
    const std::string name = entry.path().filename();
    EXPECT_NE(list.find("| [" + name + "]("), std::string::npos) << name;
  }
}

// The reading itself.
TEST(Markdown, BlocksAndLinks) {
  const std::string text =
      "see [a](docs/A.md#part) and [b](https://b.example/)\n"
      "```sh not-run: why so\nls\nls -l\n```\n"
      "```\n[c](not/a/link)\n```\n";
  const std::vector<FencedBlock> blocks = FencedBlocks(text);
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_EQ(blocks[0].line, 2u);
  EXPECT_EQ(blocks[0].language, "sh");
  EXPECT_EQ(blocks[0].rest, "not-run: why so");
  EXPECT_EQ(blocks[0].text, "ls\nls -l\n");
  EXPECT_EQ(blocks[1].language, "");
  EXPECT_EQ(FileLinks(text), std::vector<std::string>{"docs/A.md"});
}

}  // namespace
}  // namespace varve
