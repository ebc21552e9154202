// A subcommand of varve, as data: the one source of what the command line is
// checked against, --help, the manual pages and shell completion. Flags are
// gflags; gflags are global, so each command names those that belong to it
// and all others are refused.
#pragma once

#include <string>
#include <vector>

#include "rocksdb/status.h"

namespace varve::tools {

// What the process exits with.
enum ExitCode : int {
  kOk = 0,
  kFailed = 1,  // the data or the database
  kUsage = 2,   // the command line
};

// What a command takes besides its flags.
enum class Arguments {
  kNone,
  kFiles,     // file names; '-' is standard input
  kWord,      // one word, or none
  kPassedOn,  // everything, unread: flags too
};

extern const char kExitCodesText[];  // of varve, as --help and the manual say

struct Command {
  const char* name;
  const char* synopsis;  // behind the name, as "--db=DIR FILE..."
  const char* summary;   // half a line, for "varve help"
  const char* details;   // paragraphs; lines of up to 78 columns
  const char* example;   // command lines, each with its line end
  std::vector<const char*> flags;
  Arguments arguments;
  int (*run)(const std::vector<std::string>& words);
  const char* json = nullptr;  // what --json prints: every field's name
  const char* exit_codes = kExitCodesText;
};

extern const Command kImportCommand;
extern const Command kExportCommand;
extern const Command kCompactCommand;
extern const Command kPolicyCommand;
extern const Command kOptionsCommand;
extern const Command kStatsCommand;
extern const Command kPlanCommand;
extern const Command kVerifyCommand;
extern const Command kRescueCommand;
extern const Command kDumpCommand;
extern const Command kLdbCommand;
extern const Command kSstDumpCommand;
extern const Command kDbBenchCommand;
extern const Command kHelpCommand;

// All of them, as "varve help" lists them.
const std::vector<const Command*>& Commands();

// nullptr: no command has that name.
const Command* FindCommand(const std::string& name);

// Prints "varve: message" and a line end to standard error. Of a Status that
// is the caller's fault, the code's name is left away.
ExitCode Fail(ExitCode code, const std::string& message);
ExitCode Fail(const rocksdb::Status& status);

// The same for a command line that `command` does not understand; points to
// its --help.
ExitCode FailUsage(const Command& command, const std::string& message);

// The same for the text of a policy, which 'varve policy --help' explains.
ExitCode FailPolicy(const rocksdb::Status& status);

}  // namespace varve::tools
