#include "tests/tidy/tidy_rules.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <utility>

#include "tests/tidy/include_rules.h"
#include "tests/tidy/parameter_rules.h"
#include "tests/tidy/source_text.h"
#include "tests/tidy/text_match.h"

namespace varve::tidy {
namespace {

// One file under inspection, and what was found in it.
class Checker {
 public:
  Checker(const std::string& path, const std::string& text)
      : path_(path), folder_(Folder(path)), text_(text) {}

  std::vector<Finding> Run() {
    CheckFileName();
    is_cpp_ = EndsWith(path_, ".h") || EndsWith(path_, ".cc");
    source_ = ReadSource(text_);
    CheckText();
    if (!is_cpp_) return std::move(findings_);
    CheckLengths();
    CheckPragmaOnce();
    CheckIncludes(path_, source_, &findings_);
    CheckParameters(path_, source_, &findings_);
    CheckPatterns();
    if (folder_ == "format") CheckDiskEnums();
    return std::move(findings_);
  }

 private:
  void Fail(size_t line, const char* rule, const std::string& message) {
    findings_.push_back({path_, line, rule, message, Severity::kFailure});
  }

  void CheckFileName();
  void CheckText();
  void CheckLineLength(size_t i);
  void CheckLengths();
  void CheckPragmaOnce();
  void CheckPatterns();
  void CheckDiskEnums();
  void CheckDiskEnum(size_t line, const std::string& body);

  const std::string path_;
  const std::string folder_;
  const std::string& text_;
  bool is_cpp_ = false;
  SourceText source_;
  std::vector<Finding> findings_;
};

void Checker::CheckFileName() {
  std::string word;
  for (const char c : path_ + "/") {
    if (isalnum(static_cast<unsigned char>(c))) {
      word += c;
      continue;
    }
    if (IsOneOf(word, {"util", "utils", "utility", "helper", "helpers",
                       "manager", "common", "misc"})) {
      Fail(0, "file_name", "'" + word + "' says nothing: name the noun");
    }
    word.clear();
  }
}

void Checker::CheckText() {
  // In two parts, so that these lines do not find themselves.
  static const std::regex kUnfinished(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X)\\b");
  const bool tabs_have_meaning = path_ == "Makefile" || path_ == "varve.mk";
  for (size_t i = 0; i < source_.lines.size(); ++i) {
    const std::string& line = source_.lines[i];
    if (!tabs_have_meaning && Contains(line, "\t")) {
      Fail(i + 1, "text", "a tab");
    }
    if (!line.empty() && isspace(static_cast<unsigned char>(line.back()))) {
      Fail(i + 1, "text", "a blank at the line's end");
    }
    if (std::regex_search(line, kUnfinished)) {
      Fail(i + 1, "text", "something left to do");
    }
    if (is_cpp_) CheckLineLength(i);
  }
  if (!text_.empty() && text_.back() != '\n') {
    Fail(source_.lines.size(), "text", "no line end at the end of the file");
  }
}

// Columns are counted in characters, not in bytes of UTF-8.
void Checker::CheckLineLength(size_t i) {
  const std::string& line = source_.lines[i];
  const std::string& code = source_.code[i];
  const auto columns =
      static_cast<size_t>(std::count_if(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
      }));
  if (columns <= kColumnsMax || source_.starts_in_literal[i]) return;
  if (Contains(line, "://") || StartsWith(line, "#include")) return;
  // A literal that ends beyond the margin cannot be broken by clang-format.
  const size_t quote = code.rfind('"');
  if (quote != std::string::npos && quote + 1 >= kColumnsMax) return;
  if (Contains(code, "R\"")) return;
  Fail(i + 1, "text", "longer than 80 columns");
}

void Checker::CheckLengths() {
  const size_t count = source_.lines.size();
  const std::string lines = std::to_string(count) + " lines";
  if (count > kFileLinesMax) {
    Fail(0, "file_length", lines + ", 700 at most");
  } else if (count > kFileLinesWarn) {
    findings_.push_back(
        {path_, 0, "file_length", lines + ", 400 at best", Severity::kWarning});
  }
  for (const Function& function : FindFunctions(source_)) {
    if (function.line_count() <= kFunctionLinesMax) continue;
    Fail(function.first_line, "function",
         std::to_string(function.line_count()) +
             " lines, 70 at most: " + function.name);
  }
}

void Checker::CheckPragmaOnce() {
  if (!EndsWith(path_, ".h")) return;
  for (const std::string& line : source_.code) {
    if (line == "#pragma once") return;
  }
  Fail(0, "pragma_once", "no '#pragma once'");
}

struct Pattern {
  const char* rule;
  std::regex code;
  const char* message;
};

void Checker::CheckPatterns() {
  static const Pattern kTimeless[] = {
      {"clock",
       std::regex("\\b(sleep_for|sleep_until|usleep|nanosleep|sleep|"
                  "SleepForMicroseconds)\\s*\\("),
       "sleeps: wait for the event, or move an injected clock"},
      {"clock",
       std::regex("\\b(system_clock|high_resolution_clock)::now\\b|"
                  "\\btime\\s*\\(\\s*(nullptr|NULL|0)?\\s*\\)|"
                  "\\bgettimeofday\\b|\\bCLOCK_REALTIME\\b"),
       "reads the wall clock: use an injected clock"},
  };
  static const Pattern kNoExceptions[] = {
      {"exceptions", std::regex("\\bthrow\\b"), "throws: return a Status"},
      {"exceptions", std::regex("\\b(dynamic_cast|typeid)\\b"),
       "needs RTTI, which a RocksDB release build has not"},
  };
  static const Pattern kDisabled = {"disabled", std::regex("\\bDISABLED_"),
                                    "a test that is switched off"};
  static const Pattern kNumbers = {
      "version", std::regex("\\bROCKSDB_(MAJOR|MINOR|PATCH)\\b"),
      "asks for RocksDB's number: plugin/host/version.h has the facts"};
  static const Pattern kVersions = {
      "version", std::regex("\\bVARVE_ROCKSDB_(AT_LEAST|IS)\\b"),
      "what differs between versions of RocksDB belongs to plugin/host"};
  static const std::regex kRandomDevice("\\brandom_device\\b");

  const bool timeless = InLibrary(path_) || folder_ == "tests";
  auto apply = [this](const Pattern& pattern, size_t i) {
    if (std::regex_search(source_.code[i], pattern.code)) {
      Fail(i + 1, pattern.rule, pattern.message);
    }
  };
  for (size_t i = 0; i < source_.code.size(); ++i) {
    if (timeless) {
      for (const Pattern& pattern : kTimeless) apply(pattern, i);
      if (std::regex_search(source_.code[i], kRandomDevice) &&
          !std::regex_search(text_, std::regex("\"[^\"\n]*\\bseed\\b"))) {
        Fail(i + 1, "clock", "random_device, and the seed is not printed");
      }
    }
    if (InLibrary(path_)) {
      for (const Pattern& pattern : kNoExceptions) apply(pattern, i);
    }
    if (folder_ == "tests") apply(kDisabled, i);
    if (StartsWith(path_, "plugin/host/") || folder_ == "cmake") continue;
    apply(kNumbers, i);
    if (folder_ != "tests") apply(kVersions, i);
  }
}

void Checker::CheckDiskEnums() {
  static const std::regex kEnum("^\\s*enum\\b");
  for (size_t i = 0; i < source_.code.size(); ++i) {
    if (!std::regex_search(source_.code[i], kEnum)) continue;
    std::string body;
    for (size_t j = i; j < source_.code.size(); ++j) {
      body += source_.code[j] + " ";
      if (Contains(source_.code[j], "}")) break;
    }
    CheckDiskEnum(i, body);
  }
}

// `line` counts from 0 and holds the word enum.
void Checker::CheckDiskEnum(size_t line, const std::string& body) {
  const size_t open = body.find('{');
  const size_t close = body.find('}');
  if (open == std::string::npos || close == std::string::npos) return;
  size_t names = 0, numbers = 0;
  bool in_name = false;
  for (const char c : body.substr(open + 1, close - open - 1) + ",") {
    if (c == '=') ++numbers;
    if (c != ' ' && c != ',') in_name = true;
    if (c == ',' && std::exchange(in_name, false)) ++names;
  }
  if (numbers == 0) return;
  if (numbers != names) {
    Fail(line + 1, "disk_enum", "some numbers are explicit, some are not");
  }
  // The comment above, with nothing blank between, or one inside. Enums that
  // follow each other share one.
  size_t first = line;
  while (first > 0 && !source_.lines[first - 1].empty()) --first;
  std::string comment;
  for (size_t i = first; i < source_.lines.size(); ++i) {
    if (source_.comment_column[i] != std::string::npos) {
      comment += source_.lines[i].substr(source_.comment_column[i]);
    }
    if (i >= line && Contains(source_.code[i], "}")) break;
  }
  if (!std::regex_search(comment, std::regex("[Nn]ever\\W+change"))) {
    Fail(line + 1, "disk_enum",
         "numbers on disk: say that they 'never change'");
  }
}

}  // namespace

std::vector<Finding> CheckFile(const std::string& path,
                               const std::string& text) {
  return Checker(path, text).Run();
}

}  // namespace varve::tidy
