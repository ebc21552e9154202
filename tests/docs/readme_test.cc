// What README.md says is true: its program stands in examples/quickstart, which
// prints what README shows; its options string opens a column family; the call
// of SetOptions in docs/OPTIONS.md changes its policy. And README is short.
// (Shell commands are document_test's, figures figures_test's.)
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <regex>
#include <sstream>
#include <string>
#include <unordered_map>

#include "plugin/registration.h"
#include "rocksdb/convenience.h"
#include "tests/docs/project_file.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

std::string Readme() { return ReadProjectFile("README.md"); }

// The fenced block after `heading`, without its fences.
std::string BlockAfter(const std::string& text, const std::string& heading) {
  const size_t at = text.find(heading);
  EXPECT_NE(at, std::string::npos) << heading;
  const size_t fence = text.find("```", at);
  const size_t begin = text.find('\n', fence) + 1;
  return text.substr(begin, text.find("```", begin) - begin);
}

// Runs a shell command; its standard output and error.
std::string RunShell(const std::string& command, int* exit_code) {
  std::string output;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  char buffer[4096];
  while (size_t n = fread(buffer, 1, sizeof buffer, pipe)) {
    output.append(buffer, n);
  }
  *exit_code = pclose(pipe);
  return output;
}

std::string Replace(std::string text, const std::string& from,
                    const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos;
       at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// Each line that is not blank two columns further in, as within a function.
std::string Indented(const std::string& text) {
  std::string indented;
  std::stringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    indented += (line.empty() ? "" : "  ") + line + "\n";
  }
  return indented;
}

TEST(Readme, ProgramIsOfTheExampleWhichPrintsWhatItSays) {
  const std::string program = BlockAfter(Readme(), "## A program");
  EXPECT_NE(ReadProjectFile("examples/quickstart/quickstart.cc")
                .find("\n\n" + Indented(program) + "\n"),
            std::string::npos)
      << "the program of README.md is not in examples/quickstart as it stands";
  EXPECT_LE(std::count(program.begin(), program.end(), '\n'), 20);
  TempDir dir;
  int exit_code = -1;
  const std::string output = RunShell(
      std::string(VARVE_QUICKSTART_FILE) + " " + (dir / "db"), &exit_code);
  EXPECT_EQ(exit_code, 0);
  EXPECT_EQ(output, BlockAfter(Readme(), "\nThe samples that it reads are\n"));
}

// What, for whom, how to begin, how small and how fast, and where it loses: on
// the first screen.
TEST(Readme, FirstScreenSaysWhy) {
  const std::string text = Readme();
  EXPECT_LE(text.size(), 11500u);
  std::stringstream lines(text);
  std::string screen, line;
  for (int i = 0; i < 25 && std::getline(lines, line); ++i) {
    screen += line + "\n";
  }
  for (const char* words :
       {"RocksDB", "time-series", "for services that", "\nmake demo",
        "\nmake test", "\n| bytes a sample |", "\n| writes, ", "\n| merges ",
        "\n| a read of ", "VictoriaMetrics", "Where Varve loses"}) {
    EXPECT_NE(screen.find(words), std::string::npos) << words;
  }
}

TEST(Readme, OptionsStringOpensAColumnFamily) {
  RegisterObjects(rocksdb::ObjectLibrary::Default().get());
  const std::string text =
      Replace(BlockAfter(Readme(), "## By options alone"), "\n", "");
  rocksdb::ColumnFamilyOptions cf_options;
  rocksdb::ConfigOptions config;
  Status status = rocksdb::GetColumnFamilyOptionsFromString(
      config, rocksdb::ColumnFamilyOptions(), text, &cf_options);
  ASSERT_TRUE(status.ok()) << status.ToString();
  TempDir dir;
  rocksdb::Options options(rocksdb::DBOptions(), cf_options);
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  status = rocksdb::DB::Open(options, dir.path(), &db);
  ASSERT_TRUE(status.ok()) << status.ToString();
  Policy policy;
  EXPECT_TRUE(GetPolicy(db, db->DefaultColumnFamily(), &policy).ok());
  EXPECT_EQ(policy.retention_ms, 365 * kMillisPerDay);
  EXPECT_EQ(policy.tiers.size(), 2u);

  // The SetOptions call that stands in OPTIONS.md.
  std::unordered_map<std::string, std::string> changes;
  const std::string call =
      BlockAfter(ReadProjectFile("docs/OPTIONS.md"), "objects in one call:");
  const std::regex pair("\\{\"([^\"]+)\", \"([^\"]+)\"\\}");
  for (std::sregex_iterator it(call.begin(), call.end(), pair), end; it != end;
       ++it) {
    changes[(*it)[1]] = (*it)[2];
  }
  EXPECT_GE(changes.size(), 2u);
  status = db->SetOptions(changes);
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_TRUE(CheckColumnFamily(db, db->DefaultColumnFamily()).ok());
  EXPECT_TRUE(GetPolicy(db, db->DefaultColumnFamily(), &policy).ok());
  EXPECT_EQ(policy.retention_ms, 2 * 365 * kMillisPerDay);
  delete db;
}

}  // namespace
}  // namespace varve
