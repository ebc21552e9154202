#include "tests/format/row/allocation_meter.h"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

// Memory in use by this program's allocations, now and at most.
size_t live_bytes = 0;
size_t peak_bytes = 0;

void* Allocate(size_t bytes) {
  void* const p = std::malloc(bytes == 0 ? 1 : bytes);
  if (p == nullptr) std::abort();
  live_bytes += malloc_usable_size(p);
  if (live_bytes > peak_bytes) peak_bytes = live_bytes;
  return p;
}

void Free(void* p) {
  if (p == nullptr) return;
  live_bytes -= malloc_usable_size(p);
  std::free(p);
}

}  // namespace

void* operator new(size_t bytes) { return Allocate(bytes); }
void* operator new[](size_t bytes) { return Allocate(bytes); }
void operator delete(void* p) noexcept { Free(p); }
void operator delete[](void* p) noexcept { Free(p); }
void operator delete(void* p, size_t) noexcept { Free(p); }
void operator delete[](void* p, size_t) noexcept { Free(p); }

namespace varve {

AllocationMeter::AllocationMeter() : start_bytes_(live_bytes) {
  peak_bytes = live_bytes;
}

size_t AllocationMeter::most_bytes() const { return peak_bytes - start_bytes_; }

}  // namespace varve
