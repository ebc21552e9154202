// See no_memory.h.
#include "tests/compaction/no_memory.h"

#include <cstdlib>
#include <new>

namespace {
thread_local bool memory_is_gone = false;
}  // namespace

void* operator new(size_t bytes) {
  void* const block = memory_is_gone ? nullptr : std::malloc(bytes);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }

namespace varve {

NoMemory::NoMemory() { memory_is_gone = true; }
NoMemory::~NoMemory() { memory_is_gone = false; }

}  // namespace varve
