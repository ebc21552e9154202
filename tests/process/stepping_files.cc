// Stops a program before it uses a file, preloaded into it (LD_PRELOAD): at the
// VARVE_STEP_AT-th time that it opens or looks at a file or a directory below
// VARVE_STEP_DIR, or, without VARVE_STEP_AT, each time that the path holds
// VARVE_STEP_PATH. There it writes a byte to the descriptor VARVE_STEP_OUT and
// waits for one from VARVE_STEP_IN, so that another process does what it likes
// in between.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

namespace {

std::atomic<long> uses{0};

const char* Setting(const char* name) {
  const char* const value = getenv(name);
  return value == nullptr ? "" : value;
}

void Step(const char* path) {
  const char* const dir = Setting("VARVE_STEP_DIR");
  if (*dir == '\0' || strncmp(path, dir, strlen(dir)) != 0) return;
  const long at = atol(Setting("VARVE_STEP_AT"));
  const bool stops = at > 0
                         ? ++uses == at
                         : strstr(path, Setting("VARVE_STEP_PATH")) != nullptr;
  if (!stops) return;
  char byte = 'x';
  if (write(atoi(Setting("VARVE_STEP_OUT")), &byte, 1) != 1) abort();
  if (read(atoi(Setting("VARVE_STEP_IN")), &byte, 1) != 1) abort();
}

template <typename Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

mode_t ModeOf(int flags, va_list arguments) {
  return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
}

using Open = int (*)(const char*, int, ...);

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  Step(path);
  static const auto next = Next<Open>("open");
  return next(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  Step(path);
  static const auto next = Next<Open>("open64");
  return next(path, flags, mode);
}

DIR* opendir(const char* path) {
  Step(path);
  static const auto next = Next<DIR* (*)(const char*)>("opendir");
  return next(path);
}

int stat(const char* path, struct stat* attributes) {
  Step(path);
  static const auto next = Next<int (*)(const char*, struct stat*)>("stat");
  return next(path, attributes);
}

int stat64(const char* path, struct stat64* attributes) {
  Step(path);
  static const auto next = Next<int (*)(const char*, struct stat64*)>("stat64");
  return next(path, attributes);
}

int access(const char* path, int mode) {
  Step(path);
  static const auto next = Next<int (*)(const char*, int)>("access");
  return next(path, mode);
}

}  // extern "C"
#pragma GCC visibility pop
