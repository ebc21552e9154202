// The demo's words and tables on standard output.
#pragma once

#include <cstdint>
#include <string>

namespace demo {

// "1,234,567", "12.3 MB", "2026-11-21 01:47:30" (UTC).
std::string WithCommas(uint64_t number);
std::string Bytes(uint64_t bytes);
std::string UtcTime(int64_t timestamp_ms);

// A heading with an empty line above.
void Heading(const std::string& text);

// On a terminal, how far a step is; an empty text clears the line.
void ShowProgress(const std::string& text);

// Runs a shell command and prints the first lines of its output, each cut to
// the width of a page. Whether the command ended well.
bool PrintCommand(const std::string& shown, const std::string& command,
                  int lines_max);

}  // namespace demo
