// A subcommand of varve, as data: what --help prints and the command line is
// checked against. Flags are gflags; gflags are global, so each command names
// those that belong to it and all others are refused.
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

struct Command {
  const char* name;
  const char* arguments;  // behind the name, as "--db=DIR FILE..."
  const char* summary;    // half a line, for "varve help"
  const char* details;    // paragraphs for --help; lines of up to 78 columns
  const char* example;    // command lines, each with its line end
  std::vector<const char*> flags;
  bool takes_files;
  ExitCode (*run)(const std::vector<std::string>& files);
};

extern const Command kImportCommand;
extern const Command kExportCommand;
extern const Command kCompactCommand;

// Prints "varve: message" and a line end to standard error. Of a Status that
// is the caller's fault, the code's name is left away.
ExitCode Fail(ExitCode code, const std::string& message);
ExitCode Fail(const rocksdb::Status& status);

// The same for a command line that `command` does not understand; points to
// its --help.
ExitCode FailUsage(const Command& command, const std::string& message);

}  // namespace varve::tools
