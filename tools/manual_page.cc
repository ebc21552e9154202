#include "tools/manual_page.h"

#include <algorithm>
#include <cctype>

#include "tools/command_line.h"

namespace varve::tools {
namespace {

// Text as troff prints it: backslashes and hyphens as they are, and no line
// that looks like a request.
std::string Plain(const std::string& text) {
  std::string result;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
    line_start = c == '\n';
  }
  return result;
}

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string Title(const std::string& name, const std::string& summary) {
  return ".TH " + Upper(Plain(name)) + " 1 \"\" \"varve " + VARVE_VERSION +
         "\"\n.SH NAME\n" + Plain(name) + " \\- " + Plain(summary) + "\n";
}

std::string Verbatim(const std::string& text) {
  return ".nf\n" + Plain(text) + ".fi\n";
}

// Paragraphs are split by an empty line; one that is indented is a table.
std::string Paragraphs(const std::string& text) {
  std::string result;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find("\n\n", begin), text.size());
    const std::string paragraph = text.substr(begin, end - begin) + "\n";
    result += ".PP\n";
    result += paragraph[0] == ' ' ? Verbatim(paragraph) : Plain(paragraph);
    begin = end + 2;
  }
  return result;
}

std::string ExitStatus(const char* exit_codes) {
  return std::string(".SH EXIT STATUS\n") + Plain(exit_codes);
}

// `invocation` is what one types, before the synopsis.
std::string Page(const std::string& name, const std::string& invocation,
                 const Command& command) {
  std::string page = Title(name, command.summary) + ".SH SYNOPSIS\n.B " +
                     invocation + "\n" + Plain(command.synopsis) +
                     "\n.SH DESCRIPTION\n" + Paragraphs(command.details);
  if (!command.flags.empty()) page += ".SH OPTIONS\n";
  for (const FlagText& flag : FlagTexts(command)) {
    page += ".TP\n.B " + Plain("--" + flag.name) + "\n" +
            Plain(flag.description) + "\n(" + Plain(flag.value) + ")\n";
  }
  if (command.json != nullptr) page += ".SH JSON\n" + Verbatim(command.json);
  return page + ExitStatus(command.exit_codes) + ".SH EXAMPLE\n" +
         Verbatim(command.example);
}

}  // namespace

std::string OverviewPage(const std::vector<const Command*>& commands) {
  std::string page = Title("varve", "time series in RocksDB") +
                     ".SH SYNOPSIS\n.B varve\nCOMMAND ...\n.SH COMMANDS\n";
  for (const Command* const command : commands) {
    page += ".TP\n.BR " + Plain("varve-" + std::string(command->name)) +
            " (1)\n" + Plain(command->summary) + "\n";
  }
  return page + ExitStatus(kExitCodesText);
}

std::string ManualPage(const Command& command) {
  const std::string name = command.name;
  return Page("varve-" + name, "varve " + name, command) +
         ".SH SEE ALSO\n.BR varve (1)\n";
}

std::string ProgramPage(const Command& program) {
  return Page(program.name, program.name, program);
}

}  // namespace varve::tools
