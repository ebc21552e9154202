// What the text of a dump holds.
#pragma once

#include <string>

namespace varve {

// The bytes that a dump shows: hex pairs in the columns 6 to 29 of the lines
// that start with an offset.
inline std::string BytesOfDump(const std::string& text) {
  const auto nibble = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string bytes;
  size_t start = 0;
  while (start < text.size()) {
    size_t end = text.find('\n', start);
    if (end == std::string::npos) end = text.size();
    const std::string line = text.substr(start, end - start);
    start = end + 1;
    if (line.empty() || nibble(line[0]) < 0) continue;
    const size_t hex = line.find("  ") + 2;
    for (size_t i = hex; i + 1 < line.size() && i < hex + 23; i += 3) {
      if (nibble(line[i]) < 0 || nibble(line[i + 1]) < 0) break;
      bytes.push_back(
          static_cast<char>(nibble(line[i]) << 4 | nibble(line[i + 1])));
    }
  }
  return bytes;
}

}  // namespace varve
