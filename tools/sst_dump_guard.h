// What sst_dump is let do: see stock_tool_guard.h. It opens no database and
// changes no file of one (--command=raw writes a text beside each).
#pragma once

#include <string>
#include <vector>

#include "tools/stock_tool_guard.h"

namespace varve::tools {

// Of RocksDB 7.8.3. Flags that take a value end in '='.
const std::vector<std::string>& SstDumpFlags();
const std::vector<std::string>& SstDumpCommands();

std::string RefusalOfSstDump(const std::vector<std::string>& words,
                             const Acknowledged& acknowledged);

}  // namespace varve::tools
