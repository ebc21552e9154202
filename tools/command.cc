#include "tools/command.h"

#include <cstdio>

namespace varve::tools {

ExitCode Fail(ExitCode code, const std::string& message) {
  std::fprintf(stderr, "varve: %s\n", message.c_str());
  return code;
}

ExitCode Fail(const rocksdb::Status& status) {
  const bool is_plain = status.IsInvalidArgument() || status.IsNotFound() ||
                        status.IsBusy() || status.IsNotSupported();
  const char* const text = is_plain ? status.getState() : nullptr;
  return Fail(kFailed, text != nullptr ? text : status.ToString());
}

ExitCode FailUsage(const Command& command, const std::string& message) {
  return Fail(kUsage, std::string(command.name) + " " + message +
                          "; see 'varve " + command.name + " --help'");
}

}  // namespace varve::tools
