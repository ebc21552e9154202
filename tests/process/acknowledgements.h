// What a child process that is about to be killed says it has done.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <stdexcept>

namespace varve {

// Numbers off a pipe.
class Acknowledgements {
 public:
  Acknowledgements() {
    if (pipe2(ends_, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  }
  ~Acknowledgements() {
    close(ends_[0]);
    CloseWriteEnd();
  }
  int write_end() const { return ends_[1]; }
  void CloseWriteEnd() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }

  // False once the writer is gone. A number is written whole or not at all.
  bool Next(int64_t* batch) {
    ssize_t got;
    do {
      got = read(ends_[0], batch, sizeof *batch);
    } while (got < 0 && errno == EINTR);
    return got == sizeof *batch;
  }

 private:
  int ends_[2] = {-1, -1};
};

}  // namespace varve
