// A clock that a test sets: no test sleeps or depends on today's date.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "rocksdb/system_clock.h"

namespace varve {

// Thread-safe. Everything but the time of day is the system's.
class MockClock : public rocksdb::SystemClockWrapper {
 public:
  explicit MockClock(int64_t now_ms)
      : SystemClockWrapper(rocksdb::SystemClock::Default()), now_ms_(now_ms) {}

  static const char* kClassName() { return "VarveMockClock"; }
  const char* Name() const override { return kClassName(); }

  void SetMs(int64_t now_ms) { now_ms_ = now_ms; }
  // Called whenever somebody looks at the clock, in his thread. Set before
  // anybody does.
  void OnLook(std::function<void()> look) { look_ = std::move(look); }
  int64_t NowMs() const { return now_ms_; }

  uint64_t NowMicros() override {
    if (look_ != nullptr) look_();
    return static_cast<uint64_t>(now_ms_.load()) * 1000;
  }
  uint64_t NowNanos() override { return NowMicros() * 1000; }
  rocksdb::Status GetCurrentTime(int64_t* unix_time) override {
    *unix_time = now_ms_ / 1000;
    return rocksdb::Status::OK();
  }

 private:
  std::atomic<int64_t> now_ms_;
  std::function<void()> look_;
};

}  // namespace varve
