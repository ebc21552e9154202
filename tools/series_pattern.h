// Which series a command is about: those whose text starts with a prefix, or,
// where the pattern holds a * or ?, those that it matches as a whole.
//
//   *   any bytes, none too      ?   one byte
//   \x  the byte x               all others stand for themselves
//
// Pure.
#pragma once

#include <gflags/gflags_declare.h>

#include <string>
#include <string_view>
#include <vector>

DECLARE_string(series);

namespace varve::tools {

class SeriesPattern {
 public:
  explicit SeriesPattern(std::string_view pattern);

  // What every matching series starts with.
  const std::string& prefix() const { return prefix_; }

  bool Matches(std::string_view series) const;

 private:
  enum class Kind { kByte, kOne, kAny };
  struct Step {
    Kind kind;
    char byte;
  };

  std::vector<Step> steps_;
  std::string prefix_;
  bool is_prefix_ = true;
};

}  // namespace varve::tools
