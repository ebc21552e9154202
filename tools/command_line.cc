#include "tools/command_line.h"

#include <gflags/gflags.h>

#include <algorithm>
#include <cstdint>

namespace varve::tools {
namespace {

gflags::CommandLineFlagInfo FlagInfo(const std::string& name) {
  return gflags::GetCommandLineFlagInfoOrDie(name.c_str());
}

bool Takes(const Command& command, const std::string& flag) {
  return std::any_of(command.flags.begin(), command.flags.end(),
                     [&](const char* name) { return flag == name; });
}

bool IsBool(const std::string& flag) { return FlagInfo(flag).type == "bool"; }

std::string TypeWords(const std::string& type) {
  if (type == "bool") return "true or false";
  if (type == "string") return "a text";
  if (type == "double") return "a number";
  return "a whole number";
}

// One flag's name and value, taken apart.
struct FlagWord {
  std::string name;
  std::string value;
  bool has_value = false;

  explicit FlagWord(const std::string& word) {
    const size_t begin = word.compare(0, 2, "--") == 0 ? 2 : 1;
    const size_t equals = word.find('=');
    has_value = equals != std::string::npos;
    name = word.substr(begin, has_value ? equals - begin : equals);
    if (has_value) value = word.substr(equals + 1);
    // gflags takes either, as getopt's users write them.
    std::replace(name.begin(), name.end(), '-', '_');
  }
};

bool IsNegatedBool(const Command& command, const FlagWord& word) {
  if (word.has_value || word.name.compare(0, 2, "no") != 0) return false;
  const std::string flag = word.name.substr(2);
  return Takes(command, flag) && IsBool(flag);
}

// Sets the flag in words[*i], moving *i on where its value is the next word.
bool SetFlag(const Command& command, const std::vector<std::string>& words,
             size_t* i, std::string* error) {
  FlagWord word(words[*i]);
  if (IsNegatedBool(command, word)) {
    word.name.erase(0, 2);
    word.value = "false";
  } else if (!Takes(command, word.name)) {
    *error = "no flag is named --" + word.name;
    return false;
  } else if (!word.has_value) {
    if (IsBool(word.name)) {
      word.value = "true";
    } else if (*i + 1 < words.size()) {
      word.value = words[++*i];
    } else {
      *error = "--" + word.name + " needs a value";
      return false;
    }
  }
  if (gflags::SetCommandLineOption(word.name.c_str(), word.value.c_str())
          .empty()) {
    *error = "--" + word.name + "=" + word.value + ": the value is " +
             TypeWords(FlagInfo(word.name).type);
    return false;
  }
  return true;
}

// Breaks a paragraph into indented lines that fit a page.
std::string Wrapped(const std::string& text) {
  constexpr size_t kColumns = 78;
  const std::string indent(6, ' ');
  std::string lines = indent;
  size_t column = indent.size();
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    if (column + end - begin > kColumns) {
      lines.back() = '\n';
      lines += indent;
      column = indent.size();
    }
    lines.append(text, begin, end - begin).push_back(' ');
    column += end - begin + 1;
    begin = end + 1;
  }
  lines.back() = '\n';
  return lines;
}

}  // namespace

Parsed ParseCommandLine(const Command& command,
                        const std::vector<std::string>& words,
                        std::vector<std::string>* arguments,
                        std::string* error) {
  bool flags_end = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (flags_end || word == "-" || word.empty() || word[0] != '-') {
      arguments->push_back(word);
    } else if (word == "--") {
      flags_end = true;
    } else if (word == "--help" || word == "-help" || word == "-h") {
      return Parsed::kHelp;
    } else if (!SetFlag(command, words, &i, error)) {
      return Parsed::kError;
    }
  }
  size_t count_max = SIZE_MAX;
  if (command.arguments == Arguments::kNone) count_max = 0;
  if (command.arguments == Arguments::kWord) count_max = 1;
  if (arguments->size() > count_max) {
    *error = "does not know what to do with '" + (*arguments)[count_max] + "'";
    return Parsed::kError;
  }
  return Parsed::kRun;
}

bool IsGiven(const char* flag) { return !FlagInfo(flag).is_default; }

std::vector<FlagText> FlagTexts(const Command& command) {
  std::vector<FlagText> texts;
  for (const char* name : command.flags) {
    const gflags::CommandLineFlagInfo info = FlagInfo(name);
    texts.push_back(
        {info.name,
         TypeWords(info.type) +
             (info.default_value.empty() ? "" : "; " + info.default_value),
         info.description, info.type == "bool"});
  }
  return texts;
}

std::string FlagHelp(const FlagText& flag) {
  return "\n  --" + flag.name + "  (" + flag.value + ")\n" +
         Wrapped(flag.description);
}

std::string CommandHelp(const Command& command) {
  std::string help = std::string("varve ") + command.name + " " +
                     command.synopsis + "\n\n" + command.details + "\n";
  for (const FlagText& flag : FlagTexts(command)) help += FlagHelp(flag);
  if (command.json != nullptr) help += std::string("\nJSON:\n") + command.json;
  return help + "\nExample:\n" + command.example;
}

}  // namespace varve::tools
