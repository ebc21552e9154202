// Runs the built tool and writes its input files, in a directory that goes
// away with the test.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "tests/process/child_process.h"
#include "tests/temp_dir.h"

namespace varve {

class ToolTest : public testing::Test {
 protected:
  // Standard input is `input`.
  static ChildResult Varve(std::vector<std::string> words,
                           const std::string& input = "") {
    words.insert(words.begin(), VARVE_TOOL_FILE);
    ChildOptions options;
    options.input = input;
    return RunChild(words, options);
  }

  // What the tool prints when it must do well.
  static std::string Out(std::vector<std::string> words,
                         const std::string& input = "") {
    const ChildResult result = Varve(std::move(words), input);
    EXPECT_EQ(result.exit_code, 0) << result.ToString();
    EXPECT_EQ(result.err, "");
    return result.out;
  }

  // Imports `text`, which must do well.
  static void Import(const std::string& db, const std::string& policy,
                     const std::string& text, const std::string& now) {
    Out({"import", "--db=" + db, "--policy=" + policy, "--now=" + now, "-"},
        text);
  }

  static std::string Export(const std::string& db, const std::string& now,
                            std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"export", "--db=" + db, "--now=" + now};
    words.insert(words.end(), more.begin(), more.end());
    return Out(words);
  }

  std::string WriteFile(const std::string& name, const std::string& text) {
    const std::string path = dir_ / name;
    std::ofstream file(path, std::ios::binary);
    file << text;
    return path;
  }

  TempDir dir_;
  const std::string db_ = dir_ / "db";
};

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file),
                     std::istreambuf_iterator<char>());
}

}  // namespace varve
