// See job_counters.h.
#include "compaction/job_counters.h"

#include <utility>

namespace varve {
namespace {

thread_local std::shared_ptr<AtomicCounters> current;

}  // namespace

void JobCounters::Enter(std::shared_ptr<AtomicCounters> job) {
  current = std::move(job);
}

bool JobCounters::Entered() { return current != nullptr; }

void JobCounters::Add(const Counters& counters) {
  if (current != nullptr) current->Add(counters);
}

}  // namespace varve
