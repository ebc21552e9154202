// Durations as Prometheus writes them; see policy.h.
#include <cstddef>
#include <cstdint>
#include <string>

#include "varve/policy.h"

namespace varve {
namespace {

struct Unit {
  const char* name;
  int64_t millis;
};

// In the order in which they are written.
constexpr Unit kUnits[] = {
    {"y", 365 * kMillisPerDay},
    {"w", 7 * kMillisPerDay},
    {"d", kMillisPerDay},
    {"h", kMillisPerHour},
    {"m", 60 * kMillisPerSecond},
    {"s", kMillisPerSecond},
    {"ms", 1},
};
constexpr size_t kUnitCount = sizeof kUnits / sizeof kUnits[0];

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

Status BadDuration(const std::string& text, const std::string& why) {
  return Status::InvalidArgument("'" + text + "' is not a duration: " + why);
}

// Reads digits at *at; false when the number is above any duration.
bool ReadNumber(const std::string& text, size_t* at, int64_t* number) {
  int64_t value = 0;
  for (; *at < text.size() && IsDigit(text[*at]); ++*at) {
    value = value * 10 + (text[*at] - '0');
    if (value > kDurationMaxMs) return false;
  }
  *number = value;
  return true;
}

}  // namespace

Status ParseDuration(const std::string& text, int64_t* duration_ms) {
  if (text == "0") {
    *duration_ms = 0;
    return Status::OK();
  }
  if (text.empty()) return BadDuration(text, "it is empty");
  int64_t total = 0;
  size_t unit = 0;  // the first that may still come
  for (size_t at = 0; at < text.size();) {
    if (!IsDigit(text[at])) {
      return BadDuration(text, "a number is expected at '" + text.substr(at) +
                                   "', as in 1h30m");
    }
    int64_t number = 0;
    if (!ReadNumber(text, &at, &number)) {
      return BadDuration(text, "it is above 1000y");
    }
    const size_t name_start = at;
    while (at < text.size() && !IsDigit(text[at])) ++at;
    const std::string name = text.substr(name_start, at - name_start);
    size_t found = 0;
    while (found < kUnitCount && name != kUnits[found].name) ++found;
    if (found == kUnitCount) {
      return BadDuration(
          text, name.empty() ? "it ends without a unit (y w d h m s ms)"
                             : "'" + name + "' is not a unit (y w d h m s ms)");
    }
    if (found < unit) {
      return BadDuration(text, "units go from y to ms, each once");
    }
    unit = found + 1;
    if (number > (kDurationMaxMs - total) / kUnits[found].millis) {
      return BadDuration(text, "it is above 1000y");
    }
    total += number * kUnits[found].millis;
  }
  *duration_ms = total;
  return Status::OK();
}

std::string FormatDuration(int64_t duration_ms) {
  if (duration_ms <= 0) return "0";
  // Weeks are read, not written: 30d says more than 4w2d.
  std::string text;
  for (const Unit& unit : kUnits) {
    if (unit.name[0] == 'w' || duration_ms < unit.millis) continue;
    text += std::to_string(duration_ms / unit.millis);
    text += unit.name;
    duration_ms %= unit.millis;
  }
  return text;
}

}  // namespace varve
