#include "tests/tidy/source_text.h"

#include <cctype>
#include <cstring>

namespace varve::tidy {
namespace {

// Walks over the text once and blanks what is not code.
class Blanker {
 public:
  explicit Blanker(const std::string& text) : text_(text) {}

  SourceText Run() {
    StartLine();
    while (at_ < text_.size()) Step();
    if (!result_.lines.empty() && result_.lines.back().empty()) DropLast();
    return std::move(result_);
  }

 private:
  enum class State { kCode, kLineComment, kBlockComment, kQuoted, kRaw };

  bool Sees(const char* what) const {
    return text_.compare(at_, strlen(what), what) == 0;
  }

  void StartLine() {
    result_.lines.emplace_back();
    result_.code.emplace_back();
    result_.starts_in_literal.push_back(state_ == State::kRaw);
    result_.comment_column.push_back(
        state_ == State::kBlockComment ? 0 : std::string::npos);
  }

  void DropLast() {
    result_.lines.pop_back();
    result_.code.pop_back();
    result_.starts_in_literal.pop_back();
    result_.comment_column.pop_back();
  }

  // Takes `count` characters over, as code or as blanks.
  void Take(size_t count, bool is_code) {
    for (size_t i = 0; i < count && at_ < text_.size(); ++i, ++at_) {
      if (text_[at_] == '\n') {
        if (state_ == State::kLineComment) state_ = State::kCode;
        StartLine();
        continue;
      }
      result_.lines.back() += text_[at_];
      result_.code.back() += is_code ? text_[at_] : ' ';
    }
  }

  void StartComment(State state) {
    if (result_.comment_column.back() == std::string::npos) {
      result_.comment_column.back() = result_.lines.back().size();
    }
    state_ = state;
    Take(2, false);
  }

  // At R" of a raw string: R"delimiter( ... )delimiter".
  void StartRaw() {
    const size_t open = text_.find('(', at_);
    if (open == std::string::npos) return Take(1, true);
    raw_end_ = ")" + text_.substr(at_ + 2, open - at_ - 2) + "\"";
    state_ = State::kRaw;
    Take(2, true);
  }

  bool AfterWord() const {
    return at_ > 0 && (isalnum(static_cast<unsigned char>(text_[at_ - 1])) ||
                       text_[at_ - 1] == '_');
  }

  void Step() {
    switch (state_) {
      case State::kCode:
        if (Sees("//")) return StartComment(State::kLineComment);
        if (Sees("/*")) return StartComment(State::kBlockComment);
        if (Sees("R\"") && !AfterWord()) return StartRaw();
        // A quote after a digit separates digits: 1'000.
        if (text_[at_] == '"' || (text_[at_] == '\'' && !AfterWord())) {
          quote_ = text_[at_];
          state_ = State::kQuoted;
        }
        return Take(1, true);
      case State::kLineComment:
        return Take(1, false);
      case State::kBlockComment:
        if (!Sees("*/")) return Take(1, false);
        Take(2, false);
        state_ = State::kCode;
        return;
      case State::kQuoted:
        if (text_[at_] == '\\') return Take(2, false);
        if (text_[at_] != quote_ && text_[at_] != '\n') return Take(1, false);
        state_ = State::kCode;
        return Take(1, true);
      case State::kRaw:
        if (!Sees(raw_end_.c_str())) return Take(1, false);
        Take(raw_end_.size() - 1, false);
        state_ = State::kCode;
        return Take(1, true);
    }
  }

  const std::string& text_;
  size_t at_ = 0;
  State state_ = State::kCode;
  char quote_ = '"';
  std::string raw_end_;
  SourceText result_;
};

bool HasWord(const std::string& text, const std::string& word) {
  auto is_word = [](char c) {
    return isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  for (size_t at = text.find(word); at != std::string::npos;
       at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_word(text[at - 1])) &&
        (end == text.size() || !is_word(text[end]))) {
      return true;
    }
  }
  return false;
}

// What may stand between the last ')' of a function's head and its brace.
bool IsFunctionTail(const std::string& tail) {
  for (const char* word : {"const", "noexcept", "override", "final", "try"}) {
    if (HasWord(tail, word)) return true;
  }
  return tail.find_first_not_of(") &") == std::string::npos;
}

enum class Brace { kFunction, kScope, kInitialiser };

// What a brace opens behind `head`, the text since the last ';', '{' or '}'
// outside functions. clang-format puts a blank before every brace but an
// initialiser's.
Brace Classify(const std::string& head) {
  int open_parentheses = 0;
  for (const char c : head) {
    open_parentheses += c == '(' ? 1 : c == ')' ? -1 : 0;
  }
  if (open_parentheses > 0) return Brace::kInitialiser;
  if (!head.empty() && head.back() != ' ') return Brace::kInitialiser;
  const size_t last = head.find_last_not_of(" ");
  if (last == std::string::npos || head[last] == '=') return Brace::kScope;

  const size_t close = head.rfind(')');
  if (close == std::string::npos) return Brace::kScope;
  const std::string tail = head.substr(close);
  for (const char* word : {"class", "struct", "union", "enum", "namespace"}) {
    if (HasWord(tail, word)) return Brace::kScope;
    if (head.compare(0, strlen(word), word) == 0 && !IsFunctionTail(tail)) {
      return Brace::kScope;
    }
  }
  return Brace::kFunction;
}

// Feeds on code outside directives, character by character.
class FunctionFinder {
 public:
  explicit FunctionFinder(const SourceText& source) : source_(source) {}

  void Feed(char c, size_t line) {
    if (depth_ > 0) {
      depth_ += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (depth_ == 0 && in_function_) functions_.back().last_line = line;
    } else if (c == '{') {
      Open(line);
    } else if (c == ';' || c == '}') {
      if (c == ';') TakeHead();
      head_.clear();
    } else if (c != ' ' || !head_.empty()) {
      if (head_.empty()) head_line_ = line;
      head_ += c;
    }
  }

  void EndLine() {
    if (head_ == "public:" || head_ == "protected:" || head_ == "private:") {
      head_.clear();
    }
    if (depth_ == 0 && !head_.empty() && head_.back() != ' ') head_ += ' ';
  }

  void Finish() {
    if (depth_ > 0 && in_function_) {
      functions_.back().last_line = source_.lines.size();
    }
  }

  std::vector<Function> functions() { return std::move(functions_); }
  std::vector<Head> heads() { return std::move(heads_); }

 private:
  void TakeHead() {
    if (!head_.empty()) heads_.push_back({head_, head_line_});
  }

  void Open(size_t line) {
    const Brace brace = Classify(head_);
    in_function_ = brace == Brace::kFunction;
    if (in_function_) {
      functions_.push_back({source_.lines[head_line_ - 1], head_line_, line});
      TakeHead();
    }
    // What follows an initialiser still belongs to the same head.
    if (brace != Brace::kInitialiser) head_.clear();
    depth_ = brace == Brace::kScope ? 0 : 1;
  }

  const SourceText& source_;
  std::vector<Function> functions_;
  std::vector<Head> heads_;
  std::string head_;
  size_t head_line_ = 0;
  int depth_ = 0;  // of braces in a function or an initialiser
  bool in_function_ = false;
};

// Feeds all of the source.
FunctionFinder Walk(const SourceText& source) {
  FunctionFinder finder(source);
  bool in_directive = false;
  for (size_t i = 0; i < source.code.size(); ++i) {
    const std::string& code = source.code[i];
    const size_t first = code.find_first_not_of(" ");
    const bool directive =
        in_directive || (first != std::string::npos && code[first] == '#');
    in_directive = directive && code.back() == '\\';
    if (directive) continue;
    for (const char c : code) finder.Feed(c, i + 1);
    finder.EndLine();
  }
  finder.Finish();
  return finder;
}

}  // namespace

SourceText ReadSource(const std::string& text) { return Blanker(text).Run(); }

std::vector<Function> FindFunctions(const SourceText& source) {
  return Walk(source).functions();
}

std::vector<Head> FindHeads(const SourceText& source) {
  return Walk(source).heads();
}

}  // namespace varve::tidy
