// varve: the command line of Varve's databases. See "varve help".
#include <cstdio>
#include <string>
#include <vector>

#include "rocksdb/version.h"
#include "tools/command.h"
#include "tools/command_line.h"
#include "tools/standard_streams.h"

namespace varve::tools {
namespace {

int PrintVersion() {
  std::printf("varve %s, RocksDB %s\n", VARVE_VERSION,
              rocksdb::GetRocksVersionAsString(true).c_str());
  return kOk;
}

int Run(const Command& command, const std::vector<std::string>& words) {
  if (command.arguments == Arguments::kPassedOn &&
      (words.empty() || words[0] != "--help")) {
    return command.run(words);
  }
  std::vector<std::string> arguments;
  std::string error;
  switch (ParseCommandLine(command, words, &arguments, &error)) {
    case Parsed::kHelp:
      std::fputs(CommandHelp(command).c_str(), stdout);
      return kOk;
    case Parsed::kError:
      return FailUsage(command, error);
    case Parsed::kRun:
      break;
  }
  return command.run(arguments);
}

int Main(const std::vector<std::string>& words) {
  if (words.empty()) {
    return Fail(kUsage, "names no command; see 'varve help'");
  }
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  std::string name = words[0];
  if (name == "--version" || name == "-version" || name == "version") {
    return PrintVersion();
  }
  if (name == "--help" || name == "-help" || name == "-h") name = "help";
  const Command* const command = FindCommand(name);
  if (command != nullptr) return Run(*command, rest);
  return Fail(kUsage, "no command is named '" + name + "'; see 'varve help'");
}

}  // namespace
}  // namespace varve::tools

int main(int argc, char** argv) {
  varve::tools::OccupyClosedStreams();
  return varve::tools::FinishOutput(
      "varve",
      varve::tools::Main(std::vector<std::string>(argv + 1, argv + argc)));
}
