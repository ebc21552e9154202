// Manual pages (troff, man macros) from the table of commands: varve(1) with
// the list, varve-COMMAND(1) for each. Pure but for the flags' descriptions.
#pragma once

#include <string>

#include "tools/command.h"

namespace varve::tools {

std::string OverviewPage();
std::string ManualPage(const Command& command);

}  // namespace varve::tools
