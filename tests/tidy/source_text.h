// A C++ source as the tidy rules see it: its lines as they are, and the same
// lines with comments and the contents of literals blanked out, so that a
// rule about code is not fooled by text. No preprocessing, no parsing.
#pragma once

#include <string>
#include <vector>

namespace varve::tidy {

struct SourceText {
  std::vector<std::string> lines;  // as in the file, without line ends
  // Same lengths as `lines`: comments, and what stands inside string and
  // character literals, are blanks. Quotation marks stay.
  std::vector<std::string> code;
  // Per line: whether it lies inside a literal at its start (raw strings).
  std::vector<bool> starts_in_literal;
  // Per line: first column that lies in a comment; npos when none does.
  std::vector<size_t> comment_column;
};

SourceText ReadSource(const std::string& text);

// Lines counted from 1, both ends included.
struct Function {
  std::string name;  // the first line of its head
  size_t first_line = 0;
  size_t last_line = 0;

  size_t line_count() const { return last_line - first_line + 1; }
};

// What stands before a ';' or a function's brace, outside of functions:
// declarations and heads of definitions, on one line, comments blanked out.
struct Head {
  std::string text;
  size_t line = 0;  // from 1
};

std::vector<Head> FindHeads(const SourceText& source);

// The outermost function bodies, with their heads. A brace opens a function
// when it stands neither in another nor behind a namespace, type, enum or
// initialiser: on code as clang-format leaves it no function is missed.
std::vector<Function> FindFunctions(const SourceText& source);

}  // namespace varve::tidy
