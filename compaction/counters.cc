// See counters.h.
#include "varve/counters.h"

namespace varve {

void Counters::Add(const Counters& other) {
#define VARVE_COUNTER_FIELD(name) name += other.name;
  VARVE_COUNTERS(VARVE_COUNTER_FIELD)
#undef VARVE_COUNTER_FIELD
}

bool Counters::empty() const {
#define VARVE_COUNTER_FIELD(name) \
  if (name != 0) return false;
  VARVE_COUNTERS(VARVE_COUNTER_FIELD)
#undef VARVE_COUNTER_FIELD
  return true;
}

std::string Counters::ToString() const {
  std::string text;
#define VARVE_COUNTER_FIELD(name)             \
  if (name != 0) {                            \
    text += (text.empty() ? "" : " ");        \
    text += #name "=" + std::to_string(name); \
  }
  VARVE_COUNTERS(VARVE_COUNTER_FIELD)
#undef VARVE_COUNTER_FIELD
  return text;
}

void AtomicCounters::Add(const Counters& counters) {
#define VARVE_COUNTER_FIELD(name)                                \
  if (counters.name != 0) {                                      \
    name##_.fetch_add(counters.name, std::memory_order_relaxed); \
  }
  VARVE_COUNTERS(VARVE_COUNTER_FIELD)
#undef VARVE_COUNTER_FIELD
}

Counters AtomicCounters::Read() const {
  Counters counters;
#define VARVE_COUNTER_FIELD(name) \
  counters.name = name##_.load(std::memory_order_relaxed);
  VARVE_COUNTERS(VARVE_COUNTER_FIELD)
#undef VARVE_COUNTER_FIELD
  return counters;
}

}  // namespace varve
