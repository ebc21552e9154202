// What the tool says of itself is true: examples run as they are printed, all
// flags are in the help, the manual and the completion, and every name in the
// JSON is explained.
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/tools/tool_run.h"

namespace varve {
namespace {

const char kCsv[] = "series,timestamp_ms,value\nup,1,1\nup,2,2\n";

class HelpTest : public ToolTest {
 protected:
  static std::vector<std::string> Commands() {
    std::vector<std::string> names;
    const std::string help = Out({"help"});
    const std::regex line("\n  varve ([a-z_]+) ");
    for (std::sregex_iterator it(help.begin(), help.end(), line), end;
         it != end; ++it) {
      names.push_back((*it)[1]);
    }
    return names;
  }

  // The command lines behind "Example:", one for each "varve".
  static std::vector<std::string> Examples(const std::string& command) {
    const std::string help = Out({"help", command});
    std::string text = help.substr(help.find("\nExample:\n") + 10);
    text = std::regex_replace(text, std::regex("\\\\\n"), " ");
    std::vector<std::string> lines;
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = text.find('\n', begin);
      lines.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
    return lines;
  }

  static bool IsInstalled(const std::string& program) {
    return RunChild({"/bin/sh", "-c", "command -v " + program}).exit_code == 0;
  }

  static bool CanRun(const std::string& line) {
    for (const std::string program : {"curl", "jq", "zstd", "man"}) {
      const bool named =
          std::regex_search(line + " ", std::regex("(^|[ |])" + program + " "));
      if (named && (program == "curl" || !IsInstalled(program))) return false;
    }
    return true;
  }

  static std::set<std::string> All(const std::string& text,
                                   const std::regex& pattern) {
    std::set<std::string> found;
    for (std::sregex_iterator it(text.begin(), text.end(), pattern), end;
         it != end; ++it) {
      found.insert((*it)[1]);
    }
    return found;
  }
};

// With /data/metrics and the like in this test's directory. What needs a
// server is left out, and what needs a program that is not installed.
TEST_F(HelpTest, ExamplesRunAsTheyArePrinted) {
  Import(db_, "", kCsv, "1000");
  WriteFile("export.jsonl.zst", Export(db_, "1000", {"--format=jsonl"}));
  size_t run = 0;
  for (const std::string& command : Commands()) {
    for (std::string line : Examples(command)) {
      SCOPED_TRACE(line);
      if (!CanRun(line)) continue;
      line = std::regex_replace(line, std::regex("/data/metrics"), db_);
      line = std::regex_replace(line, std::regex("/backup/1"), dir_ / "backup");
      line = std::regex_replace(line, std::regex("/tmp/bench"), dir_ / "bench");
      // What was created by import's example may be there already.
      line = std::regex_replace(line, std::regex("--policy='down[^']*' *exp"),
                                "exp");
      const ChildResult result =
          RunChild({"/bin/bash", "-c",
                    "set -o pipefail; cd '" + dir_.path() + "'; varve() { '" +
                        VARVE_TOOL_FILE + "' \"$@\"; }; " + line});
      EXPECT_EQ(result.exit_code, 0) << result.ToString();
      ++run;
    }
  }
  EXPECT_GE(run, 12u);
}

TEST_F(HelpTest, EveryFlagIsInHelpManualAndCompletion) {
  const std::string completion = Out({"help", "--bash"});
  size_t flag_count = 0;
  for (const std::string& command : Commands()) {
    const auto in_help =
        All(Out({"help", command}), std::regex("\n  --([a-z_]+)  \\("));
    const auto in_manual = All(Out({"help", command, "--man"}),
                               std::regex("\n\\.B \\\\-\\\\-([a-z_]+)\n"));
    EXPECT_EQ(in_help, in_manual) << command;
    const size_t begin = completion.find("      " + command + ") words='");
    ASSERT_NE(begin, std::string::npos) << command;
    auto offered =
        All(completion.substr(begin, completion.find(";;", begin) - begin),
            std::regex("--([a-z_]+)"));
    offered.erase("help");
    EXPECT_EQ(in_help, offered) << command;
    flag_count += in_help.size();
  }
  EXPECT_GT(flag_count, 40u);
}

TEST_F(HelpTest, EveryNameInTheJsonIsExplained) {
  const std::string csv = WriteFile("a.csv", kCsv);
  const std::string db = "--db=" + db_;
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{
           {"import", db, "--policy=retention_period=10y", "--now=1000", csv},
           {"stats", db, "--columns"},
           {"plan", db, "--files", "--now=315532800001"},
           {"verify", db},
           {"policy", "downsampling_period=30d:5m"},
           {"options"},
           {"compact", db, "--now=1000"}}) {
    SCOPED_TRACE(words[0]);
    std::vector<std::string> line = words;
    line.push_back("--json");
    const auto names = All(Out(line), std::regex("\"([a-z_]+)\":"));
    EXPECT_FALSE(names.empty());
    const std::string help = Out({"help", words[0]});
    for (const std::string& name : names) {
      EXPECT_TRUE(std::regex_search(help, std::regex("\\b" + name + "\\b")))
          << name;
    }
    // And the other way round.
    EXPECT_NE(Out({"help", words[0], "--man"}).find("\n.SH JSON\n"),
              std::string::npos);
  }
}

// As man-db reads them, where it is installed.
TEST_F(HelpTest, ManualPagesAreWellFormed) {
  Out({"help", "--write_to=" + dir_.path()});
  size_t pages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
    const std::string path = entry.path();
    if (entry.path().extension() != ".1") continue;
    ++pages;
    if (IsInstalled("lexgrog")) {
      EXPECT_EQ(RunChild({"lexgrog", path}).exit_code, 0) << path;
    }
    if (IsInstalled("groff")) {
      const ChildResult result = RunChild(
          {"groff", "-man", "-Tutf8", "-ww", "-z", "-rCHECKSTYLE=3", path});
      EXPECT_EQ(result.err, "") << path;
    }
  }
  EXPECT_EQ(pages, Commands().size() + 1);
}

}  // namespace
}  // namespace varve
