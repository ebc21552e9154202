// What db_bench is let do: see stock_tool_guard.h. It destroys the database in
// --db before it starts, unless it is told to use it, and then opens it with
// options of its own. So a directory that holds samples is only read, and all
// else that it may touch are directories below --db.
#pragma once

#include <string>
#include <vector>

#include "tools/stock_tool_guard.h"

namespace varve::tools {

std::string RefusalOfDbBench(const std::vector<std::string>& words,
                             const Acknowledged& acknowledged);

}  // namespace varve::tools
