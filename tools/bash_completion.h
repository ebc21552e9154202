// A completion script for bash from the table of commands.
#pragma once

#include <string>

namespace varve::tools {

std::string BashCompletion();

}  // namespace varve::tools
