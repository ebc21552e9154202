// See flush_mark.h.
#include "compaction/flush_mark.h"

namespace varve {
namespace {

thread_local uint64_t flushes_begun = 0;

}  // namespace

FlushMark FlushMark::Now() { return {&flushes_begun, flushes_begun}; }

void FlushMark::Begin() { ++flushes_begun; }

}  // namespace varve
