// A disk that becomes full, preloaded into a program (LD_PRELOAD): the
// VARVE_FULL_DISK_AT-th write below the directory VARVE_FULL_DISK_DIR, and
// those after it, end with ENOSPC; after VARVE_FULL_DISK_FOR of those, where it
// is given, there is space again. A write is what adds bytes to a file or a
// file to a directory. VARVE_FULL_DISK_COUNT names a file that gets the number
// of writes when the program ends.
//
// With VARVE_FULL_DISK_RECOVERY=SECONDS a recovery that RocksDB begins by
// itself meets the database's closing at the worst moment: the thread that has
// looked for free space goes on when the main thread waits. A program that has
// not ended after so many seconds is ended by SIGALRM.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <chrono>

namespace {

std::atomic<long> writes{0};
std::atomic<bool> is_full_now{false};

const char* Setting(const char* name) {
  const char* const value = getenv(name);
  return value == nullptr ? "" : value;
}

bool IsBelow(const char* path) {
  const char* const dir = Setting("VARVE_FULL_DISK_DIR");
  return *dir != '\0' && strncmp(path, dir, strlen(dir)) == 0;
}

bool IsBelow(int descriptor) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return false;
  path[size] = '\0';
  return IsBelow(path);
}

bool IsFull() {
  const long at = atol(Setting("VARVE_FULL_DISK_AT"));
  const long count = ++writes;
  const char* const many = Setting("VARVE_FULL_DISK_FOR");
  const bool full =
      at > 0 && count >= at && (*many == '\0' || count < at + atol(many));
  if (full) is_full_now = true;
  return full;
}

template <typename Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// ------------------------------------------- a recovery that meets the closing

std::atomic<bool> recovers{false};
std::atomic<bool> main_waits{false};
thread_local long locks = 0;
thread_local bool is_recovery = false;
bool forces_recovery = false;

bool IsMainThread() { return gettid() == getpid(); }

// Bounded, for where there is no recovery: no time decides what is right.
void YieldUntil(const std::atomic<bool>& event, int ms) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::milliseconds(ms);
  while (!event && Clock::now() < end) sched_yield();
}

struct AtTheBeginning {
  AtTheBeginning() {
    const char* const seconds = Setting("VARVE_FULL_DISK_RECOVERY");
    forces_recovery = *seconds != '\0';
    if (forces_recovery) alarm(static_cast<unsigned>(atol(seconds)));
  }
} at_the_beginning;

struct AtTheEnd {
  ~AtTheEnd() {
    const char* const path = Setting("VARVE_FULL_DISK_COUNT");
    if (*path == '\0') return;
    FILE* const file = fopen(path, "w");
    if (file == nullptr) return;
    fprintf(file, "%ld\n", writes.load());
    fclose(file);
  }
} at_the_end;

int OpenAt(const char* name, int directory, const char* path, int flags,
           mode_t mode) {
  const bool creates = (flags & O_CREAT) != 0 && access(path, F_OK) != 0;
  if (creates && IsBelow(path) && IsFull()) {
    errno = ENOSPC;
    return -1;
  }
  using Open = int (*)(int, const char*, int, ...);
  return Next<Open>(name)(directory, path, flags, mode);
}

mode_t ModeOf(int flags, va_list arguments) {
  return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

ssize_t write(int descriptor, const void* bytes, size_t size) {
  if (IsBelow(descriptor) && IsFull()) {
    errno = ENOSPC;
    return -1;
  }
  using Write = ssize_t (*)(int, const void*, size_t);
  static const auto next = Next<Write>("write");
  return next(descriptor, bytes, size);
}

ssize_t writev(int descriptor, const struct iovec* pieces, int count) {
  if (IsBelow(descriptor) && IsFull()) {
    errno = ENOSPC;
    return -1;
  }
  using Write = ssize_t (*)(int, const struct iovec*, int);
  static const auto next = Next<Write>("writev");
  return next(descriptor, pieces, count);
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t at) {
  if (IsBelow(descriptor) && IsFull()) {
    errno = ENOSPC;
    return -1;
  }
  using Write = ssize_t (*)(int, const void*, size_t, off64_t);
  static const auto next = Next<Write>("pwrite64");
  return next(descriptor, bytes, size, at);
}

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t at) {
  return pwrite64(descriptor, bytes, size, at);
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return OpenAt("openat", AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return OpenAt("openat64", AT_FDCWD, path, flags, mode);
}

// RocksDB's Env::GetFreeSpace: the first that a recovery's thread does.
int statvfs(const char* path, struct statvfs* space) noexcept {
  if (forces_recovery && is_full_now && locks == 1) {
    is_recovery = true;
    recovers = true;
  }
  using Statvfs = int (*)(const char*, struct statvfs*);
  static const auto next = Next<Statvfs>("statvfs");
  return next(path, space);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                   void* (*run)(void*), void* argument) noexcept {
  using Create =
      int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto next = Next<Create>("pthread_create");
  const int error = next(thread, attributes, run, argument);
  if (forces_recovery && is_full_now && IsMainThread())
    YieldUntil(recovers, 20);
  return error;
}

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  ++locks;
  if (is_recovery) {
    is_recovery = false;
    YieldUntil(main_waits, 10000);
  }
  using Lock = int (*)(pthread_mutex_t*);
  static const auto next = Next<Lock>("pthread_mutex_lock");
  return next(mutex);
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  if (recovers && IsMainThread()) main_waits = true;
  using Wait = int (*)(pthread_cond_t*, pthread_mutex_t*);
  static const auto next = Next<Wait>("pthread_cond_wait");
  return next(condition, mutex);
}

}  // extern "C"
#pragma GCC visibility pop
