// Reads a subcommand's flags and file names and sets its gflags.
//
//   --name=value  --name value  --bool  --nobool  -name likewise
//   -             a file name: standard input
//   --            what follows are file names
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
                        std::vector<std::string>* files, std::string* error);

// Whether a flag was given, whatever its value.
bool IsGiven(const char* flag);

// "varve NAME ARGUMENTS", details, flags with defaults, example.
std::string CommandHelp(const Command& command);

}  // namespace varve::tools
