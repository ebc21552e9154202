// The tables of options in docs/OPTIONS.md say what the code does: all names,
// defaults, bounds, and what may change while a database runs. README.md has
// those of the policy that are used most, and says the same of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "plugin/ageing/ageing_options.h"
#include "plugin/part_table/part_table_options_info.h"
#include "plugin/registration.h"
#include "rocksdb/convenience.h"
#include "rocksdb/listener.h"
#include "rocksdb/table.h"
#include "tests/docs/project_file.h"
#include "varve/policy.h"

namespace varve {
namespace {

// "| `name` | cell | cell |" by name: the cells behind it.
using Rows = std::map<std::string, std::vector<std::string>>;

Rows ReadRows(const std::string& document) {
  static const std::regex kName("\\| `([a-z0-9_]+)` \\| (.*) \\|");
  Rows rows;
  std::stringstream lines(ReadProjectFile(document));
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, kName)) continue;
    std::vector<std::string>& cells = rows[match[1]];
    std::string rest = match[2];
    for (size_t bar; (bar = rest.find(" | ")) != std::string::npos;) {
      cells.push_back(rest.substr(0, bar));
      rest.erase(0, bar + 3);
    }
    cells.push_back(rest);
  }
  return rows;
}

// "`4096`" without its marks; "" for a cell of words.
std::string Quoted(const std::string& cell) {
  std::smatch match;
  const std::regex quoted("`([^`]+)`");
  return std::regex_match(cell, match, quoted) ? match[1].str() : "";
}

// An object of RocksDB's, made from option text, as option text.
template <typename Object>
rocksdb::Status Make(const std::string& id, const std::string& name,
                     const std::string& value, std::string* text) {
  RegisterObjects(rocksdb::ObjectLibrary::Default().get());
  rocksdb::ConfigOptions config;
  config.ignore_unsupported_options = false;
  std::shared_ptr<Object> object;
  const rocksdb::Status status = Object::CreateFromString(
      config,
      "{id=" + id + ";" + (name.empty() ? "" : name + "=" + value) + "}",
      &object);
  return status.ok() ? object->GetOptionString(config, text) : status;
}

bool TakesPart(const std::string& name, const std::string& value) {
  std::string text;
  return Make<rocksdb::TableFactory>("VarvePartTable", name, value, &text).ok();
}

// "64 to 64 MiB", with a true minus sign: exactly these bounds.
void CheckBounds(const std::string& name, const std::string& cell) {
  static const std::regex kBounds("(\xe2\x88\x92?)(\\d+) to (\\d+)( MiB)?");
  std::smatch match;
  if (!std::regex_match(cell, match, kBounds)) return;
  const int64_t low = (match[1].length() > 0 ? -1 : 1) * std::stoll(match[2]);
  const uint64_t high = std::stoull(match[3]) << (match[4].matched ? 20 : 0);
  EXPECT_TRUE(TakesPart(name, std::to_string(low))) << name;
  EXPECT_FALSE(TakesPart(name, std::to_string(low - 1))) << name;
  EXPECT_TRUE(TakesPart(name, std::to_string(high))) << name;
  EXPECT_FALSE(TakesPart(name, std::to_string(high + 1))) << name;
}

TEST(OptionsDocument, PartTableIsAsItSays) {
  const Rows rows = ReadRows("docs/OPTIONS.md");
  std::string defaults;
  ASSERT_TRUE(
      Make<rocksdb::TableFactory>("VarvePartTable", "", "", &defaults).ok());
  size_t bounds = 0;
  for (const auto& [name, info] : PartTableOptionsInfo()) {
    const auto row = rows.find(name);
    ASSERT_NE(row, rows.end()) << name;
    const std::vector<std::string>& cells = row->second;
    ASSERT_GE(cells.size(), 4u) << name;
    EXPECT_EQ(cells[2], info.IsMutable() ? "yes" : "no") << name;
    if (const std::string value = Quoted(cells[1]); !value.empty()) {
      std::string text;
      const rocksdb::Status status =
          Make<rocksdb::TableFactory>("VarvePartTable", name, value, &text);
      EXPECT_TRUE(status.ok()) << status.ToString();
      EXPECT_EQ(text, defaults) << name;
    }
    if (cells[0].find(" to ") != std::string::npos) ++bounds;
    CheckBounds(name, cells[0]);
  }
  EXPECT_GE(bounds, 7u);
}

TEST(OptionsDocument, SchedulerIsAsItSays) {
  const Rows options = ReadRows("docs/OPTIONS.md");
  std::string defaults;
  ASSERT_TRUE(
      Make<rocksdb::EventListener>("VarveTierScheduler", "", "", &defaults)
          .ok());
  for (const auto& option : AgeingOptionsInfo()) {
    const std::string& name = option.first;
    ASSERT_EQ(options.count(name), 1u) << name;
    const std::string value = Quoted(options.at(name)[1]);
    std::string text;
    EXPECT_TRUE(
        Make<rocksdb::EventListener>("VarveTierScheduler", name, value, &text)
            .ok());
    EXPECT_EQ(text, defaults) << name;
  }
  std::string text;
  for (const char* ratio : {"0", "1.01"}) {
    EXPECT_FALSE(Make<rocksdb::EventListener>(
                     "VarveTierScheduler", "ageing_min_due_ratio", ratio, &text)
                     .ok());
  }
}

TEST(OptionsDocument, PolicyIsAsItSays) {
  const Rows options = ReadRows("docs/OPTIONS.md");
  for (const std::string& name : PolicyFieldNames()) {
    ASSERT_EQ(options.count(name), 1u) << name;
    EXPECT_EQ(Quoted(options.at(name)[1]), Policy().Get(name)) << name;
    const bool fixed =
        name == "bucket" || name == "partition" || name == "window";
    EXPECT_EQ(options.at(name)[2], fixed ? "no" : "yes") << name;
  }
}

TEST(OptionsDocument, ReadmeSaysTheSame) {
  const Rows options = ReadRows("docs/OPTIONS.md");
  const std::vector<std::string> known = PolicyFieldNames();
  const Rows readme = ReadRows("README.md");
  EXPECT_GE(readme.size(), 5u);
  for (const auto& [name, cells] : readme) {
    ASSERT_NE(std::find(known.begin(), known.end(), name), known.end()) << name;
    ASSERT_EQ(cells.size(), 3u) << name;
    EXPECT_EQ(Quoted(cells[1]), Policy().Get(name)) << name;
    // The values, of which OPTIONS.md may say more.
    EXPECT_EQ(options.at(name)[0].rfind(cells[0], 0), 0u) << name;
  }
}

// The fields of the structs in varve.h whose names end in Options.
TEST(OptionsDocument, EveryFieldOfTheInterfaceIsNamed) {
  const std::string document = ReadProjectFile("docs/OPTIONS.md");
  static const std::regex kStruct("struct (?:VARVE_EXPORT )?(\\w*Options) \\{");
  static const std::regex kField(
      "  [\\w:<>]+(?: [\\w:<>*]+)*[ *](\\w+)"
      "(?: = [^;]*)?;");
  std::stringstream lines(ReadProjectFile("include/varve/varve.h"));
  std::string owner;
  size_t fields = 0;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kStruct)) owner = match[1];
    if (line == "};") owner.clear();
    if (owner.empty() || !std::regex_match(line, match, kField)) continue;
    const std::string name = owner + "::" + match[1].str();
    EXPECT_NE(document.find("`" + name + "`"), std::string::npos) << name;
    ++fields;
  }
  EXPECT_GE(fields, 10u);
}

}  // namespace
}  // namespace varve
