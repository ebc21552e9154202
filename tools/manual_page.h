// Manual pages (troff, man macros) from the table of commands: varve(1) with
// the list, varve-COMMAND(1) for each, varve_bench(1). Pure but for the flags'
// descriptions.
#pragma once

#include <string>
#include <vector>

#include "tools/command.h"

namespace varve::tools {

std::string OverviewPage(const std::vector<const Command*>& commands);
std::string ManualPage(const Command& command);  // of `varve COMMAND`
// Of a program of its own.
std::string ProgramPage(const Command& program);

}  // namespace varve::tools
