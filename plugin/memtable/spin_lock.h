// A lock of one byte, for what is held for nanoseconds and hardly ever
// contended.
#pragma once

#include <atomic>
#include <thread>

namespace varve::memtable {

class SpinLock {
 public:
  void lock() {
    int tries = 0;
    while (taken_.exchange(true, std::memory_order_acquire)) {
      while (taken_.load(std::memory_order_relaxed)) {
        if (++tries % kTriesBetweenYields == 0) std::this_thread::yield();
      }
    }
  }
  void unlock() { taken_.store(false, std::memory_order_release); }

 private:
  static constexpr int kTriesBetweenYields = 64;

  std::atomic<bool> taken_{false};
};

}  // namespace varve::memtable
