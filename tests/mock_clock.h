// A clock that a test sets: no test sleeps or depends on today's date.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "rocksdb/system_clock.h"

namespace varve {

// Thread-safe. Beside the time of day, which is set, there is the time that has
// passed (NowNanos); all else is the system's.
class MockClock : public rocksdb::SystemClockWrapper {
 public:
  explicit MockClock(int64_t now_ms)
      : SystemClockWrapper(rocksdb::SystemClock::Default()), now_ms_(now_ms) {}

  static const char* kClassName() { return "VarveMockClock"; }
  const char* Name() const override { return kClassName(); }

  // Sets the time of day; no time passes.
  void SetMs(int64_t now_ms) { now_ms_ = now_ms; }
  // Time passes, and the time of day with it.
  void PassMs(int64_t ms) {
    now_ms_ += ms;
    passed_ms_ += ms;
  }
  // Called whenever somebody looks at the clock, in his thread. Set before
  // anybody does.
  void OnLook(std::function<void()> look) { look_ = std::move(look); }
  int64_t NowMs() const { return now_ms_; }

  uint64_t NowMicros() override {
    if (look_ != nullptr) look_();
    return static_cast<uint64_t>(now_ms_.load()) * 1000;
  }
  uint64_t NowNanos() override {
    return static_cast<uint64_t>(passed_ms_.load()) * 1000000;
  }
  rocksdb::Status GetCurrentTime(int64_t* unix_time) override {
    *unix_time = now_ms_ / 1000;
    return rocksdb::Status::OK();
  }

 private:
  std::atomic<int64_t> now_ms_;
  std::atomic<int64_t> passed_ms_{0};
  std::function<void()> look_;
};

}  // namespace varve
