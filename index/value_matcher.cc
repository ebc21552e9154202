// See value_matcher.h.
#include "index/value_matcher.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>

namespace varve {
namespace {

constexpr char kSpecial[] = "\\.+*?()|[]{}^$";
constexpr int kBoundBytes = 64;

bool IsLiteral(const std::string& text) {
  return text.find_first_of(kSpecial) == std::string::npos &&
         text.find('\0') == std::string::npos;
}

std::vector<std::string> Alternatives(const std::string& text) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end; (end = text.find('|', begin)) != std::string::npos;
       begin = end + 1) {
    parts.push_back(text.substr(begin, end - begin));
  }
  parts.push_back(text.substr(begin));
  return parts;
}

}  // namespace

struct ValueMatcher::Expression {
  Expression(const std::string& text, const RE2::Options& options)
      : re(text, options) {}
  RE2 re;
};

ValueMatcher::~ValueMatcher() = default;

Status ValueMatcher::Make(const Matcher& matcher,
                          const SeriesIndexOptions& options,
                          std::unique_ptr<ValueMatcher>* made) {
  std::unique_ptr<ValueMatcher> result(new ValueMatcher);
  result->name_ = matcher.name;
  Status status;
  if (matcher.name.empty() || matcher.name.find('\0') != std::string::npos) {
    return Status::InvalidArgument("a matcher without a label's name");
  }
  if (matcher.kind == MatchKind::kEqual ||
      matcher.kind == MatchKind::kNotEqual) {
    result->literals_ = {matcher.value};
  } else {
    status = result->ReadExpression(matcher.value, options);
  }
  if (!status.ok()) return status;
  const bool negated = matcher.kind == MatchKind::kNotEqual ||
                       matcher.kind == MatchKind::kNotRegex;
  result->matches_absent_ = result->Holds("") != negated;
  // Of those that match, or of those that do not where absence matches.
  result->inverted_ = negated != result->matches_absent_;
  auto& literals = result->literals_;
  if (result->kind_ == Kind::kLiterals && !result->inverted_) {
    literals.erase(std::remove(literals.begin(), literals.end(), ""),
                   literals.end());
  }
  *made = std::move(result);
  return status;
}

Status ValueMatcher::ReadExpression(const std::string& text,
                                    const SeriesIndexOptions& options) {
  if (text.size() > options.regex_bytes_max) {
    return Status::InvalidArgument("an expression longer than regex_bytes_max");
  }
  if (ReadSimple(text)) return Status::OK();
  RE2::Options re_options;
  re_options.set_log_errors(false);
  re_options.set_max_mem(options.regex_memory_bytes);
  kind_ = Kind::kExpression;
  expression_ = std::make_unique<Expression>("(?s:" + text + ")", re_options);
  if (!expression_->re.ok()) {
    return Status::InvalidArgument("expression " + text,
                                   expression_->re.error());
  }
  return Status::OK();
}

bool ValueMatcher::ReadSimple(const std::string& text) {
  std::vector<std::string> parts = Alternatives(text);
  if (std::all_of(parts.begin(), parts.end(), IsLiteral)) {
    kind_ = Kind::kLiterals;
    std::sort(parts.begin(), parts.end());
    parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
    literals_ = std::move(parts);
    return true;
  }
  if (text == ".*" || text == ".+") {
    kind_ = text == ".*" ? Kind::kAnything : Kind::kSomething;
    return true;
  }
  const bool front = text.compare(0, 2, ".*") == 0;
  const size_t begin = front ? 2 : 0;
  const bool back =
      text.size() >= begin + 2 && text.compare(text.size() - 2, 2, ".*") == 0;
  const std::string amid =
      text.substr(begin, text.size() - begin - (back ? 2 : 0));
  if ((!front && !back) || amid.empty() || !IsLiteral(amid)) return false;
  kind_ = Kind::kAmid;
  open_front_ = front;
  open_back_ = back;
  literals_ = {amid};
  return true;
}

bool ValueMatcher::Holds(const Slice& value) const {
  switch (kind_) {
    case Kind::kLiterals:
      for (const std::string& literal : literals_) {
        if (value == literal) return true;
      }
      return false;
    case Kind::kAnything:
      return true;
    case Kind::kSomething:
      return !value.empty();
    case Kind::kAmid: {
      const std::string& literal = literals_[0];
      if (!open_front_) return value.starts_with(literal);
      if (!open_back_) return value.ends_with(literal);
      return memmem(value.data(), value.size(), literal.data(),
                    literal.size()) != nullptr;
    }
    case Kind::kExpression:
      return RE2::FullMatch(re2::StringPiece(value.data(), value.size()),
                            expression_->re);
  }
  return false;
}

void ValueMatcher::Bounds(std::string* low, std::string* high) const {
  low->clear();
  *high = "\xff";
  if (inverted_) return;
  if (kind_ == Kind::kAmid && !open_front_) {
    *low = literals_[0];
    *high = literals_[0];
  } else if (kind_ == Kind::kExpression) {
    std::string min;
    std::string max;
    if (expression_->re.PossibleMatchRange(&min, &max, kBoundBytes)) {
      *low = min;
      *high = max;
    }
  }
}

}  // namespace varve
