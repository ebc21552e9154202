#include "tools/series_pattern.h"

#include <gflags/gflags.h>

#include <cstddef>

DEFINE_string(series, "",
              "Only series whose text starts with this or, with a * or ? in "
              "it, that it matches as a whole: * is any text, ? any byte, \\ "
              "takes the next one as it is");

namespace varve::tools {

SeriesPattern::SeriesPattern(std::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    Kind kind = Kind::kByte;
    if (c == '*') kind = Kind::kAny;
    if (c == '?') kind = Kind::kOne;
    if (c == '\\' && i + 1 < pattern.size()) c = pattern[++i];
    if (kind != Kind::kByte) is_prefix_ = false;
    if (is_prefix_) prefix_.push_back(c);
    steps_.push_back({kind, c});
  }
}

// The last '*' is the only place to go back to: bytes that an earlier one took
// never help.
bool SeriesPattern::Matches(std::string_view series) const {
  if (is_prefix_) return series.substr(0, prefix_.size()) == prefix_;
  size_t step = 0;
  size_t any_step = SIZE_MAX;
  size_t any_at = 0;
  for (size_t at = 0; at < series.size();) {
    if (step < steps_.size() && steps_[step].kind == Kind::kAny) {
      any_step = step++;
      any_at = at;
    } else if (step < steps_.size() && (steps_[step].kind == Kind::kOne ||
                                        steps_[step].byte == series[at])) {
      ++step;
      ++at;
    } else if (any_step != SIZE_MAX) {
      step = any_step + 1;
      at = ++any_at;
    } else {
      return false;
    }
  }
  while (step < steps_.size() && steps_[step].kind == Kind::kAny) ++step;
  return step == steps_.size();
}

}  // namespace varve::tools
