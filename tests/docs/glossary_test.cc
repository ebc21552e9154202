// docs/GLOSSARY.md owns the nouns: each type of a header of format/ and
// compaction/ (and of the public headers that belong to them) stands there
// once, in the row of its word, and the row names the header that has it.
//
// A row: | word | meaning | `Type`, `Type` | header, header |
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/docs/project_file.h"

namespace varve {
namespace {

namespace fs = std::filesystem;

struct Word {
  std::string word;
  std::string meaning;
  std::vector<std::string> types;
  std::vector<std::string> headers;
};

std::string Trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream in(text);
  for (std::string part; std::getline(in, part, separator);) {
    parts.push_back(Trimmed(part));
  }
  return parts;
}

std::vector<Word> ReadGlossary(const std::string& document) {
  std::vector<Word> words;
  std::stringstream lines(document);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| ", 0) != 0) continue;
    const std::vector<std::string> cells = Split(line.substr(1), '|');
    if (cells.size() != 4) {
      ADD_FAILURE() << "not a row of four cells: " << line;
      continue;
    }
    if (cells[0] == "word") continue;
    Word word = {cells[0], cells[1], Split(cells[2], ','),
                 Split(cells[3], ',')};
    for (std::string& type : word.types) {
      EXPECT_TRUE(type.size() > 2 && type.front() == '`' && type.back() == '`')
          << line;
      type = type.substr(1, type.size() - 2);
    }
    words.push_back(std::move(word));
  }
  return words;
}

std::vector<Word> Glossary() {
  return ReadGlossary(ReadProjectFile("docs/GLOSSARY.md"));
}

// Types that a header defines at namespace level, where lines begin without
// blanks.
std::set<std::string> TypesIn(const std::string& header) {
  static const std::regex kType(
      "^(?:class|struct|union|enum(?: class)?) "
      "(?:VARVE_EXPORT |\\[\\[nodiscard\\]\\] )?(\\w+).*");
  static const std::regex kAlias("^using (\\w+) =.*");
  std::set<std::string> types;
  std::stringstream lines(header);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kAlias)) types.insert(match[1]);
    if (!std::regex_match(line, match, kType)) continue;
    const bool only_declared =
        line.back() == ';' && line.find('{') == std::string::npos;
    if (!only_declared) types.insert(match[1]);
  }
  return types;
}

// Of the headers whose types are to be in the glossary; by their paths. The
// interface itself, varve.h, has documents of its own.
std::map<std::string, std::set<std::string>> TypesByHeader() {
  const fs::path root = VARVE_SOURCE_DIR;
  std::map<std::string, std::set<std::string>> types;
  for (const char* folder : {"format", "compaction", "include/varve"}) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const fs::path path = entry.path().lexically_relative(root);
      if (path.extension() != ".h" || path.filename() == "varve.h") continue;
      types[path.string()] = TypesIn(ReadProjectFile(path.string()));
    }
  }
  return types;
}

TEST(Glossary, TypesAreInTheHeadersThatItNames) {
  const auto in_headers = TypesByHeader();
  for (const Word& word : Glossary()) {
    ASSERT_FALSE(word.headers.empty()) << word.word;
    std::set<std::string> used;
    for (const std::string& header : word.headers) {
      EXPECT_EQ(in_headers.count(header), 1u)
          << word.word << ": no header " << header;
    }
    for (const std::string& type : word.types) {
      const auto has = [&](const std::string& header) {
        const auto found = in_headers.find(header);
        return found != in_headers.end() && found->second.count(type) > 0;
      };
      const auto header =
          std::find_if(word.headers.begin(), word.headers.end(), has);
      EXPECT_NE(header, word.headers.end())
          << word.word << ": no type " << type << " in the headers named";
      if (header != word.headers.end()) used.insert(*header);
    }
    if (word.types.empty()) continue;
    EXPECT_EQ(used.size(), word.headers.size())
        << word.word << ": a header is named that has none of its types";
  }
}

TEST(Glossary, HasEveryTypeOnce) {
  std::map<std::string, std::vector<std::string>> words_of;
  for (const Word& word : Glossary()) {
    for (const std::string& type : word.types) {
      words_of[type].push_back(word.word);
    }
  }
  size_t types = 0;
  for (const auto& [header, in_header] : TypesByHeader()) {
    for (const std::string& type : in_header) {
      EXPECT_EQ(words_of[type].size(), 1u)
          << type << " of " << header
          << ": name it in the row of its word in docs/GLOSSARY.md, once";
      ++types;
    }
  }
  EXPECT_GE(types, 120u);
}

TEST(Glossary, HasEveryWordOnceAndSaysWhatItMeans) {
  std::set<std::string> words;
  for (const Word& word : Glossary()) {
    EXPECT_TRUE(words.insert(word.word).second) << word.word;
    EXPECT_GE(word.meaning.size(), 15u) << word.word;
  }
}

// The reading itself.
TEST(Glossary, ReadsRowsAndHeaders) {
  const std::vector<Word> words = ReadGlossary(
      "| word | meaning | types | header |\n|---|---|---|---|\n"
      "| box | bytes | `Box`, `BoxKind` | a/b.h, c.h |\n"
      "| tier | a rule | | a/b.h |\n");
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0].types, (std::vector<std::string>{"Box", "BoxKind"}));
  EXPECT_EQ(words[0].headers, (std::vector<std::string>{"a/b.h", "c.h"}));
  EXPECT_TRUE(words[1].types.empty());
  EXPECT_EQ(TypesIn("class Seen;\nstruct A {\n  struct Inner {\n  };\n};\n"
                    "class VARVE_EXPORT B : public A {\n};\nusing C = int;\n"
                    "enum class D : uint8_t { kOne };\ntemplate <typename T>\n"
                    "class E {\n};\n  using F = int;\nusing rocksdb::Slice;\n"),
            (std::set<std::string>{"A", "B", "C", "D", "E"}));
}

}  // namespace
}  // namespace varve
