// Reads a subcommand's flags and other arguments and sets its gflags.
//
//   --name=value  --name value  --bool  --nobool  -name likewise
//   -             an argument: standard input
//   --            what follows are arguments
#pragma once

#include <string>
#include <vector>

#include "tools/command.h"

namespace varve::tools {

enum class Parsed { kRun, kHelp, kError };

// `words` are those behind the subcommand's name. With kError *error says
// what is wrong.
Parsed ParseCommandLine(const Command& command,
                        const std::vector<std::string>& words,
                        std::vector<std::string>* arguments,
                        std::string* error);

// Whether a flag was given, whatever its value.
bool IsGiven(const char* flag);

// A flag of a command, for people.
struct FlagText {
  std::string name;
  std::string value;  // what it takes, and the default
  std::string description;
  bool is_bool;
};
std::vector<FlagText> FlagTexts(const Command& command);

// An empty line, the flag with its default, its description indented.
std::string FlagHelp(const FlagText& flag);

// "varve NAME SYNOPSIS", details, flags with defaults, example.
std::string CommandHelp(const Command& command);

}  // namespace varve::tools
