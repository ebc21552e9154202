#include "tests/tidy/parameter_rules.h"

#include <cctype>

#include "tests/tidy/text_match.h"

namespace varve::tidy {
namespace {

bool IsWordCharacter(char c) {
  return isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// Kernels take what their loops need by value, in registers.
bool IsKernel(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return StartsWith(name, "value_kernels") || name == "value_loops.h";
}

// Where the parentheses that open at `open` close; the text's end without.
size_t CloseOf(const std::string& text, size_t open) {
  size_t depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i;
  }
  return text.size();
}

// Commas between the parentheses, but not those of what stands in brackets.
size_t CountItems(const std::string& text, size_t open, size_t close) {
  int depth = 0;
  size_t commas = 0;
  bool empty = true;
  for (size_t i = open + 1; i < close; ++i) {
    const char c = text[i];
    depth += c == '(' || c == '<' || c == '{' || c == '[' ? 1 : 0;
    depth -= c == ')' || c == '>' || c == '}' || c == ']' ? 1 : 0;
    if (c == ',' && depth == 0) ++commas;
    if (c != ' ') empty = false;
  }
  return empty ? 0 : commas + 1;
}

// The name before a parenthesis, as "Class::Name".
std::string NameBefore(const std::string& head, size_t open) {
  size_t begin = open;
  while (begin > 0 &&
         (IsWordCharacter(head[begin - 1]) || head[begin - 1] == ':')) {
    --begin;
  }
  return head.substr(begin, open - begin);
}

// The parentheses that hold the parameters: the first behind a name that is
// no attribute; npos for what is a value or a macro.
size_t ParametersOf(const std::string& head) {
  for (size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '=') return std::string::npos;
    if (head[i] != '(') continue;
    const std::string name = NameBefore(head, i);
    if (!name.empty() && !IsOneOf(name, {"__attribute__", "decltype", "alignas",
                                         "noexcept", "static_assert"})) {
      return i;
    }
    i = CloseOf(head, i);
  }
  return std::string::npos;
}

}  // namespace

size_t CountParameters(const std::string& head) {
  const size_t open = ParametersOf(head);
  if (open == std::string::npos) return 0;
  return CountItems(head, open, CloseOf(head, open));
}

void CheckParameters(const std::string& path, const SourceText& source,
                     std::vector<Finding>* findings) {
  if (IsKernel(path)) return;
  for (const Head& head : FindHeads(source)) {
    const size_t count = CountParameters(head.text);
    if (count <= kParametersMax) continue;
    const size_t open = ParametersOf(head.text);
    const std::string name = NameBefore(head.text, open);
    // A member's definition has its declaration's parameters, and only that
    // says whether it overrides.
    if (Contains(name, "::")) continue;
    if (Contains(head.text.substr(CloseOf(head.text, open)), "override")) {
      continue;
    }
    findings->push_back({path, head.line, "parameters",
                         std::to_string(count) + " parameters of " + name +
                             ", 7 at most: a struct"});
  }
}

}  // namespace varve::tidy
