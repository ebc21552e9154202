// See write_gate.h.
#include "index/write_gate.h"

namespace varve {

void WriteGate::Enter() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return !closed_; });
  ++inside_;
}

void WriteGate::Leave() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (--inside_ == 0) changed_.notify_all();
}

void WriteGate::Close() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return !closed_; });
  closed_ = true;
  changed_.wait(lock, [&] { return inside_ == 0; });
}

void WriteGate::Open() {
  std::lock_guard<std::mutex> lock(mutex_);
  closed_ = false;
  changed_.notify_all();
}

}  // namespace varve
