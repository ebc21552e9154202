#include "tools/command.h"

#include <algorithm>
#include <cstdio>

namespace varve::tools {
namespace {

// A message may quote what came from elsewhere: the report stays one line, and
// a terminal takes no orders from it.
std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

}  // namespace

const char kExitCodesText[] =
    "0 done; 1 something is wrong with the data or the database;\n"
    "2 with the command line. ldb, sst_dump and db_bench have their own.\n";

ExitCode Fail(ExitCode code, const std::string& message) {
  std::fprintf(stderr, "varve: %s\n", OneLine(message).c_str());
  return code;
}

ExitCode Fail(const rocksdb::Status& status) {
  const bool is_plain = status.IsInvalidArgument() || status.IsNotFound() ||
                        status.IsBusy() || status.IsNotSupported();
  const char* const text = is_plain ? status.getState() : nullptr;
  const char* const advice =
      status.IsNoSpace() ? "; make room on that disk and run the command again"
                         : "";
  return Fail(kFailed, (text != nullptr ? text : status.ToString()) + advice);
}

ExitCode FailUsage(const Command& command, const std::string& message) {
  return Fail(kUsage, std::string(command.name) + " " + message +
                          "; see 'varve " + command.name + " --help'");
}

ExitCode FailPolicy(const rocksdb::Status& status) {
  return Fail(kUsage,
              std::string(status.getState()) + "; see 'varve policy --help'");
}

}  // namespace varve::tools
