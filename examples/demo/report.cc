#include "examples/demo/report.h"

#include <sys/types.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

namespace demo {
namespace {

constexpr size_t kPageColumns = 96;

std::string Formatted(double number, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, "%.1f %s", number, unit);
  return text;
}

}  // namespace

std::string WithCommas(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t i = text.size(); i > 3;) {
    i -= 3;
    text.insert(i, 1, ',');
  }
  return text;
}

std::string Bytes(uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  const auto number = static_cast<double>(bytes);
  if (bytes < 1000 * 1000) return Formatted(number / 1e3, "kB");
  return Formatted(number / 1e6, "MB");
}

std::string UtcTime(int64_t timestamp_ms) {
  const auto seconds = static_cast<time_t>(timestamp_ms / 1000);
  struct tm parts;
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return text;
}

void Heading(const std::string& text) { std::printf("\n%s\n", text.c_str()); }

void ShowProgress(const std::string& text) {
  if (isatty(STDERR_FILENO) != 1) return;
  std::fflush(stdout);
  std::fprintf(stderr, "\r%s\033[K", text.c_str());
}

bool PrintCommand(const std::string& shown, const std::string& command,
                  int lines_max) {
  std::printf("  $ %s\n", shown.c_str());
  std::fflush(stdout);
  FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return false;
  char* buffer = nullptr;
  size_t buffer_bytes = 0;
  int lines = 0;
  for (ssize_t got; (got = getline(&buffer, &buffer_bytes, pipe)) > 0;) {
    std::string line(buffer, static_cast<size_t>(got));
    if (line.back() == '\n') line.pop_back();
    if (line.find_first_not_of(" -=") == std::string::npos) continue;
    if (++lines > lines_max) continue;
    if (line.size() > kPageColumns) {
      line = line.substr(0, kPageColumns - 3) + "...";
    }
    std::printf("    %s\n", line.c_str());
  }
  free(buffer);
  if (lines > lines_max)
    std::printf("    (%d more lines)\n", lines - lines_max);
  return pclose(pipe) == 0;
}

}  // namespace demo
