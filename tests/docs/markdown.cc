#include "tests/docs/markdown.h"

#include <algorithm>
#include <regex>
#include <sstream>

namespace varve {
namespace {

bool IsFence(const std::string& line) { return line.rfind("```", 0) == 0; }

}  // namespace

std::vector<FencedBlock> FencedBlocks(const std::string& markdown) {
  std::vector<FencedBlock> blocks;
  std::stringstream lines(markdown);
  std::string line;
  bool inside = false;
  for (size_t number = 1; std::getline(lines, line); ++number) {
    if (!IsFence(line)) {
      if (inside) blocks.back().text += line + "\n";
      continue;
    }
    inside = !inside;
    if (!inside) continue;
    FencedBlock block;
    block.line = number;
    const size_t blank = std::min(line.find(' '), line.size());
    block.language = line.substr(3, blank - 3);
    if (blank < line.size()) block.rest = line.substr(blank + 1);
    blocks.push_back(block);
  }
  return blocks;
}

std::vector<std::string> FileLinks(const std::string& markdown) {
  static const std::regex kLink("\\]\\(([^)#\\s]+)[^)]*\\)");
  std::vector<std::string> links;
  std::stringstream lines(markdown);
  std::string line;
  bool inside = false;
  while (std::getline(lines, line)) {
    if (IsFence(line)) inside = !inside;
    if (inside) continue;
    for (std::sregex_iterator it(line.begin(), line.end(), kLink), end;
         it != end; ++it) {
      const std::string target = (*it)[1];
      if (target.find("://") == std::string::npos) links.push_back(target);
    }
  }
  return links;
}

}  // namespace varve
