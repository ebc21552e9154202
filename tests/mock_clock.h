// A clock that a test sets: no test sleeps or depends on today's date.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

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
  int64_t NowMs() const { return now_ms_; }

  uint64_t NowMicros() override {
    return static_cast<uint64_t>(now_ms_.load()) * 1000;
  }
  uint64_t NowNanos() override { return NowMicros() * 1000; }
  rocksdb::Status GetCurrentTime(int64_t* unix_time) override {
    *unix_time = now_ms_ / 1000;
    return rocksdb::Status::OK();
  }

 private:
  std::atomic<int64_t> now_ms_;
};

}  // namespace varve
