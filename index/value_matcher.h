// Which values of a label a matcher is about. The one place that knows RE2.
// Expressions that are no more than literals, alone, in alternation or amid
// ".*", are answered without it, by the same results.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "varve/series_index.h"

namespace varve {

class ValueMatcher {
 public:
  // InvalidArgument for an expression that RE2 refuses, or beyond the limits.
  static Status Make(const Matcher& matcher, const SeriesIndexOptions& options,
                     std::unique_ptr<ValueMatcher>* made);
  ~ValueMatcher();

  const std::string& name() const { return name_; }

  // Whether a series without the label matches. Then those that match are all
  // but those that have a value of Picks; else they are those that have one.
  bool MatchesAbsent() const { return matches_absent_; }
  bool Picks(const Slice& value) const { return Holds(value) != inverted_; }

  // The only values that Picks, if they are known beforehand.
  const std::vector<std::string>* picked() const {
    return kind_ == Kind::kLiterals && !inverted_ ? &literals_ : nullptr;
  }
  // Picks nothing whose first bytes sort below or above these; *low is empty
  // and *high 0xff without such bounds.
  void Bounds(std::string* low, std::string* high) const;

  bool MatchesValue(const Slice& value) const {
    return Picks(value) != matches_absent_;
  }

 private:
  enum class Kind { kLiterals, kAnything, kSomething, kAmid, kExpression };
  struct Expression;

  ValueMatcher() = default;
  Status ReadExpression(const std::string& text,
                        const SeriesIndexOptions& options);
  bool ReadSimple(const std::string& text);
  // Whether the value is equal, or the expression matches it.
  bool Holds(const Slice& value) const;

  std::string name_;
  bool inverted_ = false;
  bool matches_absent_ = false;
  Kind kind_ = Kind::kLiterals;
  std::vector<std::string> literals_;
  bool open_front_ = false;  // kAmid: anything may stand before the literal
  bool open_back_ = false;   // or behind it
  std::unique_ptr<Expression> expression_;
};

}  // namespace varve
