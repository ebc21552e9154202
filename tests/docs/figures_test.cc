// Figures that stand in more than one place agree with docs/benchmarks.md,
// which a script writes: what assertions cost, and the sizes that README names.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/docs/project_file.h"

namespace varve {
namespace {

// By "mix" or "jitter", "off" or "on" (RocksDB's assertions), and layout: the
// row's figures, bytes a sample and millions of samples written a CPU second
// first.
std::map<std::string, std::vector<double>> ReadTables() {
  std::map<std::string, std::vector<double>> rows;
  std::string samples, asserts;
  std::stringstream lines(ReadProjectFile("docs/benchmarks.md"));
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("## ", 0) == 0) {
      samples = line.find("off by") == std::string::npos ? "mix" : "jitter";
    }
    if (line.rfind("RocksDB built for release", 0) == 0) asserts = "off";
    if (line.rfind("RocksDB with assertions", 0) == 0) asserts = "on";
    if (line.rfind("Peers", 0) == 0) asserts.clear();
    if (asserts.empty() || line.rfind("| ", 0) != 0) continue;
    std::stringstream cells(line.substr(2));
    std::string layout, bar;
    cells >> layout;
    double figure;
    while (cells >> bar >> figure) {
      rows[samples + " " + asserts + " " + layout].push_back(figure);
    }
  }
  return rows;
}

TEST(Figures, AssertionsCostTheSameEverywhere) {
  const auto rows = ReadTables();
  double least = 1e9, most = 0;
  for (const char* samples : {"mix", "jitter"}) {
    for (const char* layout : {"varve", "varve-part", "rows", "chunks"}) {
      const auto off = rows.find(std::string(samples) + " off " + layout);
      const auto on = rows.find(std::string(samples) + " on " + layout);
      ASSERT_NE(off, rows.end()) << layout;
      ASSERT_NE(on, rows.end()) << layout;
      const double ratio = off->second.at(1) / on->second.at(1);
      least = std::min(least, ratio);
      most = std::max(most, ratio);
    }
  }
  char text[60];
  std::snprintf(text, sizeof text, "%.1f to %.1f times slower", least, most);
  for (const char* place : {"docs/OPERATIONS.md", "docs/benchmarks.md",
                            "bench/samples/bench_report.cc"}) {
    EXPECT_NE(ReadProjectFile(place).find(text), std::string::npos)
        << place << " does not say that writes are " << text;
  }
}

TEST(Figures, ReadmeHasTheSizesThatWereMeasured) {
  const auto rows = ReadTables();
  const auto bytes = [&](const char* row) { return rows.at(row).at(0); };
  char text[120];
  std::snprintf(text, sizeof text,
                "takes %.2f bytes a sample, %.2f with jittered scrapes, where "
                "the block-based table takes %.2f and %.2f",
                bytes("mix off varve-part"), bytes("jitter off varve-part"),
                bytes("mix off varve"), bytes("jitter off varve"));
  EXPECT_NE(ReadProjectFile("README.md").find(text), std::string::npos)
      << "README.md does not say that a mix " << text;
}

}  // namespace
}  // namespace varve
