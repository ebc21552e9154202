// varve help: what the table of commands says, as text for a terminal, as
// manual pages and as shell completion.
#include <gflags/gflags.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "rocksdb/status.h"
#include "tools/bash_completion.h"
#include "tools/command.h"
#include "tools/command_line.h"
#include "tools/manual_page.h"

DEFINE_bool(man, false, "Print the manual page (troff) instead");
DEFINE_bool(bash, false, "Print the completion script for bash instead");

DEFINE_string(write_to, "",
              "Write all manual pages and the completion script (varve.bash) "
              "to this directory instead");

namespace varve::tools {
namespace {

using rocksdb::Status;

std::string ListOfCommands() {
  std::string text =
      "varve: time series in RocksDB\n\n"
      "  varve COMMAND --help   what a command does, its flags, an example\n\n";
  for (const Command* const command : Commands()) {
    std::string line = std::string("  varve ") + command->name;
    line.resize(20, ' ');
    text += line + command->summary + "\n";
  }
  return text + "  varve --version\n\nExit codes: " + kExitCodesText;
}

Status WriteFile(const std::string& name, const std::string& text) {
  const std::string path = FLAGS_write_to + "/" + name;
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return file ? Status::OK() : Status::IOError("cannot write " + path);
}

Status WriteAll() {
  Status status = WriteFile("varve.bash", BashCompletion());
  if (status.ok()) status = WriteFile("varve.1", OverviewPage(Commands()));
  for (const Command* const command : Commands()) {
    if (!status.ok()) return status;
    status = WriteFile("varve-" + std::string(command->name) + ".1",
                       ManualPage(*command));
  }
  return status;
}

int RunHelp(const std::vector<std::string>& words) {
  const Command* command = nullptr;
  if (!words.empty()) {
    command = FindCommand(words[0]);
    if (command == nullptr) {
      return FailUsage(kHelpCommand,
                       "knows no command named '" + words[0] + "'");
    }
  }
  if (!FLAGS_write_to.empty()) {
    const Status status = WriteAll();
    return status.ok() ? kOk : Fail(status);
  }
  std::string text;
  if (FLAGS_bash) {
    text = BashCompletion();
  } else if (FLAGS_man) {
    text = command == nullptr ? OverviewPage(Commands()) : ManualPage(*command);
  } else {
    text = command == nullptr ? ListOfCommands() : CommandHelp(*command);
  }
  std::fputs(text.c_str(), stdout);
  return kOk;
}

}  // namespace

const Command kHelpCommand = {
    "help",
    "[COMMAND] [--man|--bash]",
    "this list, a command's help, manual page, completion",
    "Without COMMAND lists all commands. The build makes the manual pages and\n"
    "the completion script with it, and installs them.",
    "  varve help import\n"
    "  varve help import --man | man -l -\n"
    "  source <(varve help --bash)\n",
    {"man", "bash", "write_to"},
    Arguments::kWord,
    RunHelp,
};

}  // namespace varve::tools
