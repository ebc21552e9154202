// Figures that stand in more than one place agree with docs/benchmarks.md,
// which a script writes: what assertions cost, the table on README's first
// screen, the sizes that it names, and where Varve loses.
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

// By "mix" or "jitter", "off" or "on" (RocksDB's assertions) or "peers", and
// layout or peer: figures by the headings of their columns.
using Row = std::map<std::string, double>;
using Tables = std::map<std::string, Row>;

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::stringstream in(line.substr(2));
  for (std::string cell; std::getline(in, cell, '|');) {
    const size_t first = cell.find_first_not_of(' ');
    const size_t last = cell.find_last_not_of(' ');
    cells.push_back(
        first == std::string::npos ? "" : cell.substr(first, last - first + 1));
  }
  return cells;
}

Tables ReadTables() {
  Tables tables;
  std::string samples, group;
  std::vector<std::string> headings;
  std::stringstream lines(ReadProjectFile("docs/benchmarks.md"));
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("## ", 0) == 0) {
      samples = line.find("off by") == std::string::npos ? "mix" : "jitter";
    }
    if (line.rfind("RocksDB built for release", 0) == 0) group = "off";
    if (line.rfind("RocksDB with assertions", 0) == 0) group = "on";
    if (line.rfind("Peers", 0) == 0) group = "peers";
    if (group.empty() || line.rfind("| ", 0) != 0) continue;
    const std::vector<std::string> cells = Cells(line);
    if (cells[0].empty()) {
      headings = cells;
      continue;
    }
    Row& row = tables[samples + " " + group + " " + cells[0]];
    for (size_t i = 1; i < cells.size() && i < headings.size(); ++i) {
      if (!cells[i].empty()) row[headings[i]] = std::stod(cells[i]);
    }
  }
  return tables;
}

std::string Text(const char* format, double figure) {
  char text[40];
  std::snprintf(text, sizeof text, format, figure);
  return text;
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
      const double ratio =
          off->second.at("write, M/s") / on->second.at("write, M/s");
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
  const auto bytes = [&](const char* row) {
    return rows.at(row).at("bytes/sample");
  };
  char text[120];
  std::snprintf(text, sizeof text,
                "takes %.2f bytes a sample, %.2f with jittered scrapes, where "
                "the block-based table takes %.2f and %.2f",
                bytes("mix off varve-part"), bytes("jitter off varve-part"),
                bytes("mix off varve"), bytes("jitter off varve"));
  EXPECT_NE(ReadProjectFile("README.md").find(text), std::string::npos)
      << "README.md does not say that a mix " << text;
}

// The table of the first screen: Varve on its own table, one row a sample, and
// VictoriaMetrics, which has no figure in some columns.
TEST(Figures, ReadmeHasTheTableThatWasMeasured) {
  const auto rows = ReadTables();
  const struct {
    const char* label;
    const char* samples;
    const char* heading;
    const char* format;
  } kLines[] = {
      {"bytes a sample", "mix", "bytes/sample", "%.2f"},
      {"bytes a sample, scrapes off by up to 10 ms", "jitter", "bytes/sample",
       "%.2f"},
      {"writes, million samples a CPU second", "mix", "write, M/s", "%.2f"},
      {"merges (all compacted), million samples a CPU second", "mix",
       "compact, M/s", "%.1f"},
      {"a read of one hour of one series, µs", "mix", "range, µs", "%.0f"},
  };
  const std::string readme = ReadProjectFile("README.md");
  for (const auto& line : kLines) {
    std::string text = std::string("\n| ") + line.label + " |";
    for (const char* row :
         {" off varve-part", " off rows", " peers victoria-metrics"}) {
      const Row& figures = rows.at(line.samples + std::string(row));
      const auto figure = figures.find(line.heading);
      if (figure != figures.end()) {
        text += " " + Text(line.format, figure->second);
      }
      text += " |";
    }
    EXPECT_NE(readme.find(text + "\n"), std::string::npos)
        << "README.md does not say" << text;
  }
}

// Where Varve loses by those tables, README says so.
TEST(Figures, ReadmeHasTheLosses) {
  const auto rows = ReadTables();
  const auto writes = [&](const char* row) {
    return Text("%.2f", rows.at(row).at("write, M/s"));
  };
  const std::string readme = ReadProjectFile("README.md");
  for (const std::string& text :
       {"it writes " + writes("mix on varve-part") +
            " million samples a CPU second and ClickHouse " +
            writes("mix peers clickhouse"),
        "that hour takes " +
            Text("%.0f", rows.at("mix off varve").at("range, µs")) +
            " µs on RocksDB's block-based table"}) {
    EXPECT_NE(readme.find(text), std::string::npos)
        << "README.md does not say that " << text;
  }
  // No other losses than these.
  const std::string benchmarks = ReadProjectFile("docs/benchmarks.md");
  const std::string loses = "Where Varve loses, assertions ";
  for (size_t at = 0; (at = benchmarks.find(loses, at)) != std::string::npos;) {
    at += loses.size();
    const std::string rest =
        benchmarks.substr(at, benchmarks.find('\n', at) - at);
    EXPECT_TRUE(rest == "off: nowhere here." ||
                rest == "on: write, M/s (clickhouse).")
        << "README.md does not say where Varve loses, assertions " << rest;
  }
}

}  // namespace
}  // namespace varve
