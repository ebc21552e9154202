// The list of subcommands: a new one is a line here and one in command.h.
#include "tools/command.h"

namespace varve::tools {

const std::vector<const Command*>& Commands() {
  static const std::vector<const Command*> commands = {
      &kImportCommand,  &kExportCommand, &kCompactCommand, &kPolicyCommand,
      &kOptionsCommand, &kStatsCommand,  &kPlanCommand,    &kVerifyCommand,
      &kDumpCommand,    &kRescueCommand, &kLdbCommand,     &kSstDumpCommand,
      &kDbBenchCommand, &kHelpCommand};
  return commands;
}

const Command* FindCommand(const std::string& name) {
  for (const Command* const command : Commands()) {
    if (name == command->name) return command;
  }
  return nullptr;
}

}  // namespace varve::tools
