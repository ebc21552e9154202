// What ldb is let do: see stock_tool_guard.h.
//
// ldb loads a database's OPTIONS unless a flag keeps it from that, takes what
// it cannot load for absent, puts string append in the place of an absent
// merge operator, lays its flags over what it has loaded, and writes all of
// that into a new OPTIONS file when it opens for writing. So flags that change
// options are not let through, and commands that write are where the OPTIONS
// are sound.
#pragma once

#include <string>
#include <vector>

#include "tools/stock_tool_guard.h"

namespace varve::tools {

enum class LdbAccess {
  kReads,   // opens read-only, or no database
  kWrites,  // opens for writing, and changes what it names
};

// One of ldb's commands, or one of its flags without the hyphens; a flag that
// reads goes with commands that read only.
struct LdbWord {
  const char* name;
  LdbAccess access;
};

// Those of RocksDB 7.8.3 to 11.8.1 that are let through.
const std::vector<LdbWord>& LdbCommands();
const std::vector<LdbWord>& LdbFlags();

std::string RefusalOfLdb(const std::vector<std::string>& words,
                         const Acknowledged& acknowledged);

}  // namespace varve::tools
