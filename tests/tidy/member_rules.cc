// The rule "members" of tidy_rules.h: tokens, not types. What is neither a
// declaration nor a write counts as a read, so that a member which is only
// read by chance (another class's of the same name, in a file that sees both)
// is missed, and what is reported is dead.
#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <set>

#include "tests/tidy/source_text.h"
#include "tests/tidy/text_match.h"
#include "tests/tidy/tidy_rules.h"

namespace varve::tidy {
namespace {

bool IsWordCharacter(char c) {
  return isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// What one file does with names that end in '_'.
struct Uses {
  std::map<std::string, size_t> declared;  // with their lines
  std::set<std::string> read;
  std::set<std::string> includes;
};

enum class Use { kDeclared, kWritten, kRead };

// A name where it stands: text[begin, end).
class Occurrence {
 public:
  Occurrence(const std::string& text, size_t begin, size_t end)
      : text_(text), begin_(begin) {
    next_ = text.find_first_not_of(' ', end);
    before_ = text.find_last_not_of(' ', begin - 1);
  }

  Use Classify() const {
    if (begin_ == 0 || before_ == std::string::npos) return Use::kRead;
    if (StartsStatement(before_)) {
      return IsAssignment() || Steps(next_) ? Use::kWritten : Use::kRead;
    }
    if (Steps(before_ - 1) && Next(0) == ';' && before_ >= 2 &&
        StartsStatement(text_.find_last_not_of(' ', before_ - 2))) {
      return Use::kWritten;
    }
    if (IsInitialised()) return Use::kWritten;
    return IsDeclaration() ? Use::kDeclared : Use::kRead;
  }

 private:
  char Next(size_t offset) const {
    const size_t at = next_ == std::string::npos ? next_ : next_ + offset;
    return at < text_.size() ? text_[at] : ' ';
  }

  bool StartsStatement(size_t at) const {
    if (at == std::string::npos) return false;
    if (text_[at] == 'e' && at >= 4 && text_.compare(at - 3, 4, "else") == 0) {
      return true;
    }
    return Contains(";{}", std::string(1, text_[at])) || text_[at] == ')';
  }

  bool Steps(size_t at) const {  // "++;" or "++name"
    const std::string two = at < text_.size() ? text_.substr(at, 2) : "";
    return two == "++" || two == "--";
  }

  bool IsAssignment() const {
    if (Next(0) == '=') return Next(1) != '=';
    return Contains("+-*/%|&^", std::string(1, Next(0))) && Next(1) == '=';
  }

  // In a constructor's list: ": a_(1), b_{2}".
  bool IsInitialised() const {
    const bool listed =
        text_[before_] == ',' ||
        (text_[before_] == ':' && before_ > 0 && text_[before_ - 1] != ':');
    return listed && (Next(0) == '(' || Next(0) == '{');
  }

  bool IsDeclaration() const {
    if (!Contains(";={[", std::string(1, Next(0))) ||
        (Next(0) == '=' && Next(1) == '=')) {
      return false;
    }
    if (before_ + 1 == begin_) return false;  // no blank: "*name_", "(name_"
    size_t at = before_;
    while (at > 0 && (text_[at] == '*' || text_[at] == '&')) --at;
    if (at != before_ && text_[at] == ' ') return false;  // "a * name_"
    if (text_[at] == '>') return at > 0 && text_[at - 1] != ' ';
    if (!IsWordCharacter(text_[at])) return false;
    size_t word = at;
    while (word > 0 && IsWordCharacter(text_[word - 1])) --word;
    return !IsOneOf(text_.substr(word, at + 1 - word),
                    {"return", "case", "delete", "throw", "co_return"});
  }

  const std::string& text_;
  size_t begin_;
  size_t next_;
  size_t before_;
};

// Types whose objects do their work by ending or by being held; and what a
// bench writes so that its reads are not optimised away.
bool LivesForItsEnd(const std::string& line) {
  for (const char* type :
       {"unique_ptr", "shared_ptr", "lock_guard", "unique_lock", "volatile"}) {
    if (Contains(line, type)) return true;
  }
  return false;
}

Uses UsesIn(const SourceFile& file) {
  static const std::regex kInclude("^#include \"([^\"]*)\"");
  Uses uses;
  const SourceText source = ReadSource(file.text);
  std::string text = " ";
  std::vector<size_t> line_starts;
  std::smatch match;
  for (size_t i = 0; i < source.code.size(); ++i) {
    line_starts.push_back(text.size());
    if (StartsWith(source.lines[i], "#include") &&
        std::regex_search(source.lines[i], match, kInclude)) {
      const std::string name = match[1];
      uses.includes.insert(StartsWith(name, "varve/") ? "include/" + name
                                                      : name);
    }
    text += source.code[i] + " ";
  }
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '_' || IsWordCharacter(text[i + 1])) continue;
    size_t begin = i;
    while (IsWordCharacter(text[begin - 1])) --begin;
    if (!islower(static_cast<unsigned char>(text[begin]))) continue;
    const std::string name = text.substr(begin, i + 1 - begin);
    const Use use = Occurrence(text, begin, i + 1).Classify();
    if (use == Use::kRead) uses.read.insert(name);
    if (use != Use::kDeclared) continue;
    const auto line = static_cast<size_t>(
        std::upper_bound(line_starts.begin(), line_starts.end(), begin) -
        line_starts.begin());
    if (LivesForItsEnd(source.lines[line - 1])) continue;
    uses.declared.emplace(name, line);
  }
  return uses;
}

}  // namespace

std::vector<Finding> CheckMembers(const std::vector<SourceFile>& files) {
  std::map<std::string, Uses> all;
  std::map<std::string, std::vector<std::string>> includers;
  for (const SourceFile& file : files) {
    if (!EndsWith(file.path, ".h") && !EndsWith(file.path, ".cc")) continue;
    const Uses& uses = all.emplace(file.path, UsesIn(file)).first->second;
    for (const std::string& name : uses.includes) {
      includers[name].push_back(file.path);
    }
  }
  std::vector<Finding> findings;
  for (const auto& [path, uses] : all) {
    for (const auto& [name, line] : uses.declared) {
      bool read = uses.read.count(name) > 0;
      for (const std::string& includer : includers[path]) {
        read = read || all.at(includer).read.count(name) > 0;
      }
      if (read) continue;
      findings.push_back(
          {path, line, "members", name + " is written and never read"});
    }
  }
  return findings;
}

}  // namespace varve::tidy
