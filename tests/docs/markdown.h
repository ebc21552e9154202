// Reads the documents: their fenced blocks and the links between them. Knows
// as much of Markdown as these documents use.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace varve {

// "```sh not-run: why" begins a block with the language "sh" and the rest
// "not-run: why".
struct FencedBlock {
  size_t line = 0;  // of the opening fence, from 1
  std::string language;
  std::string rest;
  std::string text;  // without the fences
};

std::vector<FencedBlock> FencedBlocks(const std::string& markdown);

// Targets of the links outside of fenced blocks that lead to files of ours,
// without the part after '#'.
std::vector<std::string> FileLinks(const std::string& markdown);

}  // namespace varve
