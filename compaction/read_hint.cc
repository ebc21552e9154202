// See read_hint.h.
#include "compaction/read_hint.h"

namespace varve {
namespace {

thread_local const ReadHint* current = nullptr;
thread_local uint64_t hints_made = 0;

}  // namespace

ReadHint::ReadHint(int64_t from_ms, int64_t to_ms, const RowShape* shape)
    : from_ms_(from_ms),
      to_ms_(to_ms),
      shape_(shape),
      number_(++hints_made),
      outer_(current) {
  current = this;
}

ReadHint::~ReadHint() { current = outer_; }

char* ReadHint::Keep(size_t bytes) const {
  kept_.emplace_back(new char[bytes]);
  return kept_.back().get();
}

const ReadHint* ReadHint::Current() { return current; }

}  // namespace varve
