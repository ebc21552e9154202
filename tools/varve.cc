// varve: the command line of Varve's databases. See "varve help".
#include <cstdio>
#include <string>
#include <vector>

#include "rocksdb/version.h"
#include "tools/command.h"
#include "tools/command_line.h"

namespace varve::tools {
namespace {

const std::vector<const Command*>& Commands() {
  static const std::vector<const Command*> commands = {
      &kImportCommand, &kExportCommand, &kCompactCommand};
  return commands;
}

const Command* FindCommand(const std::string& name) {
  for (const Command* command : Commands()) {
    if (name == command->name) return command;
  }
  return nullptr;
}

void PrintHelp(FILE* out) {
  std::fprintf(out,
               "varve: time series in RocksDB\n\n"
               "  varve COMMAND --help   what a command does, its flags, an "
               "example\n\n");
  for (const Command* command : Commands()) {
    std::fprintf(out, "  varve %-8s  %s\n", command->name, command->summary);
  }
  std::fprintf(out,
               "  varve help      this list\n"
               "  varve --version\n\n"
               "Exit codes: 0 done; 1 something is wrong with the data or the "
               "database;\n2 with the command line.\n");
}

ExitCode PrintVersion() {
  std::printf("varve %s, RocksDB %s\n", VARVE_VERSION,
              rocksdb::GetRocksVersionAsString(true).c_str());
  return kOk;
}

ExitCode PrintCommandHelp(const Command& command) {
  std::fputs(CommandHelp(command).c_str(), stdout);
  return kOk;
}

ExitCode FailUnknown(const std::string& name) {
  return Fail(kUsage, "no command is named '" + name + "'; see 'varve help'");
}

// "varve help [COMMAND]".
ExitCode Help(const std::vector<std::string>& words) {
  if (words.empty()) {
    PrintHelp(stdout);
    return kOk;
  }
  const Command* const command = FindCommand(words[0]);
  return command == nullptr ? FailUnknown(words[0])
                            : PrintCommandHelp(*command);
}

ExitCode Run(const Command& command, const std::vector<std::string>& words) {
  std::vector<std::string> files;
  std::string error;
  switch (ParseCommandLine(command, words, &files, &error)) {
    case Parsed::kHelp:
      return PrintCommandHelp(command);
    case Parsed::kError:
      return FailUsage(command, error);
    case Parsed::kRun:
      break;
  }
  return command.run(files);
}

ExitCode Main(const std::vector<std::string>& words) {
  if (words.empty()) {
    PrintHelp(stderr);
    return kUsage;
  }
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  const std::string& name = words[0];
  if (name == "help" || name == "--help" || name == "-h") return Help(rest);
  if (name == "--version" || name == "version") return PrintVersion();
  const Command* const command = FindCommand(name);
  return command == nullptr ? FailUnknown(name) : Run(*command, rest);
}

}  // namespace
}  // namespace varve::tools

int main(int argc, char** argv) {
  return varve::tools::Main(std::vector<std::string>(argv + 1, argv + argc));
}
