// varve_bench's command line: its flags, their ranges, and --help. Flags that
// the RocksDB library brings along are refused and not listed.
#pragma once

#include <string>
#include <vector>

#include "bench/samples/layout.h"
#include "bench/samples/workloads.h"

namespace varve::bench {

enum class CommandLine { kRun, kPrint, kWrong };

// kRun: the options are read, and every value is one that can be run. kPrint:
// *text is what was asked for, as --help. kWrong: *text is what is wrong.
CommandLine ReadCommandLine(const std::vector<std::string>& words,
                            LayoutOptions* layout, WorkloadOptions* workload,
                            std::string* text);

// "a,b" as a and b.
std::vector<std::string> SplitList(const std::string& text);

}  // namespace varve::bench
