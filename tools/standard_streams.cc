#include "tools/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace varve::tools {

void OccupyClosedStreams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) != -1) continue;
    // The lowest number that is free is given: this one. Opened for the other
    // direction, every use of it fails as one of a closed file does.
    const int flags = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (open("/dev/null", flags) != descriptor) _exit(kFailed);
  }
}

int FinishOutput(const char* program, int code) {
  const bool failed_before = std::ferror(stdout) != 0;
  errno = 0;
  const bool failed = std::fflush(stdout) != 0 || failed_before;
  if (!failed || code != kOk) return code;
  std::fprintf(stderr, "%s: standard output: %s\n", program,
               errno != 0 ? std::strerror(errno) : "it cannot be written");
  return kFailed;
}

}  // namespace varve::tools
