#include "tools/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace varve::tools {
namespace {

constexpr double kRefreshSeconds = 0.2;

std::string OneDecimal(double number, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, "%.1f%s", number, unit);
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

std::string Counted(uint64_t number, const char* one) {
  return WithCommas(number) + " " + one + (number == 1 ? "" : "s");
}

std::string Bytes(uint64_t bytes) {
  const auto number = static_cast<double>(bytes);
  if (bytes < 1000) return std::to_string(bytes) + " B";
  if (bytes < 1000 * 1000) return OneDecimal(number / 1e3, " kB");
  if (bytes < 1000 * 1000 * 1000) return OneDecimal(number / 1e6, " MB");
  return OneDecimal(number / 1e9, " GB");
}

std::string Seconds(double seconds) {
  if (seconds < 60) return OneDecimal(seconds, "s");
  const auto whole = static_cast<uint64_t>(seconds);
  if (whole < 3600) {
    return std::to_string(whole / 60) + "m " + std::to_string(whole % 60) + "s";
  }
  return std::to_string(whole / 3600) + "h " + std::to_string(whole / 60 % 60) +
         "m";
}

std::string ProgressText(const std::string& what, uint64_t done, uint64_t total,
                         uint64_t items, double seconds, const char* item) {
  std::string text = what + ":";
  if (total > 0) {
    const uint64_t shown = std::min(done, total);
    text += " " + std::to_string(shown * 100 / total) + "%";
  }
  if (items > 0) {
    text += "  " + WithCommas(items) + " " + item;
    if (seconds > 0) {
      const auto rate =
          static_cast<uint64_t>(static_cast<double>(items) / seconds);
      text += "  " + WithCommas(rate) + "/s";
    }
  }
  if (done > 0 && done < total) {
    const double left =
        seconds * static_cast<double>(total - done) / static_cast<double>(done);
    text += "  " + Seconds(left) + " left";
  } else {
    text += "  " + Seconds(seconds);
  }
  return text;
}

Progress::Progress(std::string what, Prints prints, const char* item)
    : what_(std::move(what)),
      item_(item),
      terminal_(isatty(STDERR_FILENO) == 1 &&
                (prints == Prints::kAtTheEnd || isatty(STDOUT_FILENO) != 1)),
      start_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (line_open_) std::fputs("\r\033[K", stderr);
}

double Progress::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                       start_)
      .count();
}

void Progress::Step(std::string what) {
  what_ = std::move(what);
  step_seconds_ = seconds();
}

void Progress::Update(uint64_t done, uint64_t total, uint64_t items) {
  if (!terminal_) return;
  const double now = seconds();
  if (now < next_seconds_) return;
  next_seconds_ = now + kRefreshSeconds;
  line_open_ = true;
  const std::string text =
      ProgressText(what_, done, total, items, now - step_seconds_, item_);
  std::fprintf(stderr, "\r%s\033[K", text.c_str());
  std::fflush(stderr);
}

}  // namespace varve::tools
