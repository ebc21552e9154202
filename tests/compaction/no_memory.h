// A thread without memory: no_memory.cc replaces the program's operators new
// and delete.
#pragma once

namespace varve {

// While it lives, operator new throws on this thread. One at a time.
class NoMemory {
 public:
  NoMemory();
  ~NoMemory();
  NoMemory(const NoMemory&) = delete;
  NoMemory& operator=(const NoMemory&) = delete;
};

}  // namespace varve
